import {bad, type Outcome, type Problem} from '../cluster/problem.ts';
import type {Container, HostLink} from '../cluster/snapshot.ts';
import type {ClusterConfiguration, HostConfiguration} from '../config/configuration.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import type {HostSettings} from '../ssh/host-settings.ts';
import type {ConnectionEdges} from './connection-edges.ts';

/** One thing that was tried: on which host, what, and how it went. `skipped`: what it needs had failed already. */
export type Trial = {host: string; what: string} & (
  | {result: 'ok'; remark: string}
  | {result: 'failed'; problem: Problem}
  | {result: 'skipped'; because: string}
);

/**
 * Tries everything that the configuration of a cluster names, all hosts at once: SSH, Docker, each container, psql in the node, the monitor's
 * database. `tried` is called at once for each; the result is the same in the order of the file. `close` ends the connections afterwards.
 */
export async function tryConnections(
  cluster: ClusterConfiguration,
  edges: ConnectionEdges,
  tried: (trial: Trial) => void = () => undefined,
): Promise<Trial[]> {
  const perHost = await Promise.all(cluster.hosts.map(host => tryHost(host, cluster, edges, tried)));
  return perHost.flat();
}

/** Waits until a connection is up, or the first attempt has failed. A person's time to answer a question does not count. */
export function firstLink(connection: HostConnection): Promise<Outcome<HostLink>> {
  const {promise, resolve} = Promise.withResolvers<Outcome<HostLink>>();
  const look = () => {
    const link = connection.link();
    if (link === undefined) return;
    resolve('value' in link ? {ok: true, value: link.value} : {ok: false, problem: link.error});
  };
  const unsubscribe = connection.subscribe(look);
  look();
  return promise.finally(unsubscribe);
}

/** `ubuntu@10.0.0.11:22 through admin@bastion`: who connects to where. */
export function destinationText({user, address, port, jump}: HostSettings): string {
  const place = (settings: {user: string; address: string; port: number}) =>
    `${settings.user}@${settings.address.includes(':') ? `[${settings.address}]` : settings.address}${settings.port === 22 ? '' : `:${settings.port}`}`;
  const through = jump.map(place).join(', ');
  return `${place({user, address, port})}${through === '' ? '' : ` through ${through}`}`;
}

async function tryHost(
  host: HostConfiguration,
  cluster: ClusterConfiguration,
  edges: ConnectionEdges,
  tried: (trial: Trial) => void,
): Promise<Trial[]> {
  const trials: Trial[] = [];
  const note = (trial: Trial) => {
    trials.push(trial);
    tried(trial);
  };
  const connection = edges.open(host.ssh);
  try {
    const link = await firstLink(connection);
    note(
      judge(host, `ssh ${destinationText(host.ssh)}`, link, ({roundTripMs}) =>
        roundTripMs === undefined ? 'connected' : `${Math.round(roundTripMs)} ms`,
      ),
    );
    if (link.ok) await tryDocker(host, cluster, edges, connection, note);
    else
      for (const what of ['docker', ...containersOf(host)])
        note({host: host.name, what, result: 'skipped', because: 'without ssh'});
  } finally {
    await connection.close();
  }
  return trials;
}

async function tryDocker(
  host: HostConfiguration,
  cluster: ClusterConfiguration,
  edges: ConnectionEdges,
  connection: HostConnection,
  note: (trial: Trial) => void,
): Promise<void> {
  const docker = host.docker.join(' ');
  const found = await edges.containers(connection, host.docker);
  note(judge(host, `${docker} ps`, found, list => (list.length === 1 ? '1 container' : `${list.length} containers`)));
  if (!found.ok) {
    for (const what of containersOf(host))
      note({host: host.name, what, result: 'skipped', because: `without ${docker}`});
  }
  const {node, monitor} = host;
  if (node !== undefined && found.ok && noteContainer(host, node.container, found.value, note)) {
    const reading = await edges.postgres(connection, host);
    note(
      judge(
        host,
        `psql in ${node.container}, port ${node.port}`,
        reading,
        ({inRecovery, timeline}) => `${inRecovery ? 'a standby' : 'a primary'}, timeline ${timeline}`,
      ),
    );
  }
  if (monitor === undefined) return;
  if (found.ok) noteContainer(host, monitor.container, found.value, note);
  // The monitor's database may answer even where Docker does not.
  const answer = await edges.monitor(connection, host, cluster.formation);
  note(
    judge(host, `monitor's database, port ${monitor.port}`, answer, ({reading: {version, nodes, formation}, port}) => {
      const count = nodes.length === 1 ? '1 node' : `${nodes.length === 0 ? 'no' : nodes.length} nodes`;
      const elsewhere =
        port === undefined || port === monitor.port
          ? ''
          : `, but on port ${port}: correct \`port\` of the monitor in the configuration`;
      return `pg_auto_failover ${version}, ${count} in formation ${formation.name}${nodes.length === 0 ? ' yet' : ''}${elsewhere}`;
    }),
  );
}

/** Notes whether a container is there; true when it runs. */
function noteContainer(
  host: HostConfiguration,
  name: string,
  all: readonly Container[],
  note: (trial: Trial) => void,
): boolean {
  const container = all.find(each => each.name === name);
  const outcome = containerOutcome(host, name, container, all);
  note(judge(host, `container ${name}`, outcome, ({state, image}) => `${state}, ${image}`));
  return outcome.ok;
}

function containerOutcome(
  host: HostConfiguration,
  name: string,
  container: Container | undefined,
  all: readonly Container[],
): Outcome<Container> {
  const docker = host.docker.join(' ');
  if (container === undefined) {
    const names = all.map(each => each.name).join(', ');
    return bad('container-missing', `there is no container ${name} on ${host.name}`, {
      remedy:
        names === ''
          ? `there are no containers at all; is this the right host, and \`${docker}\` the right daemon?`
          : `it has ${names}; correct the name in the configuration`,
    });
  }
  if (container.state === 'running') return {ok: true, value: container};
  const exit =
    container.exitCode === undefined || container.state !== 'exited' ? '' : ` with status ${container.exitCode}`;
  return bad('container-not-running', `${name} on ${host.name} is ${container.state}${exit}`, {
    remedy:
      container.state === 'paused'
        ? `${docker} unpause ${name}`
        : `look at \`${docker} logs ${name}\`, then \`${docker} start ${name}\``,
  });
}

function containersOf({node, monitor}: HostConfiguration): string[] {
  return [
    ...(node === undefined ? [] : [`container ${node.container}`]),
    ...(monitor === undefined ? [] : [`container ${monitor.container}`]),
  ];
}

function judge<T>(host: HostConfiguration, what: string, outcome: Outcome<T>, remark: (value: T) => string): Trial {
  return outcome.ok
    ? {host: host.name, what, result: 'ok', remark: remark(outcome.value)}
    : {host: host.name, what, result: 'failed', problem: outcome.problem};
}
