import {Readable, Writable} from 'node:stream';
import {absolutePath, type FileComplaint, type Files} from '../files.ts';
import type {ContainerPlace, SimulatedProcess} from '../program.ts';
import type {Redirection, ShellCommand} from './shell-words.ts';

type Streams = Pick<SimulatedProcess, 'stdin' | 'stdout' | 'stderr'>;

/** The streams of a command behind its redirections. `close` puts into the files what was written; a complaint is the shell's own. */
export function redirected(
  process: SimulatedProcess,
  {files}: ContainerPlace,
  command: Pick<ShellCommand, 'merge'>,
  redirections: readonly Redirection[],
  {directory, umask}: {directory: string; umask: number},
): (Streams & {close(): void}) | {complaint: string} {
  const streams: Streams = {stdin: process.stdin, stdout: process.stdout, stderr: process.stderr};
  const closes: (() => void)[] = [];
  for (const {stream, path, append} of redirections) {
    if (path === '/dev/null') {
      if (stream === 'stdin') streams.stdin = Readable.from([]);
      else streams[stream] = nowhere();
      continue;
    }
    // The files of a container are made when they are read.
    if (files === undefined)
      return {complaint: `cannot ${stream === 'stdin' ? 'open' : 'create'} ${path}: Read-only file system`};
    const target = absolutePath(path, directory);
    if (stream === 'stdin') {
      const entry = files.entry(target);
      if (entry === undefined) return {complaint: `cannot open ${path}: No such file`};
      streams.stdin = Readable.from([Buffer.from(entry.content)]);
      continue;
    }
    const by = {owner: process.environment.USER || 'root', mode: 0o666 & ~umask};
    const before = append ? (files.entry(target)?.content ?? '') : '';
    const complaint = files.write(target, before, by);
    if (complaint !== undefined) return {complaint: `cannot create ${path}: ${inShell(complaint)}`};
    const file = intoFile(files, target, before, by);
    streams[stream] = file.stream;
    closes.push(file.close);
  }
  if (command.merge === 'stderr') streams.stderr = streams.stdout;
  if (command.merge === 'stdout') streams.stdout = streams.stderr;
  return {
    ...streams,
    close() {
      for (const close of closes) close();
    },
  };
}

function nowhere(): Writable {
  return new Writable({write: (_chunk, _encoding, done) => done()});
}

/** What was written is there when the command ends, also when it was ended in the middle. */
function intoFile(files: Files, path: string, before: string, by: {owner: string; mode: number}) {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return {stream, close: () => void files.write(path, before + Buffer.concat(chunks).toString('utf8'), by)};
}

/** dash's words for it. */
function inShell(complaint: FileComplaint): string {
  return complaint === 'No such file or directory' ? 'Directory nonexistent' : complaint;
}
