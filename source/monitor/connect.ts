import {isIP} from 'node:net';
import type {Client, ClientConfig} from 'pg';
import type {EdgeClock} from '../cluster/back-off.ts';
import {bad, good, type Outcome, type Problem} from '../cluster/problem.ts';
import {current} from '../cluster/sample.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import {certificateAuthority} from './certificate-authority.ts';
import type {ConnectionTarget, SslMode} from './connection-string.ts';
import {credentialsOfContainer, passwordInContainer} from './credentials.ts';
import {monitorProblem, passwordMissing} from './monitor-problem.ts';
import {TunnelSocket} from './tunnel-socket.ts';

export type MonitorOptions = {
  host: HostConnection;
  /** The docker command of that host. */
  docker: readonly string[];
  /** The host's own address. */
  address: string;
  container: string;
  port: number;
  formation: string;
  /** What the container's own connection string would say, when the configuration says otherwise. */
  user?: string;
  database?: string;
  sslMode?: SslMode;
  password?: () => Promise<Outcome<string | undefined>>;
  clock: EdgeClock;
};

/** What a connection is for: how long a statement may take, whether it may change anything, and what others see in pg_stat_activity. */
export type Purpose = {readOnly: boolean; statementTimeoutMs: number; applicationName?: string};

export type MonitorConnection = {
  client: Client;
  /** host:port as seen from the monitor's host. */
  where: string;
  user: string;
  database: string;
  /** Resolves with the cause when the connection is gone. */
  lost: Promise<unknown>;
  close(): Promise<void>;
};

/** One way to the monitor's database. Holds the password. */
type Way = {address: string; port: number; user: string; database: string; password: string | undefined; tls: Tls};
type Tls = {mode: SslMode; rootCertificatePath: string | undefined};

/** Remembers the way that worked, so that a reconnection takes it at once. */
export type WayMemory = {way?: Way};

const attemptMs = 4000;
/** Sooner than `pg` gives up: what the tunnel says (not connected yet, lost) is the better reason. */
const tunnelMs = 3500;
/** pg_autoctl's own names (defaults.h). */
const defaultUser = 'autoctl_node';
const defaultDatabase = 'pg_auto_failover';

/**
 * Connects to the monitor's database through the host's SSH connection. Tries loopback and the host's address with pg_autoctl's own
 * role and no password; where that is not let in, asks the monitor's container for its password or its connection string. One problem, the most
 * telling one, when no way works.
 */
export async function connectMonitor(
  options: MonitorOptions,
  purpose: Purpose,
  memory: WayMemory = {},
): Promise<Outcome<MonitorConnection>> {
  if (memory.way !== undefined) {
    const again = await tryWay(options, purpose, memory.way);
    if (again.ok || !mayDifferElsewhere(again.problem, options.host)) return again;
    delete memory.way;
  }
  const configured = await options.password?.();
  if (configured !== undefined && !configured.ok) return configured;
  const password = configured?.value;
  const plain: Omit<Way, 'address'> = {
    port: options.port,
    user: options.user ?? defaultUser,
    database: options.database ?? defaultDatabase,
    password,
    tls: {mode: options.sslMode ?? 'prefer', rootCertificatePath: undefined},
  };
  const addresses = [...new Set(['127.0.0.1', options.address])];
  const tryPlainly = (more: Partial<Way>) =>
    tryWays(
      options,
      purpose,
      addresses.map(address => ({...plain, ...more, address})),
      memory,
    );
  const first = await tryPlainly({});
  if (first.ok || password !== undefined || !mayDifferElsewhere(first.problem, options.host)) return first;

  const kept =
    first.problem.kind === 'monitor-authentication'
      ? await passwordInContainer(options.host, options.docker, options.container)
      : undefined;
  if (kept !== undefined) {
    const again = await tryPlainly({password: kept});
    if (again.ok) return again;
  }

  const credentials = await credentialsOfContainer(options.host, options.docker, options.container);
  if (!credentials.ok) return first;
  const second = await tryWays(options, purpose, waysOf(credentials.value, options), memory);
  return second.ok || moreTelling(second.problem, first.problem) ? second : first;
}

function waysOf(target: ConnectionTarget, options: MonitorOptions): Way[] {
  const way = {
    user: options.user ?? target.user ?? defaultUser,
    database: options.database ?? target.database ?? defaultDatabase,
    password: target.password,
    tls: {mode: options.sslMode ?? target.sslMode ?? 'prefer', rootCertificatePath: target.sslRootCert},
  };
  const places = [
    {address: target.host ?? options.address, port: target.port ?? options.port},
    {address: options.address, port: options.port},
    {address: '127.0.0.1', port: options.port},
  ];
  const distinct = new Map(places.map(place => [`${place.address} ${place.port}`, place]));
  return [...distinct.values()].map(place => ({...way, ...place}));
}

async function tryWays(
  options: MonitorOptions,
  purpose: Purpose,
  ways: readonly Way[],
  memory: WayMemory,
): Promise<Outcome<MonitorConnection>> {
  let worst: Outcome<MonitorConnection> = bad('internal', 'there is no way to the monitor to try');
  for (const way of ways) {
    const outcome = await tryWay(options, purpose, way);
    if (outcome.ok) {
      memory.way = way;
      return outcome;
    }
    if (worst.ok || worst.problem.kind === 'internal' || moreTelling(outcome.problem, worst.problem)) worst = outcome;
    if (!mayDifferElsewhere(outcome.problem, options.host)) return outcome;
  }
  return worst;
}

