import {type ChildProcess, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import pg from 'pg';
import {parseDocument, YAMLMap, YAMLSeq} from 'yaml';
import type {HostConfiguration, MonitorConfiguration} from '../../source/config/configuration.ts';
import {loadCluster} from '../../source/config/load-cluster.ts';
import {waitUntil} from '../lab/wait.ts';
import {openSshArguments, runOverSsh} from '../robot/open-ssh.ts';

/** The cluster that both programs look at, seen by the bench through OpenSSH and a connection of its own to the monitor. */
export type ClusterUnderTest = {
  configurationFile: string;
  monitorHost: HostConfiguration & {monitor: MonitorConfiguration};
  hosts: readonly HostConfiguration[];
  /** Runs one statement on the monitor and gives its rows. */
  query(sql: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Calls back at every notification on the monitor's `state` and `log` channels, at the time it arrives here. Gives the unsubscriber. */
  onNotification(listener: () => void): () => void;
  close(): Promise<void>;
};

/** Opens it. Rejects with a sentence when the configuration or the monitor cannot be used. */
export async function openClusterUnderTest(configurationFile: string): Promise<ClusterUnderTest> {
  const loaded = await loadCluster({config: configurationFile});
  if (!loaded.ok) throw new Error(loaded.problem.message);
  const {hosts} = loaded.value;
  const monitorHost = hosts.find(hasMonitor);
  if (monitorHost === undefined) throw new Error(`${configurationFile} has no monitor`);
  const tunnel = await openTunnel(monitorHost);
  try {
    const client = await connect(tunnel.directory, monitorHost.monitor);
    await client.query('listen state; listen log');
    return {
      configurationFile,
      monitorHost,
      hosts,
      query: async (sql, parameters = []) => (await client.query<Record<string, unknown>>(sql, [...parameters])).rows,
      onNotification: listener => {
        client.on('notification', listener);
        return () => client.off('notification', listener);
      },
      close: async () => {
        await client.end();
        await tunnel.close();
      },
    };
  } catch (error) {
    await tunnel.close();
    throw error;
  }
}

/** Resolves when every node is where the monitor wants it; rejects after half a minute. */
export async function atRest(cluster: ClusterUnderTest): Promise<void> {
  const moving = 'select 1 from pgautofailover.node where reportedstate <> goalstate';
  await waitUntil('the cluster comes to rest', 30_000, async () => (await cluster.query(moving)).length === 0, 100);
}

/** A copy of a configuration in which one host's address leads elsewhere: how a host that swallows packets is shown to the console. */
export function redirectedConfiguration(file: string, hostName: string, to: {address: string; port: number}): string {
  const document = parseDocument(readFileSync(file, 'utf8'));
  const hosts = document.getIn(['clusters', 0, 'hosts']);
  if (!(hosts instanceof YAMLSeq)) throw new Error(`${file} has no list of hosts`);
  for (const host of hosts.items) {
    if (!(host instanceof YAMLMap) || host.get('name') !== hostName) continue;
    host.set('address', to.address);
    host.set('port', to.port);
  }
  // Beside the original, because its paths are relative to where it stands.
  const copy = `${file}.black-holed.yaml`;
  writeFileSync(copy, document.toString());
  return copy;
}

function hasMonitor(host: HostConfiguration): host is HostConfiguration & {monitor: MonitorConfiguration} {
  return host.monitor !== undefined;
}

type Tunnel = {directory: string; close(): Promise<void>};

/** A local socket, named the way libpq and pg look for one, that leads to the monitor's port on its own host. */
async function openTunnel({ssh, monitor}: HostConfiguration & {monitor: MonitorConfiguration}): Promise<Tunnel> {
  const directory = mkdtempSync(join(tmpdir(), 'pgaf-bench-'));
  const socket = join(directory, `.s.PGSQL.${monitor.port}`);
  const forward = `${socket}:127.0.0.1:${monitor.port}`;
  const options = ['-N', '-o', 'ExitOnForwardFailure=yes', '-L', forward];
  const child = spawn('ssh', [...options, ...openSshArguments(ssh)], {stdio: ['ignore', 'ignore', 'inherit']});
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(directory, {recursive: true, force: true});
  };
  try {
    await socketAppears(socket, child);
    return {directory, close};
  } catch (error) {
    await close();
    throw error;
  }
}

async function socketAppears(socket: string, child: ChildProcess): Promise<void> {
  const opened = () => {
    if (child.exitCode !== null) throw new Error(`ssh ended with code ${child.exitCode} before its tunnel was open`);
    return existsSync(socket);
  };
  await waitUntil('ssh opens the tunnel', 10_000, opened, 10);
}

async function connect(host: string, monitor: MonitorConfiguration): Promise<pg.Client> {
  const client = new pg.Client({
    host,
    port: monitor.port,
    user: monitor.user ?? 'autoctl_node',
    database: monitor.database,
    application_name: 'pgaf bench',
    // The lab's certificate is self-signed, and the tunnel is authenticated.
    ssl: {rejectUnauthorized: false},
  });
  await client.connect();
  return client;
}

/** A writer of numbered log lines inside a container, on the standard output that docker keeps; it ends by itself. */
export type LogFlood = {
  /** Its lines have higher numbers than this, and those of every flood before it lower ones. */
  after: number;
  stop(): Promise<void>;
};

/** Writes lines of 150 bytes, `linesPerSecond` of them, into the log of a container for at most `seconds`. */
export async function startLogFlood(
  host: HostConfiguration,
  container: string,
  linesPerSecond: number,
  seconds: number,
): Promise<LogFlood> {
  const after = (Math.floor(Date.now() / 1000) % 9000) * 100_000;
  const writer = `
    use Time::HiRes qw(time sleep);
    my $name = "pgaf-bench-writer";
    open(my $out, ">", "/proc/1/fd/1") or die $!;
    my ($start, $n) = (time, ${after});
    # No line like the one before it, or a screen that scrolls would hardly change.
    srand(1);
    my $noise = join "", map { ("a".."z", " ", " ")[rand 28] } 1..4096;
    while (time < $start + ${seconds}) {
      my ($due, $text) = (${after} + int((time - $start) * ${linesPerSecond}), "");
      while ($n < $due) { $n++; $text .= sprintf("flood line %09d %s\\n", $n, substr($noise, ($n * 37) % 3900, 128)); }
      syswrite($out, $text) if length $text;
      sleep 0.01;
    }`;
  const exec = [...host.docker, 'exec'];
  const started = await runOverSsh(host.ssh, [...exec, '-d', container, 'perl', '-e', writer].map(quote).join(' '));
  if (started.code !== 0) throw new Error(`the log writer does not start in ${container}: ${started.stderr}`);
  return {
    after,
    stop: async () => {
      await runOverSsh(host.ssh, [...exec, container, 'pkill', '-f', '[p]gaf-bench-writer'].map(quote).join(' '));
    },
  };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
