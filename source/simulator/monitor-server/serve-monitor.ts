import type {Duplex} from 'node:stream';
import type {Happening} from '../happening.ts';
import {serverVersion} from '../sql/server-version.ts';
import {startupOptions} from '../sql/startup-options.ts';
import {type Failure, failure} from '../sql/table.ts';
import type {World} from '../world.ts';
import {type MonitorSession, openMonitorSession} from './monitor-session.ts';
import {createProtocol, type Protocol} from './protocol.ts';
import {BodyReader, ClientReader, errorMessage, int32, message} from './wire.ts';

/** More unread bytes than this end the connection: PostgreSQL would hold back, a simulation can not wait for its audience. */
const mostUnread = 32 * 1024 * 1024;

const sslRequest = 80_877_103;
const gssRequest = 80_877_104;
const cancelRequest = 80_877_102;
const database = 'pg_auto_failover';

let lastPid = 4000;

/**
 * Serves one connection to the monitor's Postgres, in PostgreSQL's wire protocol, until either side ends it. Ends it as the server does
 * when its container stops or dies; while its host is off it says nothing, and then the connection is gone.
 */
export function serveMonitor(world: World, stream: Duplex): void {
  const reader = new ClientReader();
  let session: MonitorSession | undefined;
  let protocol: Protocol | undefined;
  let silent = false;
  let gone = false;

  // As PostgreSQL does: what is said in one go is sent in one piece.
  let unsent: Buffer[] = [];
  const write = (bytes: Buffer) => {
    if (gone) return;
    if (unsent.length === 0) queueMicrotask(send);
    unsent.push(bytes);
  };
  const send = () => {
    const bytes = unsent;
    unsent = [];
    if (bytes.length === 0 || stream.destroyed || !stream.writable) return;
    stream.write(Buffer.concat(bytes));
    if (stream.writableLength > mostUnread) stream.destroy();
  };
  const leave = () => {
    gone = true;
    session?.end();
    unlisten();
  };
  const hangUp = () => {
    send();
    stream.end();
    leave();
  };
  const breakOff = () => {
    send();
    leave();
    stream.destroy();
  };
  const fatal = (error: Failure) => {
    write(errorMessage(error, 'FATAL'));
    hangUp();
  };

  const start = (body: Buffer) => {
    const code = body.readInt32BE(0);
    if (code === sslRequest || code === gssRequest) {
      write(Buffer.from('N'));
      return;
    }
    if (code === cancelRequest) {
      // Every statement is answered at once: there is nothing to cancel.
      hangUp();
      return;
    }
    const settings = startupSettings(body);
    const refused = whyRefused(world, settings);
    if (refused !== undefined) {
      fatal(refused);
      return;
    }
    lastPid += 1;
    const pid = lastPid;
    const user = settings.get('user') ?? '';
    session = openMonitorSession(world, {user, database: settings.get('database') ?? user, pid, settings});
    protocol = createProtocol(session, write);
    write(
      Buffer.concat([message('R', int32(0)), ...parameterStatus(settings), message('K', int32(pid), int32(pid * 7))]),
    );
    protocol.ready();
  };

  const receive = (chunk: Buffer) => {
    const messages = reader.push(chunk);
    if (messages === undefined) {
      fatal(failure('08P01', 'invalid length of startup packet'));
      return;
    }
    try {
      for (const {type, body} of messages) {
        if (gone) return;
        if (type === '') start(body);
        else if (type === 'X') hangUp();
        else protocol?.receive(type, body);
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      fatal(failure('08P01', 'invalid message format'));
    }
  };

  const onHappening = (happening: Happening) => {
    const {monitor} = world;
    if (happening.kind === 'notification') {
      if (!silent && session?.channels.has(happening.channel) === true)
        protocol?.notify(happening.channel, happening.payload);
      return;
    }
    if (happening.host !== monitor.host) return;
    if (happening.kind === 'host') {
      if (happening.action === 'power-off') silent = true;
      if (happening.action === 'power-on') breakOff();
    } else if (happening.kind === 'docker' && happening.container === monitor.container && happening.action === 'die') {
      if (happening.exitCode === 0) fatal(failure('57P01', 'terminating connection due to administrator command'));
      else breakOff();
    }
  };

  const unlisten = world.listen(onHappening);
  stream.on('data', (chunk: Buffer) => {
    if (!gone && !silent) receive(chunk);
  });
  stream.on('end', hangUp);
  stream.on('close', leave);
  // A reset by the other side: 'close' follows.
  stream.on('error', leave);
}

function startupSettings(body: Buffer): Map<string, string> {
  const reader = new BodyReader(body.subarray(4));
  const settings = new Map<string, string>();
  for (let name = reader.text(); name !== ''; name = reader.text()) settings.set(name, reader.text());
  for (const [name, value] of startupOptions(settings.get('options'))) settings.set(name, value);
  settings.delete('options');
  return settings;
}

/** pg_hba.conf of the monitor lets in one role to one database, without a password. */
function whyRefused(world: World, settings: ReadonlyMap<string, string>): Failure | undefined {
  if (!world.monitor.answers()) return failure('57P03', 'the database system is starting up');
  const user = settings.get('user') ?? '';
  const wanted = settings.get('database') ?? user;
  if (user === 'autoctl_node' && wanted === database) return undefined;
  const host = world.host(world.monitor.host)?.address ?? '127.0.0.1';
  return failure(
    '28000',
    `no pg_hba.conf entry for host "${host}", user "${user}", database "${wanted}", no encryption`,
  );
}

function parameterStatus(settings: ReadonlyMap<string, string>): Buffer[] {
  const values = {
    application_name: settings.get('application_name') ?? '',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    default_transaction_read_only: settings.get('default_transaction_read_only') ?? 'off',
    in_hot_standby: 'off',
    integer_datetimes: 'on',
    IntervalStyle: 'postgres',
    is_superuser: 'off',
    server_encoding: 'UTF8',
    server_version: serverVersion,
    session_authorization: settings.get('user') ?? '',
    standard_conforming_strings: 'on',
    TimeZone: 'Etc/UTC',
  };
  return Object.entries(values).map(([name, value]) => message('S', name, value));
}