/** One way, with libpq's rules for TLS: `prefer` falls back to plain text, `allow` to TLS. */
async function tryWay(options: MonitorOptions, purpose: Purpose, way: Way): Promise<Outcome<MonitorConnection>> {
  const {mode} = way.tls;
  if (mode === 'disable') return attempt(options, purpose, way, undefined);
  const ssl = await tlsOptions(options, way.tls);
  if (!ssl.ok) return ssl;
  if (mode !== 'prefer' && mode !== 'allow') return attempt(options, purpose, way, ssl.value);
  const first = await attempt(options, purpose, way, mode === 'prefer' ? ssl.value : undefined);
  // A refused password is refused either way.
  if (first.ok || first.passwordAsked || !/^monitor-(tls|authentication)$/.test(first.problem.kind)) return first;
  const second = await attempt(options, purpose, way, mode === 'prefer' ? undefined : ssl.value);
  return second.ok || first.problem.kind === 'monitor-tls' ? second : first;
}

type TlsSettings = Exclude<ClientConfig['ssl'], boolean | undefined>;

/** `require` encrypts and verifies nothing, as libpq does; the verifying modes need the CA's file, which is read in the container. */
async function tlsOptions(options: MonitorOptions, tls: Tls): Promise<Outcome<TlsSettings>> {
  if (tls.mode !== 'verify-ca' && tls.mode !== 'verify-full') return good({rejectUnauthorized: false});
  const authority = await certificateAuthority(
    options.host,
    options.docker,
    options.container,
    tls.rootCertificatePath,
  );
  if (!authority.ok) return authority;
  const settings: TlsSettings = {ca: authority.value, rejectUnauthorized: true};
  return good(tls.mode === 'verify-full' ? settings : {...settings, checkServerIdentity: () => undefined});
}

type Attempt = {ok: true; value: MonitorConnection} | {ok: false; problem: Problem; passwordAsked: boolean};

async function attempt(
  options: MonitorOptions,
  purpose: Purpose,
  way: Way,
  ssl: TlsSettings | undefined,
): Promise<Attempt> {
  const {Client} = await import('pg');
  const where = `${isIP(way.address) === 6 ? `[${way.address}]` : way.address}:${way.port}`;
  const target = {
    host: options.host.name,
    container: options.container,
    where: shownAs(options, way, where),
    user: way.user,
    database: way.database,
  };
  const socket = new TunnelSocket(() => options.host.forward(way.address, way.port, tunnelMs));
  let passwordAsked = false;
  const client = new Client({
    stream: () => socket,
    host: way.address,
    port: way.port,
    user: way.user,
    database: way.database,
    // A function, or pg looks for a ~/.pgpass and a PGPASSWORD of this machine.
    password: () => {
      passwordAsked = true;
      return way.password ?? '';
    },
    ssl: ssl ?? false,
    application_name: purpose.applicationName ?? 'pgaf',
    connectionTimeoutMillis: attemptMs,
    statement_timeout: purpose.statementTimeoutMs,
    lock_timeout: purpose.statementTimeoutMs,
    idle_in_transaction_session_timeout: 10_000,
    // Leaves the connection out of step: who sees it closes the connection.
    query_timeout: purpose.statementTimeoutMs + 1000,
    options: purpose.readOnly ? '-c default_transaction_read_only=on' : '-c default_transaction_read_only=off',
  });
  const lost = Promise.withResolvers<unknown>();
  client.on('error', lost.resolve);
  client.on('end', () => lost.resolve(new Error('the connection was closed')));
  try {
    await client.connect();
  } catch (error) {
    socket.destroy();
    const unknownPassword = passwordAsked && way.password === undefined;
    return {
      ok: false,
      problem: unknownPassword ? passwordMissing(target) : monitorProblem(error, target),
      passwordAsked,
    };
  }
  const value = {
    client,
    where: target.where,
    user: way.user,
    database: way.database,
    lost: lost.promise,
    close: () => closeClient(client, socket),
  };
  return {ok: true, value};
}

/** Loopback means nothing to a reader: there the host's name stands for it. */
function shownAs(options: MonitorOptions, way: Way, where: string): string {
  return way.address === '127.0.0.1' || way.address === options.address ? `${options.host.name}:${way.port}` : where;
}

/** A broken transport would let the goodbye wait for ever. */
async function closeClient(client: Client, socket: TunnelSocket): Promise<void> {
  const {promise, resolve} = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, 500);
  client.end().then(resolve, resolve);
  await promise;
  clearTimeout(timer);
  socket.destroy();
}

/** Whether another address or other credentials may fare better; a host that cannot be reached stays so. */
function mayDifferElsewhere(problem: Problem, host: HostConnection): boolean {
  if (current(host.link()) === undefined) return false;
  return (
    problem.kind.startsWith('monitor-') ||
    problem.kind === 'refused' ||
    problem.kind === 'unreachable' ||
    problem.kind === 'timeout'
  );
}

const telling: readonly Problem['kind'][] = [
  'monitor-schema',
  'monitor-authentication',
  'monitor-tls',
  'query',
  'timeout',
  'monitor-refused',
];

function moreTelling(problem: Problem, than: Problem): boolean {
  const rank = (kind: Problem['kind']) => (telling.includes(kind) ? telling.indexOf(kind) : telling.length);
  return rank(problem.kind) < rank(than.kind);
}
