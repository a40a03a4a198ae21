import {openMonitorSession} from '../monitor-server/monitor-session.ts';
import type {ContainerPlace} from '../program.ts';
import type {ContainerView, World} from '../world.ts';
import {openNodeSession, serverGone} from './node-session.ts';
import type {PsqlOptions} from './psql-options.ts';
import type {SqlServer} from './sql-server.ts';

/** The operating system's user in the containers of the simulated image; its role is the clusters' superuser. */
const containerUser = 'postgres';

/** No packet comes back: psql waits until the kernel gives up. */
export const noAnswer = 'no answer';

/**
 * Connects psql with the server that its options name: the container's own over its socket, or one at an address. Else psql's error
 * text, or `noAnswer`.
 */
export function openServer(
  place: ContainerPlace,
  options: PsqlOptions,
  settings: ReadonlyMap<string, string>,
): SqlServer | string {
  const {world, host, container} = place;
  const here = world.containers(host).find(each => each.name === container);
  if (here === undefined) return 'psql: error: no PostgreSQL in this container';
  const port = options.port ?? here.port;
  const user = options.user ?? containerUser;
  if (isLocal(options.host, world, host)) {
    const reached = options.host === undefined || options.host.startsWith('/') ? here : at(world, host, port);
    if (reached === undefined || port !== reached.port) return notThere(options.host, port);
    return open({world, host, container: reached.name}, reached, {...options, user}, settings);
  }
  const target = world.hosts().find(each => each.name === options.host || each.address === options.host);
  if (target === undefined) {
    const name = options.host ?? '';
    return `psql: error: could not translate host name "${name}" to address: Name or service not known`;
  }
  if (world.path(host, target.name).state !== 'open') return noAnswer;
  const reached = at(world, target.name, port);
  if (reached === undefined || reached.state !== 'running') return notThere(target.address, port);
  return open({world, host: target.name, container: reached.name}, reached, {...options, user}, settings, host);
}

function open(
  place: ContainerPlace,
  target: ContainerView,
  options: PsqlOptions & {user: string},
  settings: ReadonlyMap<string, string>,
  from?: string,
): SqlServer | string {
  const database = options.database ?? options.user;
  if (target.role === 'node') {
    const session = openNodeSession(place, {user: options.user, database, settings});
    return typeof session === 'string' && from !== undefined ? notThere(options.host, target.port) : session;
  }
  return openMonitor(place, options, database, settings, from);
}

function openMonitor(
  {world}: ContainerPlace,
  options: PsqlOptions & {user: string},
  database: string,
  settings: ReadonlyMap<string, string>,
  from: string | undefined,
): SqlServer | string {
  const {monitor} = world;
  const {user} = options;
  if (!monitor.answers()) return notThere(options.host, monitor.port);
  const local = `psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.${monitor.port}" failed: FATAL:  `;
  if (from !== undefined && (user !== 'autoctl_node' || database !== 'pg_auto_failover')) {
    const client = world.host(from)?.address ?? from;
    return (
      `psql: error: connection to server at "${options.host ?? ''}", port ${monitor.port} failed: FATAL:  ` +
      `no pg_hba.conf entry for host "${client}", user "${user}", database "${database}", no encryption`
    );
  }
  if (!monitorRoles.includes(user)) return `${local}role "${user}" does not exist`;
  if (!monitorDatabases.includes(database)) return `${local}database "${database}" does not exist`;
  const startedAt = monitor.startedAt();
  const session = openMonitorSession(world, {user, database, pid: 301, settings});
  return {
    user,
    database,
    superuser: user === containerUser,
    port: monitor.port,
    databases: monitorDatabases,
    relations: ['event', 'formation', 'node'].map(name => ({schema: 'pgautofailover', name})),
    run: statement => session.run(statement),
    transaction: session.transaction,
    lost: () => (monitor.answers() && monitor.startedAt() === startedAt ? undefined : serverGone),
    end: session.end,
  };
}

function isLocal(address: string | undefined, world: World, host: string): boolean {
  if (address === undefined || address.startsWith('/')) return true;
  const own = world.host(host);
  return ['localhost', '127.0.0.1', '::1', host, own?.address].includes(address);
}

function at(world: World, host: string, port: number): ContainerView | undefined {
  return world.containers(host).find(each => each.port === port);
}

function notThere(host: string | undefined, port: number): string {
  if (host === undefined || host.startsWith('/')) {
    const socket = `${host ?? '/var/run/postgresql'}/.s.PGSQL.${port}`;
    return (
      `psql: error: connection to server on socket "${socket}" failed: No such file or directory\n` +
      '\tIs the server running locally and accepting connections on that socket?'
    );
  }
  return (
    `psql: error: connection to server at "${host}", port ${port} failed: Connection refused\n` +
    '\tIs the server running on that host and accepting TCP/IP connections?'
  );
}

const monitorRoles = ['autoctl', 'autoctl_node', containerUser];
const monitorDatabases = ['pg_auto_failover', 'postgres', 'template0', 'template1'];
