import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {z} from 'zod';
import {labDirectory} from './places.ts';

const schema = z.object({
  /** Machines without power. */
  off: z.array(z.string()).default([]),
  /** Cut off from everybody ("vm1"), or from each other ("vm1 vm2"). */
  partitions: z.array(z.string()).default([]),
  /** What was frozen, as "vm1 sshd". */
  frozen: z.array(z.string()).default([]),
  /** Containers killed or stopped. */
  stopped: z.array(z.string()).default([]),
  /** Milliseconds added to a round trip, by machine. */
  slow: z.record(z.string(), z.number()).default({}),
  /** Transactions a second that are written; 0 is none. */
  load: z.number().default(0),
});

/** The faults that were injected and not taken back. */
export type FaultsInPlace = z.infer<typeof schema>;

/** Reads what was kept; no file means no faults. */
export function faultsInPlace(lab: string): FaultsInPlace {
  const file = faultsFile(lab);
  return schema.parse(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
}

/** Keeps a change of the faults. */
export function keepFaults(lab: string, change: (faults: FaultsInPlace) => Partial<FaultsInPlace>): void {
  const before = faultsInPlace(lab);
  writeFileSync(faultsFile(lab), `${JSON.stringify({...before, ...change(before)}, undefined, 2)}\n`);
}

/** One line a fault, for people; none when the lab is as it was raised. */
export function describeFaults(faults: FaultsInPlace): string[] {
  return [
    ...faults.off.map(host => `${host} is powered off`),
    ...faults.partitions.map(pair =>
      pair.includes(' ') ? `${pair.replace(' ', ' and ')} are cut off from each other` : `${pair} is cut off`,
    ),
    ...faults.frozen.map(what => `${what.replace(' ', ': ')} is frozen`),
    ...faults.stopped.map(container => `${container} is stopped`),
    ...Object.entries(faults.slow).map(([host, ms]) => `${host} answers ${ms} ms later`),
    ...(faults.load > 0 ? [`${faults.load} transactions a second are written`] : []),
  ];
}

/** The list with the entry, once. */
export function including(list: readonly string[], entry: string): string[] {
  return [...new Set([...list, entry])];
}

/** The list without the entry. */
export function without(list: readonly string[], entry: string): string[] {
  return list.filter(other => other !== entry);
}

function faultsFile(lab: string): string {
  return join(labDirectory(lab), 'faults.json');
}
