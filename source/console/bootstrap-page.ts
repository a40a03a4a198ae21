import {desiredCluster, hostsOf} from '../bootstrap/desired-cluster.ts';
import {checksAndPlan} from '../bootstrap/look.ts';
import {checkLines, nothingToDo, planLines} from '../bootstrap/plan-text.ts';
import {surveyAll} from '../bootstrap/survey-all.ts';
import {noWishes} from '../bootstrap/wishes.ts';
import {good, type Outcome} from '../cluster/problem.ts';
import type {HostSnapshot, MonitorReading} from '../cluster/snapshot.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import type {OwnDocker} from '../docker/own-docker.ts';
import type {HostConnection} from '../ssh/host-connection.ts';

export type BootstrapSurroundings = {
  host(name: string): HostConnection | undefined;
  monitor: MonitorReading | undefined;
  hosts: readonly HostSnapshot[];
  now(): number;
};

/** Loaded when somebody asks. */
export type LookAtHosts = (
  configuration: ClusterConfiguration,
  surroundings: BootstrapSurroundings,
) => ReturnType<typeof bootstrapPage>;

/** What `pgaf bootstrap` would find and make now, as a page. Nothing is changed. */
export async function bootstrapPage(
  configuration: ClusterConfiguration,
  {host, monitor, hosts, now}: BootstrapSurroundings,
  ownDocker: Pick<OwnDocker, 'architectureOf'>,
): Promise<Outcome<{title: string; lines: readonly string[]}>> {
  const desired = desiredCluster(configuration);
  if (!desired.ok) return desired;
  const cluster = desired.value;
  const surveys = await surveyAll(cluster, configuration, host, ownDocker, now);
  const docker = new Map(configuration.hosts.map(each => [each.name, each.docker]));
  // Passwords that there are not yet are made when they are needed, and shown nowhere.
  const none = {monitorPassword: '', replicationPassword: '', applicationPassword: ''};
  const {checks, plan} = checksAndPlan(cluster, {surveys, monitor, hosts}, noWishes, docker, none);
  const next = checks.some(check => check.result === 'fail')
    ? '`pgaf bootstrap` refuses this while a check fails.'
    : plan.steps.length === 0
      ? nothingToDo(plan)
      : '`pgaf bootstrap` makes this, and asks before it does.';
  return good({
    title: `Bootstrap, as the hosts were at ${new Date(now()).toISOString().slice(11, 19)} UTC`,
    lines: [...checkLines(checks, hostsOf(cluster)), '', next, '', ...planLines(plan)],
  });
}
