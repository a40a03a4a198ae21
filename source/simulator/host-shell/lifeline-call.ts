import {PassThrough, Readable} from 'node:stream';
import {type LifelineInput, withLifeline, withSession} from '../../ssh/lifeline.ts';
import type {SimulatedProcess} from '../program.ts';

/** A command that the console wrapped, so that it ends with its session; `session`: its input is its own affair. */
export type LifelineCall = {argv: readonly string[]; input: LifelineInput | {kind: 'session'}};

/** Recognises the console's own wrappers: the script is the one that withLifeline or withSession makes. */
export function lifelineCall(argv: readonly string[]): LifelineCall | undefined {
  const [, option, script = '', , ...wrapped] = argv;
  if (option !== '-c' || wrapped.length === 0) return undefined;
  const inSession = wrapped.slice(1);
  const isSession = [true, false].some(terminal => {
    const made = withSession(inSession, terminal, ['true']);
    return made.ok && made.value[2] === script;
  });
  if (isSession) return {argv: inSession, input: {kind: 'session'}};
  const count = /head -c (\d+)/.exec(script)?.[1];
  const inputs: LifelineInput[] = [
    {kind: 'nothing'},
    {kind: 'stream'},
    ...(count === undefined ? [] : [{kind: 'bytes', count: Number(count)} as const]),
  ];
  const input = inputs.find(each => withLifeline(wrapped, each)[2] === script);
  return input === undefined ? undefined : {argv: wrapped, input};
}

/** How long a command that reads a stream may go on after the end of it. */
const graceMs = 5000;

/** Runs what was wrapped as the script would: the end of the session's input ends it, at once or after its grace. */
export async function withinLifeline(
  process: SimulatedProcess,
  input: LifelineCall['input'],
  run: (process: SimulatedProcess) => Promise<number>,
): Promise<number> {
  if (input.kind === 'session') return run(process);
  const ended = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const onEnd = () => {
    if (input.kind === 'stream') grace ??= setTimeout(() => ended.abort(), graceMs);
    else ended.abort();
  };
  process.stdin.once('end', onEnd);
  process.stdin.once('close', onEnd);
  try {
    const signal = AbortSignal.any([process.signal, ended.signal]);
    const status = await run({...process, stdin: inputOf(process.stdin, input), signal});
    return ended.signal.aborted ? 143 : status;
  } finally {
    clearTimeout(grace);
    process.stdin.off('end', onEnd);
    process.stdin.off('close', onEnd);
  }
}

function inputOf(stdin: Readable, input: LifelineInput): Readable {
  switch (input.kind) {
    case 'nothing':
      // Read, so that its end is noticed.
      stdin.resume();
      return Readable.from([]);
    case 'stream': {
      const stream = new PassThrough();
      stdin.pipe(stream);
      return stream;
    }
    case 'bytes':
      return firstBytes(stdin, input.count);
  }
}

/** The first bytes, as `head -c` passes them on; the rest is read and thrown away. */
function firstBytes(stdin: Readable, count: number): Readable {
  const head = new PassThrough();
  let left = count;
  if (left === 0) head.end();
  stdin.on('data', (chunk: Buffer) => {
    if (left <= 0) return;
    const part = chunk.subarray(0, left);
    left -= part.length;
    head.write(part);
    if (left === 0) head.end();
  });
  return head;
}
