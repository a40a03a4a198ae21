import type {Step} from '../actions/action.ts';
import {bad, good, type Outcome} from '../cluster/problem.ts';
import {couldNotReadConfiguration, readingTries} from '../docker/unread-configuration.ts';
import {LineSplitter} from '../logs/line-splitter.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import type {HostConnection} from '../ssh/host-connection.ts';

const connectMs = 10_000;
/** Commands that are fed are short: they write a file or a setting. */
const fedMs = 60_000;

/** Runs one step of a plan on its host; both its streams come back line by line, stripped of control sequences. */
export async function executeStep(
  host: HostConnection | undefined,
  step: Step,
  onLine: (line: string) => void,
): Promise<Outcome<{exitCode: number | null}>> {
  if (host === undefined) return bad('configuration', `host ${step.host} is not in the configuration`);
  if (step.input !== undefined) return feedStep(host, step.argv, step.input, onLine);
  for (let tried = 1; ; tried++) {
    let first = '';
    const ended = await streamStep(host, step.argv, line => {
      first ||= line;
      onLine(line);
    });
    // Of a script nobody knows what it has done before.
    const isOneCommand = step.argv.includes('pg_autoctl');
    const again = isOneCommand && ended.ok && couldNotReadConfiguration(ended.value.exitCode, first);
    if (!again || tried === readingTries) return ended;
    onLine('pg_autoctl was just writing that file: once more');
  }
}

async function streamStep(
  host: HostConnection,
  argv: readonly string[],
  onLine: (line: string) => void,
): Promise<Outcome<{exitCode: number | null}>> {
  const started = await host.stream(argv, {deadlineMs: connectMs});
  if (!started.ok) return started;
  const splitters = [started.value.stdout, started.value.stderr].map(stream => {
    const splitter = new LineSplitter(lines => {
      for (const line of lines) onLine(sanitizeLine(line));
    });
    stream.on('data', (chunk: Buffer) => splitter.push(chunk));
    return splitter;
  });
  const ended = await started.value.ended;
  for (const splitter of splitters) splitter.end();
  if (ended.problem !== undefined) return {ok: false, problem: ended.problem};
  return good({exitCode: ended.exitCode});
}

async function feedStep(
  host: HostConnection,
  argv: readonly string[],
  stdin: string,
  onLine: (line: string) => void,
): Promise<Outcome<{exitCode: number | null}>> {
  const ended = await host.run(argv, {deadlineMs: fedMs, stdin});
  if (!ended.ok) return ended;
  const {stdout, stderr, exitCode} = ended.value;
  for (const line of [stdout, stderr].flatMap(text => text.split('\n'))) if (line !== '') onLine(sanitizeLine(line));
  return good({exitCode});
}
