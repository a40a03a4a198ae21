import {PassThrough, type Readable, Transform, Writable} from 'node:stream';
import {containerFiles} from '../../container-programs/container-files.ts';
import {withCarriageReturns} from '../../container-programs/output.ts';
import {userId} from '../../container-programs/places.ts';
import type {ContainerPlace, ContainerUser, SimulatedProcess} from '../../program.ts';
import type {ContainerView} from '../../world.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options} from '../options.ts';
import {containerMoves, containerOf, DockerFailure, daemonAnswers} from './daemon.ts';

export const execOptions = {
  flags: ['interactive', 'tty', 'detach', 'privileged'],
  valued: ['user', 'env', 'workdir', 'env-file', 'detach-keys'],
  short: {i: 'interactive', t: 'tty', d: 'detach', u: 'user', e: 'env', w: 'workdir'},
  stopAtWord: true,
};

/** `docker exec`: runs a program inside a container. It ends when its session, its container or its machine does. */
export async function dockerExec(process: SimulatedProcess, place: HostPlace, options: Options): Promise<number> {
  const {world, host, programs} = place;
  const [name, ...argv] = options.words;
  const container = containerOf(world, host, name ?? '');
  refuseWhenNotRunning(container);
  const terminal = options.has('tty');
  if (terminal && options.has('interactive') && process.terminal === undefined) {
    throw new DockerFailure('the input device is not a TTY');
  }
  const program = programs(argv[0] ?? '');
  const user = userOf(options.value('user'));
  const directory = options.value('workdir');
  if (directory !== undefined) checkDirectory(place, container.name, directory);
  if (program === undefined)
    throw cannotStart(`unable to start container process: exec: "${argv[0]}": executable file not found in $PATH`);
  const died = new AbortController();
  const unlisten = world.listen(happening => {
    if (happening.kind === 'host' && happening.host === host && happening.action === 'power-off') died.abort();
    if (happening.kind !== 'docker' || happening.host !== host || happening.container !== container.name) return;
    if (happening.action === 'die' || happening.action === 'destroy') died.abort();
  });
  const inside = {
    argv,
    environment: environmentOf(container, options.values('env'), terminal, user),
    ...(user === undefined ? {} : {user}),
    ...(directory === undefined ? {} : {directory}),
  };
  const where = {world, host, container: container.name};
  if (options.has('detach')) {
    const streams = {stdin: emptyInput().stream, stdout: nowhere(), stderr: nowhere(), signal: died.signal};
    void program({...inside, ...streams}, where).finally(unlisten);
    return 0;
  }
  const signal = AbortSignal.any([process.signal, died.signal]);
  const window = process.terminal;
  // A program that knows of no terminal may still print to one.
  const translate = window !== undefined && !terminal;
  const stdout = throughDaemon(where, process.stdout, signal, translate);
  const stderr = terminal ? stdout : throughDaemon(where, process.stderr, signal, translate);
  const stdin = options.has('interactive') ? intoContainer(where, process.stdin, signal) : emptyInput();
  try {
    const status = await program(
      {
        ...inside,
        stdin: stdin.stream,
        stdout,
        stderr,
        ...(terminal && window !== undefined ? {terminal: window} : {}),
        signal,
      },
      where,
    );
    await Promise.all([...new Set([stdout, stderr])].map(stream => ended(stream, signal)));
    return died.signal.aborted ? 137 : status;
  } finally {
    unlisten();
    stdin.leave();
    for (const stream of [stdout, stderr]) {
      // What a destroyed stream still holds would be passed on to outputs that are closed by then.
      stream.unpipe();
      stream.destroy();
    }
  }
}

/** What runc says; docker passes it on as if the program had. */
function cannotStart(why: string): DockerFailure {
  return new DockerFailure(`OCI runtime exec failed: exec failed: ${why}: unknown`, 126, 'stdout');
}

/** The passwd of the image. */
const users: readonly ContainerUser[] = [
  {id: 0, group: 0, name: 'root'},
  {id: userId, group: userId, name: 'postgres'},
  {id: 65_534, group: 65_534, name: 'nobody'},
];

