import type {EdgeClock} from '../cluster/back-off.ts';
import {good, type Problem} from '../cluster/problem.ts';
import {failed, type Sample} from '../cluster/sample.ts';
import {containerRuns, dockerLogs} from '../docker/docker.ts';
import {dockerProblem} from '../docker/docker-problem.ts';
import {keepRunning, type ProcessEnd} from '../docker/keep-running.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import {LineSplitter} from './line-splitter.ts';
import {ResumePoint} from './resume-point.ts';
import {sanitizeLine} from './sanitize.ts';
import {TimestampReader} from './timestamp.ts';

/**
 * One line of a container's log. `at` is milliseconds since 1970 by that host's clock; `text` has no control sequences. A `gap` is our
 * own remark on the log: that the container stopped, or that we were away.
 */
export type LogLine = {at: number; stream: 'stdout' | 'stderr' | 'gap'; text: string};

export type ContainerLogOptions = {
  host: HostConnection;
  docker: readonly string[];
  container: string;
  /** Lines of the past to begin with. */
  tail: number;
  clock: EdgeClock;
};

export type ContainerLogListener = {
  /** In the order of arrival, in batches. */
  lines(lines: readonly LogLine[]): void;
  /** Whether the log is being followed, and if not, why. */
  state(state: Sample<{following: true}>): void;
};

export type ContainerLog = {
  close(): void;
  /** Try at once when it waits for its next attempt. */
  retryNow(): void;
  /** How many lines were too long and were cut. */
  truncated(): number;
};

/**
 * Follows `docker logs` of a container for ever: through restarts of the container and lost connections, without a line twice, each
 * interruption marked by a gap. Nothing runs on the host after close().
 */
export function followContainerLog(options: ContainerLogOptions, listener: ContainerLogListener): ContainerLog {
  const {host, docker, container, clock} = options;
  const source = `docker logs ${container}@${host.name}`;
  const stdout = openSide('stdout');
  const stderr = openSide('stderr');
  let state: Sample<{following: true}> | undefined;
  let interruption: {since: number; stopped: boolean} | undefined;
  let lastAt: number | undefined;
  /** docker's own words on its standard error, which carry no timestamp. */
  let complaint = '';

  const gap = (text: string): LogLine => ({at: lastAt ?? clock.now(), stream: 'gap', text});

  function openSide(stream: 'stdout' | 'stderr') {
    const resume = new ResumePoint();
    const timestamps = new TimestampReader();
    const splitter = new LineSplitter((raw, plain) => {
      const lines: LogLine[] = [];
      for (const line of raw) {
        const stamped = timestamps.split(line);
        if (stamped === undefined) {
          if (stream === 'stderr') complaint = `${complaint}${line}\n`.slice(-4096);
          continue;
        }
        if (!resume.accept(stamped.stamp)) continue;
        if (interruption !== undefined) lines.push(gap(resumedText(interruption, clock.now())));
        interruption = undefined;
        lastAt = stamped.at;
        lines.push({at: stamped.at, stream, text: plain ? stamped.text : sanitizeLine(stamped.text)});
      }
      if (lines.length > 0) listener.lines(lines);
    });
    return {resume, splitter};
  }

  const report = (next: Sample<{following: true}>) => {
    state = next;
    listener.state(next);
  };

  const kept = keepRunning({
    host,
    clock,
    argv: async () => {
      if (interruption?.stopped === true) {
        // Asking `docker logs` instead would make docker read the whole log at every attempt.
        const runs = await containerRuns(host, docker, container);
        if (!runs.ok) return runs;
        if (!runs.value) return {ok: false, problem: notRunning(container, host.name)};
      }
      const since = resumeTime(stdout.resume.stamp, stderr.resume.stamp);
      stdout.resume.rewind();
      stderr.resume.rewind();
      return good(
        dockerLogs(docker, container, {follow: true, ...(since === undefined ? {tail: options.tail} : {since})}),
      );
    },
    deadlineMs: 10_000,
    maxBackOffMs: 3000,
    settledAfterMs: 5000,
    started: process => {
      complaint = '';
      process.stdout.on('data', (chunk: Buffer) => stdout.splitter.push(chunk));
      report({value: {following: true}, at: clock.now(), source});
    },
    stderr: chunk => stderr.splitter.push(chunk),
    ended: end => {
      for (const {splitter} of [stdout, stderr]) {
        // Half a line would hide the whole one, which comes when the log is read again.
        if (end.exitCode === null || end.problem !== undefined) splitter.reset();
        else splitter.end();
      }
      const problem = whyEnded(end);
      const stopped = problem.kind === 'container-not-running';
      if (stopped && interruption?.stopped !== true) listener.lines([gap(`${container} stopped`)]);
      interruption = {since: interruption?.since ?? clock.now(), stopped};
      report(failed(state, problem, clock.now(), source));
    },
  });

  const whyEnded = (end: ProcessEnd): Problem => {
    if (end.problem !== undefined) return end.problem;
    if (end.exitCode === 0) return notRunning(container, host.name);
    return dockerProblem({exitCode: end.exitCode, stderr: complaint, host: host.name, docker, container});
  };

  return {
    close: () => kept.close(),
    retryNow: () => kept.retryNow(),
    truncated: () => stdout.splitter.truncated + stderr.splitter.truncated,
  };
}

function notRunning(container: string, host: string): Problem {
  return {
    kind: 'container-not-running',
    message: `${container} on ${host} is not running`,
    remedy: 'its log goes on by itself when it starts',
  };
}

function resumedText(interruption: {since: number; stopped: boolean}, now: number): string {
  const seconds = Math.max(1, Math.round((now - interruption.since) / 1000));
  return interruption.stopped ? `started again after ${seconds} s` : `reconnected after ${seconds} s`;
}

/** The two streams arrive side by side, the one a little behind the other: go back a little from the newest line seen. */
const overlapMs = 2000;

/** Where to read again from: `--since` of the next start; undefined when nothing was read yet. */
function resumeTime(...stamps: readonly (string | undefined)[]): string | undefined {
  const times = stamps.filter(stamp => stamp !== undefined).map(stamp => Date.parse(stamp));
  if (times.length === 0) return undefined;
  return new Date(Math.max(...times) - overlapMs).toISOString();
}
