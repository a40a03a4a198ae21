import {closeSync, mkdirSync, openSync, writeSync} from 'node:fs';
import path from 'node:path';
import {problemOf} from '../cluster/sample.ts';
import type {Snapshot} from '../cluster/snapshot.ts';
import {stateFolder} from '../config/state-folder.ts';
import type {ConsoleStore} from '../console/store.ts';

/** The console's own log: JSON lines in a file, because the screen belongs to the console. */
export type LogFile = {
  write(level: 'info' | 'warning' | 'error', event: string, text: string): void;
  /** Writes each change of the verdict and of what is wrong with a connection; returns what stops it. */
  follow(store: ConsoleStore): () => void;
  close(): void;
};

/** Opens `file`, or `$XDG_STATE_HOME/pgaf/pgaf.log`, for appending (mode 0600). Where that fails the console runs without a log. */
export function openLogFile(file: string | undefined, environment: NodeJS.ProcessEnv): LogFile {
  const target = file ?? path.join(stateFolder(environment), 'pgaf.log');
  const descriptor = openForAppending(target);
  const write: LogFile['write'] = (level, event, text) => {
    if (descriptor === undefined) return;
    try {
      writeSync(descriptor, `${JSON.stringify({at: new Date().toISOString(), level, event, text})}\n`);
    } catch (error) {
      // A full disk must not take the console down with it; there is nobody else to tell.
      if (!(error instanceof Error)) throw error;
    }
  };
  return {
    write,
    follow: store =>
      store.subscribe((state, before) => {
        if (state.assessment.verdict.level !== before.assessment.verdict.level) {
          write('info', 'verdict', `${state.assessment.verdict.level}: ${state.assessment.verdict.summary}`);
        }
        if (state.snapshot !== before.snapshot) logProblems(write, before.snapshot, state.snapshot);
        if (state.action?.outcome !== undefined && state.action.outcome !== before.action?.outcome) {
          write('info', state.action.action.kind.id, `${state.action.outcome.kind}: ${state.action.outcome.message}`);
        }
      }),
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
    },
  };
}

function openForAppending(target: string): number | undefined {
  try {
    mkdirSync(path.dirname(target), {recursive: true, mode: 0o700});
    return openSync(target, 'a', 0o600);
  } catch (error) {
    process.stderr.write(`pgaf: no log is written: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

function logProblems(write: LogFile['write'], before: Snapshot, after: Snapshot): void {
  const old = new Map(problemsOf(before));
  for (const [source, message] of problemsOf(after)) {
    if (old.get(source) !== message) write(message === undefined ? 'info' : 'warning', source, message ?? 'answers');
  }
}

function problemsOf(snapshot: Snapshot): readonly (readonly [string, string | undefined])[] {
  return [
    ['monitor', problemOf(snapshot.monitor)?.message] as const,
    ...snapshot.hosts.flatMap(host => [
      [`ssh ${host.name}`, problemOf(host.link)?.message] as const,
      [`docker ${host.name}`, problemOf(host.containers)?.message] as const,
      [`psql ${host.name}`, problemOf(host.postgres)?.message] as const,
    ]),
  ];
}
