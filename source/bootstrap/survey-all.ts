import type {ClusterConfiguration} from '../config/configuration.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import {type DesiredCluster, hostsOf} from './desired-cluster.ts';
import type {HostSurvey} from './host-survey.ts';
import {notConnected, surveyHost} from './survey-host.ts';

/** Every host of a cluster, looked at at the same time. */
export function surveyAll(
  cluster: DesiredCluster,
  {hosts}: ClusterConfiguration,
  connectionTo: (host: string) => HostConnection | undefined,
  now: () => number,
): Promise<readonly HostSurvey[]> {
  const wanted = hostsOf(cluster);
  return Promise.all(
    hosts
      .filter(host => wanted.includes(host.name))
      .map(host => {
        const connection = connectionTo(host.name);
        return connection === undefined ? notConnected(host.name) : surveyHost(cluster, host, connection, now);
      }),
  );
}
