import {waitUntil} from '../lab/wait.ts';
import {type OpenSshHost, runOverSsh} from './open-ssh.ts';

/** A process of a host, containers included, with its command line. */
export type RemoteProcess = {pid: number; commandLine: string};

/** The processes of a host whose command line matches: the lifeline check of everything the console starts there. */
export async function remoteProcesses(host: OpenSshHost, pattern: RegExp): Promise<RemoteProcess[]> {
  const listing = 'ps -ewwo pid=,args=';
  const {code, stdout, stderr} = await runOverSsh(host, listing);
  if (code !== 0) throw new Error(`ssh ${host.address} ${listing}: code ${code}: ${stderr}`);
  return parseProcesses(stdout).filter(one => !one.commandLine.includes(listing) && pattern.test(one.commandLine));
}

/** Resolves when no process of the host matches any more; rejects with those that are left at the deadline. */
export async function untilNoRemoteProcess(host: OpenSshHost, pattern: RegExp, deadlineMs = 10_000): Promise<void> {
  let left: readonly RemoteProcess[] = [];
  const isGone = async () => {
    left = await remoteProcesses(host, pattern);
    return left.length === 0;
  };
  try {
    await waitUntil(`no process on ${host.address}`, deadlineMs, isGone, 100);
  } catch (error) {
    if (left.length === 0) throw error;
    const lines = left.map(one => `${one.pid} ${one.commandLine}`).join('\n');
    throw new Error(`still running on ${host.address} after ${deadlineMs} ms:\n${lines}`);
  }
}

/** Reads `ps -o pid=,args=`. */
export function parseProcesses(listing: string): RemoteProcess[] {
  return [...listing.matchAll(/^ *(\d+) (.*)$/gm)].map(([, pid, commandLine = '']) => ({
    pid: Number(pid),
    commandLine,
  }));
}
