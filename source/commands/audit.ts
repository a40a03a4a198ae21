import {open} from 'node:fs/promises';
import {type AuditEntry, auditEntries, parseAuditLine} from '../actions/audit-entries.ts';
import type {AuditLine} from '../actions/audit-line.ts';
import {errorText} from '../cluster/problem.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import {auditText} from './audit-text.ts';
import type {CommandIo} from './command-io.ts';

const lookMs = 500;

/**
 * `pgaf audit`: the last runs of a cluster's audit log, oldest first, each as it ended or as unfinished; with `follow` those that come. `json`
 * prints the lines themselves. 0, also when there is no log yet: nothing was done then.
 */
export async function audit(
  file: string,
  options: {count: number; follow: boolean; json: boolean},
  io: CommandIo,
): Promise<number> {
  const reader = growingFile(file);
  const print = (entries: readonly AuditEntry[]) => {
    for (const entry of entries)
      io.stdout(
        options.json ? `${JSON.stringify(entry.line)}\n` : `${auditText(entry).map(sanitizeLine).join('\n')}\n`,
      );
  };
  const read = async (): Promise<readonly AuditLine[] | undefined> => {
    const lines = await reader.read();
    if (!lines.ok) {
      io.stderr(`pgaf: the audit log can not be read: ${lines.problem}\n`);
      return undefined;
    }
    const parsed = lines.value.map(parseAuditLine);
    const broken = parsed.filter(line => line === undefined).length;
    if (broken > 0) io.stderr(`pgaf: ${broken === 1 ? 'a line' : `${broken} lines`} of ${file} can not be read\n`);
    return parsed.filter(line => line !== undefined);
  };

  const first = await read();
  if (first === undefined) return 1;
  if (first.length === 0 && !options.json) io.stderr(`pgaf: nothing is written in ${file}\n`);
  const entries = auditEntries(first);
  print(entries.slice(Math.max(0, entries.length - options.count)));
  while (options.follow && !io.signal.aborted) {
    await io.sleep(lookMs);
    const more = await read();
    if (more === undefined) return 1;
    // Each line by itself: one that begins is told at once.
    print(more.map(line => ({line, ended: line.event !== 'begin'})));
  }
  return 0;
}

type Lines = {ok: true; value: readonly string[]} | {ok: false; problem: string};

/** Gives the whole lines that have come since it was last read; a file that is not there has none. */
function growingFile(file: string): {read(): Promise<Lines>} {
  let at = 0;
  let rest = Buffer.alloc(0);
  return {
    async read() {
      try {
        const handle = await open(file, 'r');
        try {
          const {size} = await handle.stat();
          const fresh = Buffer.alloc(Math.max(0, size - at));
          const {bytesRead} = await handle.read(fresh, 0, fresh.length, at);
          at += bytesRead;
          rest = Buffer.concat([rest, fresh.subarray(0, bytesRead)]);
        } finally {
          await handle.close();
        }
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {ok: true, value: []};
        return {ok: false, problem: errorText(error)};
      }
      const end = rest.lastIndexOf('\n') + 1;
      const text = rest.subarray(0, end).toString();
      rest = rest.subarray(end);
      return {ok: true, value: text.split('\n').filter(line => line !== '')};
    },
  };
}
