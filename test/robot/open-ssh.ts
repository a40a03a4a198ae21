import {spawn} from 'node:child_process';

/** What OpenSSH needs to know of a host; the console's own HostSettings fit. */
export type OpenSshHost = {
  address: string;
  port: number;
  user: string;
  identityFiles: readonly string[];
  knownHostsFiles: readonly string[];
};

/** How a command on a host ended. Code null: by a signal. */
export type Ended = {code: number | null; stdout: string; stderr: string};

/**
 * The arguments with which OpenSSH's own client reaches a host, without any of the person's settings. The tests look at hosts through it
 * so that what they see does not depend on the code they test.
 */
export function openSshArguments(host: OpenSshHost): string[] {
  const quote = (path: string) => `"${path}"`;
  return [
    ...[
      '-F',
      'none',
      '-o',
      'BatchMode=yes',
      '-o',
      'ConnectTimeout=5',
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'LogLevel=ERROR',
    ],
    ...['-o', `UserKnownHostsFile=${host.knownHostsFiles.map(quote).join(' ')}`],
    ...host.identityFiles.flatMap(file => ['-i', file]),
    ...['-p', String(host.port), '-l', host.user, host.address],
  ];
}

/** Runs a command line of the remote shell to its end. Rejects when ssh itself cannot be started or the deadline passes. */
export function runOverSsh(host: OpenSshHost, commandLine: string, deadlineMs = 10_000): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', [...openSshArguments(host), commandLine], {stdio: ['ignore', 'pipe', 'pipe']});
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`ssh ${host.address}: ${commandLine}: no answer after ${deadlineMs} ms`));
    }, deadlineMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', code => {
      clearTimeout(timer);
      resolve({code, stdout, stderr});
    });
  });
}
