import {bad, good, type Outcome} from '../cluster/problem.ts';
import {problemOf, type Sample} from '../cluster/sample.ts';
import type {Container, MonitorReading, PostgresReading} from '../cluster/snapshot.ts';
import type {HostConfiguration} from '../config/configuration.ts';
import {containers} from '../docker/docker.ts';
import {watchMonitor} from '../monitor/monitor.ts';
import {monitorPassword} from '../monitor/password.ts';
import {watchPostgres} from '../postgres/postgres.ts';
import type {Ask} from '../ssh/ask.ts';
import {type HostConnection, openHost} from '../ssh/host-connection.ts';
import type {HostSettings} from '../ssh/host-settings.ts';
import {type ContainerRole, containerRole} from './container-role.ts';

/** The ways to the outside that `config check` and `config init` try, each once; nothing throws. */
export type ConnectionEdges = {
  open(settings: HostSettings): HostConnection;
  containers(connection: HostConnection, docker: readonly string[]): Promise<Outcome<readonly Container[]>>;
  /** psql in the container of the host's node. */
  postgres(connection: HostConnection, host: HostConfiguration): Promise<Outcome<PostgresReading>>;
  /** What pg_autoctl in a container says it is; undefined: it does not say. */
  role(connection: HostConnection, docker: readonly string[], container: string): Promise<ContainerRole | undefined>;
  /** The monitor's database, and at which port it was found (pg_autoctl in its container knows better than the configuration). */
  monitor(connection: HostConnection, host: HostConfiguration, formation: string): Promise<Outcome<FoundMonitor>>;
};

export type FoundMonitor = {reading: MonitorReading; port: number | undefined};

const firstSampleMs = 15_000;

/** The real ones. `ask` answers what ssh wants to know. */
export function connectionEdges(ask: Ask): ConnectionEdges {
  const clock = {now: Date.now, random: Math.random};
  return {
    open: settings => openHost(settings, {ask, ...clock}),
    containers: (connection, docker) => containers(connection, docker),
    role: containerRole,
    postgres(connection, {node, docker}) {
      if (node === undefined) return Promise.resolve(bad('configuration', 'there is no node on this host'));
      return firstSample(`psql in ${node.container}`, listener =>
        watchPostgres({host: connection, docker, container: node.container, port: node.port, clock}, listener),
      );
    },
    async monitor(connection, {monitor, docker, ssh}, formation) {
      if (monitor === undefined) return bad('configuration', 'there is no monitor on this host');
      const {container, port, user, database, sslMode, password} = monitor;
      const options = {
        ...{host: connection, docker, address: ssh.address, container, port, formation, database, clock},
        ...(user === undefined ? {} : {user}),
        ...(sslMode === undefined ? {} : {sslMode}),
        ...(password === undefined ? {} : {password: monitorPassword(password)}),
      };
      let where = '';
      const reading = await firstSample<MonitorReading>(`the monitor in ${container}`, listener =>
        watchMonitor(options, update => {
          where = update.reading.source;
          listener(update.reading);
        }),
      );
      return reading.ok ? good({reading: reading.value, port: portAtTheEnd(where)}) : reading;
    },
  };
}

function portAtTheEnd(where: string): number | undefined {
  const digits = /:(\d+)$/.exec(where)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The first thing that a watcher says, good or bad; then it is closed. */
async function firstSample<T>(
  what: string,
  watch: (listener: (sample: Sample<T>) => void) => {close(): void | Promise<void>},
): Promise<Outcome<T>> {
  const {promise, resolve} = Promise.withResolvers<Outcome<T>>();
  const watcher = watch(sample => {
    const problem = problemOf(sample);
    if (problem !== undefined) resolve({ok: false, problem});
    else if ('value' in sample) resolve({ok: true, value: sample.value});
  });
  const deadline = setTimeout(
    () =>
      resolve(
        bad('timeout', `${what} has not answered for ${firstSampleMs / 1000} s`, {
          remedy: 'look at its host: is it overloaded?',
        }),
      ),
    firstSampleMs,
  );
  const outcome = await promise;
  clearTimeout(deadline);
  await watcher.close();
  return outcome;
}
