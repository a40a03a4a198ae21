import {randomUUID} from 'node:crypto';
import {Writable} from 'node:stream';
import {assess} from '../cluster/assess.ts';
import {bad, good, type Outcome, type Problem} from '../cluster/problem.ts';
import {problemOf} from '../cluster/sample.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import {collect} from '../console/collect.ts';
import type {SessionContainer, SessionProgram} from '../session/container-session.ts';
import {findContainer} from '../session/find-container.ts';
import {dockerRefusal, openSession} from '../session/open-session.ts';
import {allowedReadOnly} from '../session/reads-only.ts';
import {type SessionEnd, sessionEnd} from '../session/session-end.ts';
import {noticingProblems, type RecordSession, sessionBegins} from '../session/session-record.ts';
import {sessionOnTerminal} from '../session/terminal-session.ts';
import {terminalType} from '../session/terminal-type.ts';
import {type HostConnection, openHost, type Session} from '../ssh/host-connection.ts';
import {withStandardTerminal} from '../terminal/standard-terminal.ts';
import {askOnTerminal} from './ask-on-terminal.ts';
import {failedStatus, refusedStatus, unreachableStatus, usageStatus} from './exit-status.ts';
import {onOutputClosed} from './process-io.ts';

/** What the command line asks for; `argv` is what stands behind `--`. */
export type SessionArguments = {
  words: readonly string[];
  argv: readonly string[] | undefined;
  write: boolean;
  terminal: boolean;
};

/** The exit status and, unless it is the program's own, what is to be said about it. */
export type SessionResult = {status: number; problem?: Problem};

/**
 * `pgaf shell|psql|autoctl|exec NODE`: runs a program in a container with this process's own input and outputs; its exit status is the
 * result. On a terminal when both are one, or when asked for.
 */
export async function sessionCommand(
  cluster: ClusterConfiguration,
  given: SessionArguments,
  record: RecordSession,
): Promise<SessionResult> {
  const program = programOf(given);
  if (!program.ok) return {status: usageStatus, problem: program.problem};
  const allowed = cluster.readOnly ? allowedReadOnly(program.value) : program;
  if (!allowed.ok) return {status: refusedStatus, problem: allowed.problem};
  const place = await find(given.words[1] ?? '', cluster);
  if (!place.ok) return {status: usageStatus, problem: place.problem};
  const host = cluster.hosts.find(each => each.name === place.value.host);
  if (host === undefined) return {status: failedStatus, problem: bad('internal', 'the host has vanished').problem};

  const written = noticingProblems(record);
  const connection = openHost(host.ssh, {ask: askOnTerminal(), now: Date.now, random: Math.random});
  try {
    // What has to be asked for connecting is asked before the terminal is somebody else's.
    const problem = await firstProblem(connection);
    if (problem !== undefined) return {status: unreachableStatus, problem};
    const interactive = process.stdin.isTTY && process.stdout.isTTY;
    const end = interactive
      ? await onTerminal(cluster, connection, place.value, program.value, written.record)
      : await onPipes(connection, place.value, program.value, given.terminal, written.record);
    const unwritten = written.problem();
    if (unwritten !== undefined)
      process.stderr.write(`pgaf: the audit log could not be written: ${unwritten.message}\n`);
    return resultOf(end);
  } finally {
    await connection.close();
  }
}

/** Why the host can not be reached; undefined when it is connected. */
function firstProblem(connection: HostConnection): Promise<Problem | undefined> {
  return new Promise(resolve => {
    const look = () => {
      const link = connection.link();
      if (link === undefined) return;
      unsubscribe();
      resolve(problemOf(link));
    };
    const unsubscribe = connection.subscribe(look);
    look();
  });
}

function resultOf(end: SessionEnd): SessionResult {
  switch (end.kind) {
    case 'exited':
      return {status: end.status};
    case 'left':
      return {status: leftStatus};
    case 'lost':
      return {status: unreachableStatus, problem: end.problem};
  }
}

/** As after a hang-up. */
const leftStatus = 129;

function programOf({words, argv, write}: SessionArguments): Outcome<SessionProgram> {
  const [kind = '', node, ...more] = words;
  const all = [...more, ...(argv ?? [])];
  const usage = (form: string, message: string) => bad('configuration', message, {remedy: `it is pgaf ${form}`});
  if (write && kind !== 'psql') return usage('psql NODE --write', '--write is for psql');
  if (node === undefined) return usage(`${kind} NODE`, `pgaf ${kind} needs the name of a node, a container or a host`);
  switch (kind) {
    case 'shell':
      return all.length === 0
        ? good({kind: 'shell'})
        : usage('shell NODE', 'a shell takes nothing more; pgaf exec runs a program');
    case 'psql':
      return good({kind: 'psql', write, words: all});
    case 'autoctl':
      return good({kind: 'autoctl', words: all});
    default:
      return all.length === 0
        ? usage('exec NODE -- ARGV...', 'there is no program to run')
        : good({kind: 'exec', words: all});
  }
}

