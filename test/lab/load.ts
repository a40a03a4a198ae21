import {spawn} from 'node:child_process';
import {closeSync, existsSync, openSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {z} from 'zod';
import {nodePort} from './cluster.ts';
import {plainEnvironment} from './command.ts';
import {machinesOf, networkOf} from './machine.ts';
import {portOf} from './network.ts';
import {labDirectory} from './places.ts';
import type {Plan} from './plan.ts';
import {killProcesses, marks} from './processes.ts';

const progress = z.object({
  first: z.number(),
  acknowledged: z.number(),
  highest: z.number(),
  doubtful: z.array(z.number()),
  at: z.number(),
  error: z.string().nullable(),
});

/**
 * What the writers got confirmed: how many rows above the first number, the highest one, when last (ms since 1970), and why not since.
 * Numbers without an answer are doubtful: their rows may be there or not.
 */
export type LoadProgress = z.infer<typeof progress>;

/**
 * Writes that many numbered rows a second to whichever node is writable, from a process of its own, into the table `lab_load (id, written_at)`.
 * Replaces the load before; 0 ends it.
 */
export async function setLoad(plan: Plan, transactionsPerSecond: number): Promise<void> {
  await killProcesses(plan.name, role => role === 'load');
  if (transactionsPerSecond === 0) return;
  writeFileSync(
    progressFile(plan.name),
    JSON.stringify({first: 0, acknowledged: 0, highest: 0, doubtful: [], at: Date.now(), error: null}),
  );
  const addresses = machinesOf(plan).map(index => portOf(networkOf(plan), index).address);
  const script = fileURLToPath(new URL('load-writer.ts', import.meta.url));
  const log = openSync(join(labDirectory(plan.name), 'load.log'), 'a');
  const argv = [script, progressFile(plan.name), String(transactionsPerSecond), String(nodePort), ...addresses];
  const child = spawn(process.execPath, argv, {
    env: {...plainEnvironment, ...marks(plan.name, 'load')},
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.on('error', () => undefined);
  child.unref();
  closeSync(log);
}

/** How far the load is; undefined when there never was one. */
export function loadProgress(lab: string): LoadProgress | undefined {
  const file = progressFile(lab);
  return existsSync(file) ? progress.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

function progressFile(lab: string): string {
  return join(labDirectory(lab), 'load.json');
}
