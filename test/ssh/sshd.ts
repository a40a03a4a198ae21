import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {appendFile, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir, userInfo} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import type {HostSettings} from '../../source/ssh/host-settings.ts';
import {installPackages} from '../lab/packages.ts';
import {localProcesses, processTree, signalProcess} from '../robot/local-processes.ts';
import {until} from './until.ts';

const program = '/usr/sbin/sshd';
const execute = promisify(execFile);

/** A real sshd on loopback with keys of its own; the user is the one who runs the tests. */
export type Sshd = {
  port: number;
  directory: string;
  /** The private key that the server knows. */
  userKey: string;
  /** Settings with which it can be reached; its host key is known. */
  settings: HostSettings;
  /** Public host keys as lines of known_hosts without the name: `ssh-ed25519 AAAA...`. */
  hostKeys: {ed25519: string; ecdsa: string};
  /** What sshd wrote to its log so far. */
  log(): string;
  start(): Promise<void>;
  /** Ends the listener and all its connections. */
  stop(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Processes of sessions whose command line contains the text. */
  remains(text: string): Promise<string[]>;
  remove(): Promise<void>;
};

/** Installs sshd where it can; without one, says so loudly, and the tests that need it are skipped. */
export async function haveSshd(): Promise<boolean> {
  if (!existsSync(program) && process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    await installPackages(line => console.warn(line));
  }
  if (existsSync(program)) return true;
  console.warn(`WARNING: ${program} IS MISSING: THE TESTS THAT NEED A REAL SSHD DO NOT RUN. Install openssh-server.`);
  return false;
}

/** Prepares and starts one. `extra`: lines of sshd_config. */
export async function startSshd(extra: readonly string[] = []): Promise<Sshd> {
  const directory = await mkdtemp(path.join(tmpdir(), 'pgaf-sshd-'));
  const port = await freePort();
  const userKey = path.join(directory, 'id_ed25519');
  await newKey(userKey, 'ed25519');
  for (const type of ['ed25519', 'ecdsa']) await newKey(path.join(directory, `host_${type}`), type);
  const hostKeys = {
    ed25519: await publicKey(`${directory}/host_ed25519`),
    ecdsa: await publicKey(`${directory}/host_ecdsa`),
  };
  await writeFile(path.join(directory, 'authorized_keys'), await readFile(`${userKey}.pub`));
  const knownHosts = path.join(directory, 'known_hosts');
  await writeFile(knownHosts, `[127.0.0.1]:${port} ${hostKeys.ed25519}\n`);
  await writeFile(path.join(directory, 'sshd_config'), configuration(directory, port, extra));
  if (process.getuid?.() === 0) await mkdir('/run/sshd', {recursive: true, mode: 0o755});

  let server: ChildProcess | undefined;
  let log = '';
  const mark = `PGAF_TEST_SSHD=${directory}`;
  const sshdProcesses = () => (server?.pid === undefined ? [] : processTree(server.pid).filter(isSshd));

  const sshd: Sshd = {
    port,
    directory,
    userKey,
    hostKeys,
    settings: {
      name: 'vm2',
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      identityFiles: [userKey],
      identitiesOnly: true,
      agentSocket: undefined,
      knownHostsFiles: [knownHosts],
      jump: [],
    },
    log: () => log,
    async start() {
      const child = spawn(program, ['-D', '-e', '-f', path.join(directory, 'sshd_config')], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      server = child;
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
      const before = log.length;
      await until(() => {
        if (child.exitCode !== null) throw new Error(`sshd ended: ${log}`);
        return log.slice(before).includes('Server listening');
      });
    },
    async stop() {
      const child = server;
      if (child === undefined) return;
      const ended = new Promise(resolve => child.once('close', resolve));
      for (const pid of sshdProcesses()) signalProcess(pid, 'SIGKILL');
      await ended;
      server = undefined;
    },
    freeze() {
      for (const pid of sshdProcesses()) signalProcess(pid, 'SIGSTOP');
    },
    thaw() {
      for (const pid of sshdProcesses()) signalProcess(pid, 'SIGCONT');
    },
    async remains(text) {
      const found: string[] = [];
      for (const {pid} of localProcesses()) {
        const command = await proc(pid, 'cmdline');
        if (!command.includes(text) || command === '') continue;
        if ((await proc(pid, 'environ')).includes(mark)) found.push(command.replaceAll('\0', ' '));
      }
      return found;
    },
    async remove() {
      await sshd.stop();
      await until(async () => (await sshd.remains('')).length === 0);
      await rm(directory, {recursive: true, force: true});
    },
  };
  await sshd.start();
  return sshd;
}

/** Makes a key pair with ssh-keygen; a passphrase makes it an encrypted one. */
export async function newKey(file: string, type: string, passphrase = '', more: readonly string[] = []): Promise<void> {
  await execute('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', `test ${type}`, '-f', file, ...more]);
}

/** `ssh-ed25519 AAAA...` of a key pair's public half. */
export async function publicKey(file: string): Promise<string> {
  return (await readFile(`${file}.pub`, 'utf8')).trim().split(' ').slice(0, 2).join(' ');
}

/** Lets a further key in. */
export async function authorize(sshd: Sshd, file: string): Promise<void> {
  await appendFile(path.join(sshd.directory, 'authorized_keys'), await readFile(`${file}.pub`));
}

/** A port of loopback on which nothing listens at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function configuration(directory: string, port: number, extra: readonly string[]): string {
  return [
    // The first value given is the one that counts.
    ...extra,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${directory}/host_ed25519`,
    `HostKey ${directory}/host_ecdsa`,
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'PidFile none',
    'PrintMotd no',
    // Sessions can be told from those of other servers by it.
    // No .bashrc of the person who runs the tests either.
    `SetEnv PGAF_TEST_SSHD=${directory} HOME=${directory}`,
    '',
  ].join('\n');
}

function isSshd(pid: number): boolean {
  return localProcesses().some(one => one.pid === pid && one.command === 'sshd');
}

async function proc(pid: number, file: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // Ended meanwhile, or somebody else's.
    return '';
  }
}
