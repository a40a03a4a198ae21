import type {Readable} from 'node:stream';
import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {CommandResult, RemoteProcess, RunOptions} from './host-connection.ts';

const defaultMaxBytes = 4 * 1024 * 1024;

/** Reads a started process to its end. `command` and `host` are for the text of a problem. */
export async function collectOutput(
  process: RemoteProcess,
  options: Pick<RunOptions, 'maxBytes'> & {command: string; host: string},
): Promise<Outcome<CommandResult>> {
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  let overflow = false;
  const giveUp = () => {
    overflow = true;
    process.close();
  };
  const stdout = gather(process.stdout, maxBytes, giveUp);
  const stderr = gather(process.stderr, maxBytes, giveUp);
  const end = await process.ended;
  if (overflow) {
    return bad('command-failed', `the output of \`${options.command}\` on ${options.host} exceeds ${maxBytes} bytes`);
  }
  if (end.problem !== undefined) return {ok: false, problem: end.problem};
  return good({exitCode: end.exitCode, signal: end.signal, stdout: stdout(), stderr: stderr()});
}

function gather(stream: Readable, maxBytes: number, giveUp: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) giveUp();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
