import {backOffMs, type EdgeClock} from '../cluster/back-off.ts';
import {good, type Outcome} from '../cluster/problem.ts';
import {current, failed, problemOf, type Sample} from '../cluster/sample.ts';
import type {Container} from '../cluster/snapshot.ts';
import type {CommandResult, HostConnection} from '../ssh/host-connection.ts';
import {inspectionFormat, parseInspection} from './container-inspection.ts';
import {dockerProblem, dockerSilent} from './docker-problem.ts';
import {keepRunning} from './keep-running.ts';

/** The argv of `docker exec` in a container; `docker` is the configured prefix such as ['sudo', '-n', 'docker'] or ['podman']. */
export function dockerExec(
  docker: readonly string[],
  container: string,
  argv: readonly string[],
  options: {
    interactive?: boolean;
    terminal?: boolean;
    user?: string;
    environment?: Readonly<Record<string, string>>;
  } = {},
): string[] {
  const environment = Object.entries(options.environment ?? {}).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  return [
    ...docker,
    'exec',
    ...(options.interactive === true ? ['-i'] : []),
    ...(options.terminal === true ? ['-t', '--detach-keys', detachKeys] : []),
    ...(options.user === undefined ? [] : ['-u', options.user]),
    ...environment,
    container,
    ...argv,
  ];
}

/** Docker keeps the first of these keys back until the next one comes: its own are ctrl-p and ctrl-q, which every shell needs. Nobody types this. */
const detachKeys = 'ctrl-@,ctrl-^,ctrl-@,ctrl-^,ctrl-@,ctrl-^,ctrl-@';

/** The argv of `docker logs`, always with timestamps. `since` is a timestamp as docker prints it, or a duration such as 15m. */
export function dockerLogs(
  docker: readonly string[],
  container: string,
  options: {tail?: number | 'all'; since?: string; follow?: boolean} = {},
): string[] {
  return [
    ...docker,
    'logs',
    '--timestamps',
    ...(options.follow === true ? ['--follow'] : []),
    ...(options.tail === undefined ? [] : ['--tail', String(options.tail)]),
    ...(options.since === undefined ? [] : ['--since', options.since]),
    container,
  ];
}

