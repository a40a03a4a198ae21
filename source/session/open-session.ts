import {good, type Outcome, type Problem} from '../cluster/problem.ts';
import {current} from '../cluster/sample.ts';
import {type ContainerOwner, containerOwner} from '../docker/container-owner.ts';
import {dockerProblem} from '../docker/docker-problem.ts';
import type {HostConnection, Session, WindowSize} from '../ssh/host-connection.ts';
import {runsAsOwner, type SessionContainer, type SessionProgram, sessionArgv} from './container-session.ts';

/** How a session is reached and what it is to be. */
export type SessionRequest = {
  connection: HostConnection;
  place: SessionContainer;
  program: SessionProgram;
  /** Undefined: no terminal, standard output and error apart. */
  terminal: {type: string; size: WindowSize} | undefined;
  /** Names this session and no other: letters and digits. */
  mark: string;
  signal: AbortSignal;
  /** As whom psql and pg_autoctl run, where that is known already. */
  owner?: ContainerOwner | undefined;
};

const startMs = 15_000;

/** A session, as whom it runs, and what ends what is left of it in its container. */
export type OpenedSession = {session: Session; owner: ContainerOwner | undefined; endRemains(): void};

/** Starts a program in a container; the problem says why it can not be. */
export async function openSession(request: SessionRequest): Promise<Outcome<OpenedSession>> {
  const {connection, place, program, terminal, mark, signal} = request;
  const owner =
    runsAsOwner(program) && request.owner === undefined
      ? await containerOwner(connection, place.docker, place.container, startMs)
      : good(request.owner);
  if (!owner.ok) return owner;
  const {argv, afterLoss} = sessionArgv(place, program, {terminal: terminal?.type, owner: owner.value, mark});
  const session = await connection.session(argv, {
    deadlineMs: startMs,
    signal,
    afterLoss,
    ...(terminal === undefined ? {} : {terminal}),
  });
  if (!session.ok) return session;
  return good({session: session.value, owner: owner.value, endRemains: () => runWhenConnected(connection, afterLoss)});
}

/** A host whose network is gone does not hear that a session was closed, and may keep it for hours: it is told once it can be reached. */
function runWhenConnected(connection: HostConnection, argv: readonly string[]): void {
  const unsubscribe = connection.subscribe(() => attempt());
  const attempt = () => {
    if (current(connection.link()) === undefined) return;
    unsubscribe();
    // What it says is of no use to anybody: the session is over here.
    void connection.run(argv, {deadlineMs: startMs});
  };
  attempt();
}

/**
 * Docker's own reason why the program did not run, by its exit status and the first words that came; undefined when it ran. Those words are
 * the only way to tell docker's status from the program's.
 */
export function dockerRefusal(status: number, firstWords: string, place: SessionContainer): Problem | undefined {
  if (![1, 125, 126, 127].includes(status)) return undefined;
  const line = firstWords.trimStart().split('\n', 1)[0] ?? '';
  const isMissing = place.docker.some(word =>
    new RegExp(`(^|[\\s:])${escaped(word)}: (command )?not found`).test(line),
  );
  if (!isMissing && !refusals.test(line)) return undefined;
  const problem = dockerProblem({
    exitCode: status,
    stderr: firstWords,
    host: place.host,
    docker: place.docker,
    container: place.container,
  });
  return problem.kind === 'command-failed' ? undefined : problem;
}

const refusals =
  /^(Error response from daemon|error during connect|(Got )?permission denied while trying|Cannot connect to |sudo: |Error: (no such|no container|can only create exec|unable to connect))/i;

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
