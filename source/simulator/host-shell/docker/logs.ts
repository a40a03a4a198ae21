import {createBell} from '../../bell.ts';
import {outputOf} from '../../container-programs/output.ts';
import {clockSkewOf} from '../../host-clock.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options} from '../options.ts';
import {containerOf, DockerFailure, daemonAnswers, dockerTime, findContainer, parseTime} from './daemon.ts';

export const logsOptions = {
  flags: ['follow', 'timestamps', 'details'],
  valued: ['tail', 'since', 'until'],
  short: {f: 'follow', t: 'timestamps', n: 'tail'},
};

type Line = {at: number; stream: 'stdout' | 'stderr'; text: string};

/** So many lines are written at once. */
const batch = 200;

/**
 * `docker logs`: the lines of a container from where it is told, and with --follow those that come, until the container ends. A slow reader
 * holds it back, and misses only what the world itself no longer keeps.
 */
export async function dockerLogs(process: SimulatedProcess, place: HostPlace, options: Options): Promise<number> {
  const {world, host} = place;
  const {signal} = process;
  const [name = ''] = options.words;
  const container = containerOf(world, host, name);
  const skew = clockSkewOf(world, host);
  const bound = (option: string) => {
    const text = options.value(option);
    if (text === undefined) return undefined;
    const time = parseTime(text, world.now() + skew);
    if (time === undefined) {
      throw new DockerFailure(`invalid value for "${option}": failed to parse value as time or duration: "${text}"`);
    }
    return time;
  };
  const since = bound('since') ?? Number.NEGATIVE_INFINITY;
  const until = bound('until') ?? Number.POSITIVE_INFINITY;

  const bell = createBell();
  let ended = container.state !== 'running' && container.state !== 'paused';
  const unlisten = world.listen(happening => {
    if (happening.kind === 'host') bell.ring();
    if (happening.kind !== 'line' && happening.kind !== 'docker') return;
    if (happening.host !== host || happening.container !== container.name) return;
    if (happening.kind === 'docker' && (happening.action === 'die' || happening.action === 'destroy')) ended = true;
    bell.ring();
  });
  try {
    let last: Line | undefined;
    let first = true;
    for (;;) {
      await daemonAnswers(world, host, signal);
      if (signal.aborted) return 130;
      const isLast = ended;
      const known = world.lines(host, container.name);
      const begin = first ? beginning(known, options.value('tail'), since - skew) : after(known, last);
      first = false;
      const lines = known.slice(begin, begin + batch);
      last = lines.at(-1) ?? last;
      await printLines(process, lines, {timestamps: options.has('timestamps'), skew, until: until - skew});
      if (begin + batch < known.length) continue;
      if (!options.has('follow') || isLast || findContainer(world, host, container.id) === undefined) return 0;
      await bell.rung(signal);
    }
  } finally {
    unlisten();
  }
}

function beginning(lines: readonly Line[], tail: string | undefined, since: number): number {
  const count = tail === undefined || tail === 'all' ? Number.POSITIVE_INFINITY : Math.max(0, Number(tail) || 0);
  const from = lines.findIndex(line => line.at >= since);
  return Math.max(from < 0 ? lines.length : from, lines.length - count);
}

/** Behind the line that was printed last; the oldest when that one is kept no longer. */
function after(lines: readonly Line[], last: Line | undefined): number {
  return last === undefined ? 0 : lines.lastIndexOf(last) + 1;
}

async function printLines(
  process: SimulatedProcess,
  lines: readonly Line[],
  {timestamps, skew, until}: {timestamps: boolean; skew: number; until: number},
): Promise<void> {
  const output = outputOf(process);
  let text = '';
  let stream: Line['stream'] = 'stdout';
  const flush = () => (stream === 'stdout' ? output.out(text) : output.error(text));
  for (const line of lines) {
    if (line.at > until) continue;
    if (line.stream !== stream) {
      await flush();
      text = '';
      stream = line.stream;
    }
    text += `${timestamps ? `${dockerTime(line.at + skew)} ` : ''}${line.text}\n`;
  }
  await flush();
}