/** NAME, NUMBER or either with `:GROUP`; undefined: the image's own. */
function userOf(text: string | undefined): ContainerUser | undefined {
  if (text === undefined || text === '') return undefined;
  const [name = '', group] = text.split(':');
  const known = users.find(each => each.name === name || String(each.id) === name);
  if (known === undefined && !/^\d+$/.test(name)) {
    throw new DockerFailure(`unable to find user ${name}: no matching entries in passwd file`, 126, 'stdout');
  }
  const user = known ?? {id: Number(name), group: 0, name: undefined};
  return group !== undefined && /^\d+$/.test(group) ? {...user, group: Number(group)} : user;
}

function checkDirectory({world, host}: HostPlace, container: string, directory: string): void {
  if (!directory.startsWith('/')) throw cannotStart('Cwd must be an absolute path');
  const plain = directory.replace(/\/+$/, '') || '/';
  const known = ['/', '/tmp', '/root', '/var', '/var/lib'];
  if (known.includes(plain)) return;
  if ([...containerFiles({world, host, container}).keys()].some(path => path.startsWith(`${plain}/`))) return;
  throw cannotStart(
    `unable to start container process: chdir to cwd ("${directory}") set in config.json failed: no such file or directory`,
  );
}

function refuseWhenNotRunning({id, name, state}: ContainerView): void {
  if (state === 'running') return;
  if (state === 'paused') {
    throw new DockerFailure(
      `Error response from daemon: Container ${name} is paused, unpause the container before exec`,
    );
  }
  if (state === 'restarting') {
    throw new DockerFailure(
      `Error response from daemon: Container ${id} is restarting, wait until the container is running`,
    );
  }
  throw new DockerFailure(`Error response from daemon: Container ${id} is not running`);
}

function environmentOf(
  container: ContainerView,
  given: readonly string[],
  terminal: boolean,
  user: ContainerUser | undefined,
): Record<string, string> {
  const pairs = [...container.environment, ...given].map(entry => {
    const [, name = entry, value = ''] = /^([^=]*)=(.*)$/s.exec(entry) ?? [];
    return [name, value] as const;
  });
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin',
    HOSTNAME: container.host,
    HOME: user === undefined || user.id === userId ? '/var/lib/postgres' : user.id === 0 ? '/root' : '/',
    ...(terminal ? {TERM: 'xterm'} : {}),
    ...Object.fromEntries(pairs),
  };
}

/** A program's output goes through the daemon: while that is frozen, nothing comes. */
function throughDaemon(where: ContainerPlace, target: Writable, signal: AbortSignal, translate: boolean): Transform {
  const stream = gate(where, signal, translate ? terminalBytes : chunk => chunk);
  stream.pipe(target, {end: false});
  return stream;
}

function intoContainer(where: ContainerPlace, source: Readable, signal: AbortSignal) {
  const stream = gate(where, signal, chunk => chunk);
  source.pipe(stream);
  return {
    stream,
    leave() {
      source.unpipe(stream);
      source.pause();
      stream.destroy();
    },
  };
}

function emptyInput() {
  const stream: Readable = new PassThrough().end();
  return {stream, leave: () => void stream.destroy()};
}

function nowhere(): Writable {
  return new Writable({write: (_chunk, _encoding, done) => done()});
}

function gate(
  {world, host, container}: ContainerPlace,
  signal: AbortSignal,
  pass: (chunk: Buffer) => Buffer,
): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      void daemonAnswers(world, host, signal)
        .then(() => containerMoves(world, host, container, signal))
        .then(() => done(null, pass(chunk)));
    },
  });
}

/** Byte by byte, as characters may be cut between two chunks. */
function terminalBytes(chunk: Buffer): Buffer {
  return Buffer.from(withCarriageReturns(chunk.toString('latin1')), 'latin1');
}

/** Resolves when all that was written has been passed on. */
function ended(stream: Transform, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (stream.readableEnded || stream.destroyed || signal.aborted) return resolve();
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    stream.once('end', done);
    stream.once('close', done);
    signal.addEventListener('abort', done);
    stream.end();
  });
}
