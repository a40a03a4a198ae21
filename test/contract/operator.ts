import {errorText} from '../../source/cluster/problem.ts';
import {dockerExec} from '../../source/docker/docker.ts';
import {couldNotReadConfiguration, readingTries} from '../../source/docker/unread-configuration.ts';
import {connectMonitor, type MonitorConnection} from '../../source/monitor/connect.ts';
import {readingQuery} from '../../source/monitor/reading-query.ts';
import {askNobody} from '../../source/ssh/ask.ts';
import {type CommandResult, type HostConnection, openHost} from '../../source/ssh/host-connection.ts';
import {waitUntil} from '../lab/wait.ts';
import {byText} from './by-text.ts';
import type {Cluster} from './cluster.ts';

/** A row of a table of the monitor, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** Somebody who works on a cluster through the console's own edges. */
export type Operator = {
  host(name: string): HostConnection;
  /** Runs a command on a host, to its end. */
  run(host: string, argv: readonly string[], stdin?: string): Promise<CommandResult>;
  /** Runs a command in a container, to its end. */
  inContainer(container: string, argv: readonly string[], stdin?: string): Promise<CommandResult>;
  connectMonitor(): Promise<MonitorConnection>;
  /** The JSON of the console's reading query; undefined while the monitor does not answer. */
  reading(afterEvent?: number): Promise<Row | undefined>;
  /** The monitor's rows of the nodes, by name; `reported_at` is when each has reported, in milliseconds of the monitor's clock. */
  nodes(): Promise<readonly Row[]>;
  /** The monitor's clock. */
  time(): Promise<number>;
  events(afterEvent: number): Promise<readonly Row[]>;
  lastEvent(): Promise<number>;
  /** Waits until the monitor has told of the pair of states of a node, since an event. */
  waitForEvent(name: string, pair: string, after: number): Promise<void>;
  /** Waits until it is so. */
  waitFor(what: string, isSo: (nodes: readonly Row[]) => boolean): Promise<void>;
  close(): Promise<void>;
};

const deadlineMs = 120_000;

export function openOperator(cluster: Cluster): Operator {
  const clock = {now: Date.now, random: Math.random};
  const {formation, hosts: configured} = cluster.configuration;
  const hosts = new Map(configured.map(({name, ssh}) => [name, openHost(ssh, {ask: askNobody, ...clock})]));
  const [monitorHost] = configured.filter(each => each.monitor !== undefined);
  let connection: MonitorConnection | undefined;

  const host = (name: string) => {
    const found = hosts.get(name);
    if (found === undefined) throw new Error(`there is no host ${name}`);
    return found;
  };
  const connect = async () => {
    if (monitorHost?.monitor === undefined) throw new Error('no host has the monitor');
    const {monitor, ssh, name} = monitorHost;
    const place = {host: host(name), docker: ['docker'], address: ssh.address, ...monitor, formation, clock};
    const {password: _, ...options} = place;
    const connected = await connectMonitor(options, {readOnly: true, statementTimeoutMs: 5000});
    if (!connected.ok) throw new Error(connected.problem.message);
    return connected.value;
  };
  const run = async (name: string, argv: readonly string[], stdin?: string) => {
    const outcome = await host(name).run(argv, {deadlineMs, ...(stdin === undefined ? {} : {stdin})});
    if (!outcome.ok) throw new Error(`${argv.join(' ')} on ${name}: ${outcome.problem.message}`);
    return outcome.value;
  };
  const reading = async (afterEvent = 0) => {
    try {
      connection ??= await connect();
      const answer = await connection.client.query<{reading: Row}>(readingQuery, [formation, afterEvent]);
      return answer.rows[0]?.reading;
    } catch {
      await connection?.close();
      connection = undefined;
      return undefined;
    }
  };
  const until = async (what: string, isSo: () => Promise<boolean>) => {
    try {
      await waitUntil(what, Math.max(deadlineMs / cluster.speed, 20_000), isSo, 200 / cluster.speed);
    } catch (error) {
      const nodes = await operator.nodes();
      throw new Error(`${errorText(error)}; ${nodes.map(stateOf).join(', ')}`);
    }
  };
  const rows = (value: unknown): readonly Row[] => (Array.isArray(value) ? value : []);
  const operator: Operator = {
    host,
    run,
    async inContainer(container, argv, stdin) {
      const options = stdin === undefined ? {} : {interactive: true};
      for (let tried = 1; ; tried++) {
        const result = await run(hostOf(container), dockerExec(['docker'], container, argv, options), stdin);
        if (!couldNotReadConfiguration(result.exitCode, result.stderr) || tried === readingTries) return result;
      }
    },
    connectMonitor: connect,
    reading,
    async nodes() {
      const read = await reading();
      const at = Number(read?.server_time);
      return rows(read?.nodes)
        .map(row => ({...row, reported_at: at - Number(row.report_age) * 1000}))
        .toSorted((a, b) => byText(nameOf(a), nameOf(b)));
    },
    time: async () => Number((await reading())?.server_time),
    events: async after => rows((await reading(after))?.events),
    async lastEvent() {
      const last = (await reading())?.last_event;
      if (typeof last !== 'number') throw new Error('the monitor does not answer');
      return last;
    },
    waitForEvent: (name, pair, after) =>
      until(`${name} is ${pair}`, async () =>
        (await operator.events(after)).some(event => nameOf(event) === name && pairOf(event) === pair),
      ),
    waitFor: (what, isSo) => until(what, async () => isSo(await operator.nodes())),
    async close() {
      await connection?.close();
      await Promise.all([...hosts.values()].map(each => each.close()));
    },
  };
  return operator;
}

/** `pg_node1 primary/primary health 1` */
function stateOf(row: Row): string {
  return `${nameOf(row)} ${pairOf(row)} health ${String(row.health)}`;
}

export function nameOf(row: Row): string {
  return String(row.nodename);
}

/** `primary/draining`: the reported and the assigned state of a node or an event. */
export function pairOf(row: Row): string {
  return `${String(row.reportedstate)}/${String(row.goalstate)}`;
}

/** The host of a container. */
export function hostOf(container: string): string {
  return container === 'pg_monitor' ? 'vm3' : container.replace('pg_node', 'vm');
}