/** Every container of a host, stopped ones too, sorted by name. */
export async function containers(
  host: HostConnection,
  docker: readonly string[],
  options: {deadlineMs?: number; signal?: AbortSignal} = {},
): Promise<Outcome<Container[]>> {
  const list = await runDocker(host, docker, ['ps', '--all', '--quiet', '--no-trunc'], options);
  if (!list.ok) return list;
  if (list.value.exitCode !== 0) return {ok: false, problem: dockerProblem({...list.value, host: host.name, docker})};
  const ids = list.value.stdout.split(/\s+/).filter(id => /^[0-9a-f]{12,}$/i.test(id));
  if (ids.length === 0) return good([]);

  const inspect = (format: readonly string[]) => runDocker(host, docker, ['inspect', ...format, ...ids], options);
  let inspection = await inspect(['--format', inspectionFormat]);
  // An old podman names a field otherwise; the plain output has everything.
  if (inspection.ok && /can't evaluate field|template/i.test(inspection.value.stderr)) inspection = await inspect([]);
  if (!inspection.ok) return inspection;
  const {exitCode, stderr, stdout} = inspection.value;
  // A container removed between the two commands is not a failure.
  const onlyVanished = stderr.split('\n').every(line => line.trim() === '' || /no such/i.test(line));
  if (exitCode !== 0 && !onlyVanished)
    return {ok: false, problem: dockerProblem({exitCode, stderr, host: host.name, docker})};
  return good(parseInspection(stdout));
}

/** Whether a container runs at this moment. */
export async function containerRuns(
  host: HostConnection,
  docker: readonly string[],
  container: string,
): Promise<Outcome<boolean>> {
  const outcome = await runDocker(host, docker, ['inspect', '--format', '{{.State.Running}}', container], {});
  if (!outcome.ok) return outcome;
  const {exitCode, stderr, stdout} = outcome.value;
  if (exitCode !== 0)
    return {ok: false, problem: dockerProblem({exitCode, stderr, host: host.name, docker, container})};
  return good(stdout.trim() === 'true');
}

/** The events after which the list of containers is read again; `died` and `remove` are podman's words. */
const eventNames = [
  'create',
  'start',
  'restart',
  'die',
  'died',
  'stop',
  'oom',
  'pause',
  'unpause',
  'rename',
  'update',
  'destroy',
  'remove',
  'health_status',
];

const steadyReadMs = 30_000;
/** Events come in bursts: a restart alone is five. */
const burstMs = 150;
const settleMs = 1000;

/**
 * Watches a host's containers: reads the list at once, at every event of `docker events` (coalesced), when the connection comes back,
 * and every 30 s. One read at a time; failures are samples, retried with back-off.
 */
export function watchContainers(
  host: HostConnection,
  docker: readonly string[],
  listener: (sample: Sample<readonly Container[]>) => void,
  clock: EdgeClock,
): {close(): void; refresh(): void} {
  const source = `docker ${host.name}`;
  const abort = new AbortController();
  let sample: Sample<readonly Container[]> | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let reading = false;
  let again = false;

  const readWithin = (milliseconds: number) => {
    const at = clock.now() + milliseconds;
    if (at >= dueAt) return;
    dueAt = at;
    clearTimeout(timer);
    timer = setTimeout(() => void read(), milliseconds);
  };
  const read = async () => {
    clearTimeout(timer);
    dueAt = Number.POSITIVE_INFINITY;
    again = reading;
    if (reading) return;
    reading = true;
    const outcome = await containers(host, docker, {signal: abort.signal});
    reading = false;
    if (abort.signal.aborted) return;
    failures = outcome.ok ? 0 : failures + 1;
    const at = clock.now();
    sample = outcome.ok ? {value: outcome.value, at, source} : failed(sample, outcome.problem, at, source);
    const wait = outcome.ok ? steadyReadMs : backOffMs(failures, clock.random, {firstMs: 500, maxMs: 8000});
    readWithin(again ? burstMs : wait);
    listener(sample);
  };

  const filters = eventNames.flatMap(name => ['--filter', `event=${name}`]);
  const events = keepRunning({
    host,
    clock,
    argv: async () => good([...docker, 'events', '--filter', 'type=container', ...filters, '--format', '{{.Status}}']),
    deadlineMs: 10_000,
    settledAfterMs: 5000,
    started: process => {
      process.stdout.on('data', () => readWithin(burstMs));
      // What happened between the last read and this stream's start was not announced.
      readWithin(settleMs);
    },
    ended: () => undefined,
  });

  let connectedAt = current(host.link())?.connectedAt;
  const unsubscribe = host.subscribe(() => {
    const link = host.link();
    const now = current(link)?.connectedAt;
    if (now === connectedAt) return;
    connectedAt = now;
    const lost = problemOf(link);
    if (now !== undefined) {
      void read();
    } else if (lost !== undefined) {
      // The next read would say so too, after its deadline.
      sample = failed(sample, lost, clock.now(), source);
      listener(sample);
    }
  });
  void read();

  return {
    close() {
      abort.abort();
      unsubscribe();
      clearTimeout(timer);
      events.close();
    },
    refresh() {
      events.retryNow();
      void read();
    },
  };
}

async function runDocker(
  host: HostConnection,
  docker: readonly string[],
  argv: readonly string[],
  options: {deadlineMs?: number; signal?: AbortSignal},
): Promise<Outcome<CommandResult>> {
  const deadlineMs = options.deadlineMs ?? 5000;
  const outcome = await host.run([...docker, ...argv], {
    deadlineMs,
    ...(options.signal === undefined ? {} : {signal: options.signal}),
  });
  if (outcome.ok || outcome.problem.kind !== 'timeout') return outcome;
  // With the connection up, it is the daemon that is silent.
  return current(host.link()) === undefined
    ? outcome
    : {ok: false, problem: dockerSilent(host.name, docker, deadlineMs)};
}
