import {randomUUID} from 'node:crypto';
import {closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, writeSync} from 'node:fs';
import path from 'node:path';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';
import type {Action} from './action.ts';
import type {ActionRun} from './action-run.ts';
import {type AuditPlace, auditLine} from './audit-line.ts';

/** The file of a cluster's audit log in a folder. */
export function auditFile(folder: string, cluster: string): string {
  return path.join(folder, `audit-${encodeURIComponent(cluster)}.jsonl`);
}

/**
 * Writes runs down in a file (mode 0600): appended, a line in one write, on the disk before anything goes on. What of two consoles is written
 * at once stays whole.
 */
export function auditLog(
  file: string,
  place: AuditPlace,
  now: () => number,
  newId: () => string = randomUUID,
): (run: ActionRun) => Outcome<void> {
  const open = new Map<Action, string>();
  return run => {
    const id = open.get(run.action) ?? newId();
    if (run.phase === 'ended') open.delete(run.action);
    else open.set(run.action, id);
    return appendLine(file, JSON.stringify(auditLine(run, id, place, now())));
  };
}

/** Appends a line of the log and returns when it is on the disk. */
export function appendLine(file: string, line: string): Outcome<void> {
  try {
    mkdirSync(path.dirname(file), {recursive: true, mode: 0o700});
    const descriptor = openSync(file, 'a+', 0o600);
    try {
      // A line that was cut off when the disk was full must not spoil this one.
      const bytes = Buffer.from(`${endsALine(descriptor) ? '' : '\n'}${line}\n`);
      if (writeSync(descriptor, bytes) !== bytes.length)
        return bad('internal', `${file} takes no more: is its disk full?`);
      fsyncSync(descriptor);
      return good(undefined);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return bad('internal', errorText(error));
  }
}

function endsALine(descriptor: number): boolean {
  const {size} = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  return size === 0 || readSync(descriptor, last, 0, 1, size - 1) === 0 || last.toString() === '\n';
}
