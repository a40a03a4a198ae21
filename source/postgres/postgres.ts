import type {EdgeClock} from '../cluster/back-off.ts';
import {withCommitStall} from '../cluster/commit-stall.ts';
import {good, type Problem} from '../cluster/problem.ts';
import {failed, type Sample} from '../cluster/sample.ts';
import type {PostgresReading} from '../cluster/snapshot.ts';
import {containerOwner} from '../docker/container-owner.ts';
import {dockerExec} from '../docker/docker.ts';
import {keepRunning, type ProcessEnd} from '../docker/keep-running.ts';
import {LineSplitter} from '../logs/line-splitter.ts';
import type {HostConnection, RemoteProcess} from '../ssh/host-connection.ts';
import {postgresProblem} from './postgres-problem.ts';
import {parseAnswer} from './reading.ts';
import {executeStatement, prepareStatement} from './reading-query.ts';

export type PostgresOptions = {
  host: HostConnection;
  docker: readonly string[];
  container: string;
  /** The port of PostgreSQL as the container sees it. */
  port: number;
  /** Default: postgres. */
  database?: string;
  clock: EdgeClock;
};

export type PostgresWatch = {
  close(): void;
  /** Reads at once; when psql does not run, starts it at once. */
  refresh(): void;
};

const periodMs = 1000;
const answerMs = 3000;
const firstAnswerMs = 8000;

/**
 * Watches the PostgreSQL of one container: one long-lived psql in it, asked once a second, one question at a time, each with a deadline.
 * When psql ends or does not answer, the sample says why, and psql is started again with back-off.
 */
export function watchPostgres(
  options: PostgresOptions,
  listener: (sample: Sample<PostgresReading>) => void,
): PostgresWatch {
  const {host, docker, container, clock} = options;
  const source = `psql ${container}@${host.name}`;
  let sample: Sample<PostgresReading> | undefined;
  let process: RemoteProcess | undefined;
  let request = 0;
  /** The question under way; undefined between two. */
  let asked: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let silent: Problem | undefined;
  let owner: string | undefined;
  let ownerWanted = false;
  let closed = false;

  const deliver = (next: Sample<PostgresReading>) => {
    sample = withCommitStall(sample, next);
    if (!closed) listener(sample);
  };

  const ask = (deadlineMs: number) => {
    clearTimeout(timer);
    request += 1;
    asked = request;
    const askedAt = clock.now();
    timer = setTimeout(() => giveUp(clock.now() - askedAt), deadlineMs);
    process?.write(executeStatement(request));
  };

  const giveUp = (waitedMs: number) => {
    silent = {
      kind: 'timeout',
      message: `PostgreSQL in ${container} on ${host.name} has not answered for ${Math.round(waitedMs / 1000)} s`,
      remedy: 'is the host overloaded, or docker frozen?',
    };
    // A frozen process may take its time to end: say it now.
    deliver(failed(sample, silent, clock.now(), source));
    kept.restart();
  };

  const onAnswer = (line: string) => {
    const answer = parseAnswer(line);
    if (answer === undefined || answer.request !== asked) return;
    asked = undefined;
    clearTimeout(timer);
    timer = setTimeout(() => ask(answerMs), periodMs);
    deliver({value: answer.reading, at: clock.now(), source});
  };

  const kept = keepRunning({
    host,
    clock,
    stdin: true,
    argv: async () => {
      if (ownerWanted) {
        const found = await containerOwner(host, docker, container);
        if (!found.ok) return found;
        owner = found.value.user;
        ownerWanted = false;
      }
      return good(psqlArgv(options, owner));
    },
    deadlineMs: 8000,
    settledAfterMs: 3000,
    maxBackOffMs: 3000,
    started: started => {
      process = started;
      silent = undefined;
      const splitter = new LineSplitter(
        lines => {
          for (const line of lines) onAnswer(line);
        },
        {maxLineLength: 1024 * 1024},
      );
      started.stdout.on('data', (chunk: Buffer) => splitter.push(chunk));
      started.write(prepareStatement);
      ask(firstAnswerMs);
    },
    ended: end => {
      process = undefined;
      asked = undefined;
      clearTimeout(timer);
      const problem = silent ?? whyEnded(end);
      if (problem.kind === 'query' && / knows no role /.test(problem.message)) ownerWanted = true;
      deliver(failed(sample, problem, clock.now(), source));
    },
  });

  const whyEnded = (end: ProcessEnd): Problem =>
    end.problem ?? postgresProblem({...end, host: host.name, docker, container, port: options.port});

  return {
    close() {
      closed = true;
      clearTimeout(timer);
      kept.close();
    },
    refresh() {
      if (process === undefined) kept.retryNow();
      else if (asked === undefined) ask(answerMs);
    },
  };
}

/** Starts psql with its arguments. PostgreSQL writes into its pid file where its socket is (line 5); without a socket it is asked on loopback. */
export const psqlScript = `
pid=\${PGDATA:-/var/lib/postgres/pgaf}/postmaster.pid
if [ -r "$pid" ]; then PGHOST=$(sed -n 5p "$pid"); : "\${PGHOST:=127.0.0.1}"; else PGHOST=; fi
export PGHOST
exec psql "$@"`.trim();

/**
 * psql over the container's own socket, as the owner of PGDATA and its role of the same name. The container's environment may set PGUSER
 * for pg_autoctl: an empty one means libpq's default.
 */
function psqlArgv(options: PostgresOptions, owner: string | undefined): string[] {
  const psql = [
    '-X',
    '-q',
    '-A',
    '-t',
    '-v',
    'ON_ERROR_STOP=1',
    '-p',
    String(options.port),
    '-d',
    options.database ?? 'postgres',
  ];
  return dockerExec(options.docker, options.container, ['sh', '-c', psqlScript, 'psql', ...psql], {
    interactive: true,
    ...(owner === undefined ? {} : {user: owner}),
    environment: {
      PGUSER: '',
      PGAPPNAME: 'pgaf',
      PGCONNECT_TIMEOUT: '5',
      PGOPTIONS: '-c statement_timeout=2000 -c lock_timeout=1000',
      PGCLIENTENCODING: 'UTF8',
      LC_ALL: 'C',
    },
  });
}
