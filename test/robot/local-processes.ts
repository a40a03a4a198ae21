import {readdirSync, readFileSync} from 'node:fs';

/** A process of this machine, as /proc has it. */
export type LocalProcess = {pid: number; parent: number; session: number; command: string};

/** All processes of this machine that are not zombies. */
export function localProcesses(): LocalProcess[] {
  const processes: LocalProcess[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readProcessFile(`/proc/${name}/stat`);
    if (stat === undefined) continue;
    // The command stands in parentheses and may itself contain blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') continue;
    processes.push({
      pid: Number(name),
      parent: Number(fields[1]),
      session: Number(fields[3]),
      command: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
    });
  }
  return processes;
}

/** The process itself and everything it started that still hangs on it. */
export function processTree(pid: number): number[] {
  const all = localProcesses();
  const tree = all.some(one => one.pid === pid) ? [pid] : [];
  for (const parent of tree) tree.push(...all.filter(one => one.parent === parent).map(one => one.pid));
  return tree;
}

/** Every process of a terminal session, whoever its parent is by now. */
export function sessionMembers(session: number): number[] {
  return localProcesses()
    .filter(one => one.session === session)
    .map(one => one.pid);
}

/** The text of a file under /proc; undefined when its process has ended meanwhile. */
export function readProcessFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined;
    throw error;
  }
}

/** Sends a signal; a process that is already gone is fine. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
