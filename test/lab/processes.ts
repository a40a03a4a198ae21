import {readdirSync, readFileSync} from 'node:fs';
import {waitUntil} from './wait.ts';

/** Put into the environment of every process that a lab starts outside its machines, so that it can be proved ours later. */
export function marks(lab: string, role: string): Record<string, string> {
  return {PGAF_LAB: lab, PGAF_LAB_ROLE: role};
}

/** A process of a lab, found by its marks. */
export type LabProcess = {pid: number; role: string};

/** The living processes of a lab: those whose environment carries its marks. No recorded number is trusted. */
export function labProcesses(lab: string): LabProcess[] {
  const found: LabProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const environment = readProcess(entry, 'environ').split('\0');
    if (!environment.includes(`PGAF_LAB=${lab}`)) continue;
    const role = environment.find(line => line.startsWith('PGAF_LAB_ROLE='))?.slice('PGAF_LAB_ROLE='.length);
    if (role !== undefined) found.push({pid: Number(entry), role});
  }
  return found;
}

/** The number of the process that has this role and whose parent does not have it, that is, the one the lab started. */
export function leader(lab: string, role: string): number | undefined {
  const family = labProcesses(lab).filter(process => process.role === role);
  const numbers = new Set(family.map(({pid}) => pid));
  const isLeader = ({pid}: LabProcess) => {
    const above = parent(pid);
    // One that has ended meanwhile has no parent any more.
    return above !== undefined && !numbers.has(above);
  };
  return family.find(isLeader)?.pid;
}

/** The first child of a process. */
export function firstChild(pid: number): number | undefined {
  const [child] = readProcess(String(pid), `task/${pid}/children`).split(' ');
  return child === undefined || child === '' ? undefined : Number(child);
}

/** Tells one life of a process number from the next: its start, in clock ticks since the machine started. */
export function startOf(pid: number): string | undefined {
  return statOf(pid)?.[19];
}

/** Whether that very process lives. `start` is what startOf said of it. A zombie does not live. */
export function lives(pid: number, start: string): boolean {
  const stat = statOf(pid);
  return stat?.[19] === start && stat[0] !== 'Z';
}

/** Kills the lab's processes that `which` picks, and waits until they are gone. */
export async function killProcesses(lab: string, which: (role: string) => boolean): Promise<void> {
  const living = () => labProcesses(lab).filter(({pid, role}) => pid !== process.pid && which(role));
  const allGone = () => {
    for (const {pid} of living()) signalProcess(pid, 'SIGKILL');
    return living().length === 0;
  };
  await waitUntil('the processes of the lab are gone', 10_000, allGone, 50);
}

/** Sends a signal; a process that is gone already is no failure. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function parent(pid: number): number | undefined {
  const number = statOf(pid)?.[1];
  return number === undefined ? undefined : Number(number);
}

// The fields of /proc/PID/stat from the third on: the second is the name, which may hold spaces and parentheses.
function statOf(pid: number): string[] | undefined {
  const text = readProcess(String(pid), 'stat');
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** A file of /proc/PID. Processes come and go while one looks: what cannot be read reads as empty. */
export function readProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
