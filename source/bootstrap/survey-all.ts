import type {ClusterConfiguration} from '../config/configuration.ts';
import type {OwnDocker} from '../docker/own-docker.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import {askRegistry} from './ask-registry.ts';
import {type DesiredCluster, hostsOf} from './desired-cluster.ts';
import type {HostSurvey} from './host-survey.ts';
import {notConnected, surveyHost} from './survey-host.ts';

/**
 * Every host of a cluster, looked at at the same time. Where none has the image, each is asked whether it can pull it; where none is sure to,
 * the machine that pgaf runs on is asked whether it has it.
 */
export async function surveyAll(
  cluster: DesiredCluster,
  {hosts}: ClusterConfiguration,
  connectionTo: (host: string) => HostConnection | undefined,
  ownDocker: Pick<OwnDocker, 'architectureOf'>,
  now: () => number,
): Promise<readonly HostSurvey[]> {
  const wanted = hostsOf(cluster);
  const here = hosts.filter(host => wanted.includes(host.name));
  const surveys = await Promise.all(
    here.map(host => {
      const connection = connectionTo(host.name);
      return connection === undefined ? notConnected(host.name) : surveyHost(cluster, host, connection, now);
    }),
  );
  if (surveys.some(survey => survey.image !== undefined)) return surveys;
  const asked = await Promise.all(
    surveys.map(async survey => {
      const connection = connectionTo(survey.host);
      const host = here.find(({name}) => name === survey.host);
      if (connection === undefined || host === undefined || !('version' in (survey.docker ?? {}))) return survey;
      return {...survey, registry: await askRegistry(cluster.image, host, connection)};
    }),
  );
  if (asked.some(({registry}) => registry?.kind === 'has-it')) return asked;
  const ownImage = await ownDocker.architectureOf(cluster.image);
  return ownImage === undefined ? asked : asked.map(survey => ({...survey, ownImage}));
}