const firstLookMs = 3700;

/** By the configuration; only a name that is not in it is looked up on the monitor. */
async function find(word: string, cluster: ClusterConfiguration): Promise<Outcome<SessionContainer>> {
  const found = findContainer(word, cluster.hosts);
  if (found.ok) return found;
  const collector = collect(cluster, {now: Date.now, random: Math.random, ask: askOnTerminal(), readOnly: true});
  try {
    await collector.settled(firstLookMs);
    return findContainer(word, cluster.hosts, assess(collector.snapshot(), Date.now()).nodes);
  } finally {
    await collector.close();
  }
}

function onTerminal(
  cluster: ClusterConfiguration,
  connection: HostConnection,
  place: SessionContainer,
  program: SessionProgram,
  record: RecordSession,
): Promise<SessionEnd> {
  return withStandardTerminal(
    lent =>
      sessionOnTerminal(lent, {
        ...{connection, place, program, cluster, record},
        now: Date.now,
        type: terminalType(process.env.TERM),
        newMark: randomUUID,
        state: undefined,
        nodes: cluster.hosts.flatMap(host => (host.node === undefined ? [] : [host.node.container])),
        history: [],
        inLine: false,
      }),
    () => void connection.close(),
  );
}

async function onPipes(
  connection: HostConnection,
  place: SessionContainer,
  program: SessionProgram,
  terminal: boolean,
  record: RecordSession,
): Promise<SessionEnd> {
  const ending = new AbortController();
  let signal: NodeJS.Signals | 'SIGPIPE' | undefined;
  const end = (by: NodeJS.Signals | 'SIGPIPE') => {
    signal ??= by;
    ending.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, end);
  // A terminal that goes away may say so twice, and the end has to be written down.
  process.on('SIGHUP', end);
  onOutputClosed(() => end('SIGPIPE'));

  const {columns = 80, rows = 24} = process.stdout;
  const mark = randomUUID();
  const opened = await openSession({
    ...{connection, place, program, mark},
    terminal: terminal ? {type: terminalType(process.env.TERM), size: {columns, rows}} : undefined,
    signal: ending.signal,
  });
  const ended = (end: SessionEnd) => (signal === undefined ? end : sessionEnd({exitCode: null, signal}));
  if (!opened.ok) return ended({kind: 'lost', problem: opened.problem});
  const noteEnd = sessionBegins({id: mark, program, place, terminal, startedAt: Date.now()}, record, Date.now);
  const over = ended(await passThrough(opened.value.session, place, terminal, ending.signal));
  noteEnd(over);
  return over;
}

/** Standard input goes there with its end, both outputs come from there, byte for byte. */
async function passThrough(
  session: Session,
  place: SessionContainer,
  terminal: boolean,
  ending: AbortSignal,
): Promise<SessionEnd> {
  let firstWords = '';
  session[terminal ? 'stdout' : 'stderr'].on('data', (chunk: Buffer) => {
    if (firstWords.length < 1024) firstWords += chunk.toString('utf8').slice(0, 1024);
  });
  const {stdin} = process;
  stdin.on('error', () => session.stdin.end());
  if (terminal) {
    // A terminal has no end of its input; it has a key for it.
    stdin.pipe(session.stdin, {end: false});
    stdin.once('end', () => session.stdin.write('\u0004'));
  } else {
    stdin.pipe(session.stdin);
  }
  const outputs = [drain(session.stdout, process.stdout), drain(session.stderr, process.stderr)];
  const ended = await session.ended;
  stdin.unpipe(session.stdin);
  stdin.destroy();
  // What was given up has outputs that do not end.
  if (ended.problem === undefined && !ending.aborted) await Promise.all(outputs);
  const end = sessionEnd(ended);
  if (end.kind !== 'exited') return end;
  const refusal = dockerRefusal(end.status, firstWords, place);
  return refusal === undefined ? end : {kind: 'lost', problem: refusal};
}

/** Resolves when all of a remote output has been taken by one of ours. */
function drain(source: Session['stdout'], target: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => {
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        target.write(chunk, () => done());
      },
      final(done) {
        done();
        resolve();
      },
    });
    source.pipe(sink);
  });
}
