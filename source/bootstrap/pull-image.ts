import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import {followPull} from './pull-progress.ts';
import {refusalOf} from './registry-answer.ts';

const startDeadlineMs = 30_000;
/** Docker tries a download again by itself; without a word for so long it stands still. */
const silenceDeadlineMs = 300_000;
const sayEveryMs = 5000;

/**
 * `docker pull` on a host, on a terminal of its own: only there does Docker tell how far it is. `say` hears of it every few seconds. It ends with
 * the connection, or when the signal comes; Docker keeps nothing of an image that is not complete.
 */
export async function pullImage(
  host: HostConnection,
  {argv, image}: {argv: readonly string[]; image: string},
  say: (bytes: number, totalBytes?: number) => void,
  signal: AbortSignal,
): Promise<Outcome<void>> {
  const silence = new AbortController();
  const session = await host.session(argv, {
    deadlineMs: startDeadlineMs,
    signal: AbortSignal.any([signal, silence.signal]),
    terminal: {type: 'xterm', size: {columns: 150, rows: 60}},
    afterLoss: ['true'],
  });
  if (!session.ok) return session;
  const pull = followPull();
  const timer = setTimeout(() => silence.abort(), silenceDeadlineMs);
  let said = 0;
  const saying = setInterval(() => {
    const {bytes, totalBytes} = pull.progress();
    if (bytes === said) return;
    said = bytes;
    say(bytes, totalBytes);
  }, sayEveryMs);
  session.value.stdout.on('data', chunk => {
    timer.refresh();
    pull.hear(String(chunk));
  });
  const {exitCode, problem} = await session.value.ended;
  clearTimeout(timer);
  clearInterval(saying);
  if (silence.signal.aborted)
    return bad(
      'timeout',
      `nothing more of ${image} has come to ${host.name} for ${silenceDeadlineMs / 60_000} minutes`,
      {
        remedy: 'see that the registry and the way to it are well; the same command tries it again',
      },
    );
  if (signal.aborted) return bad('cancelled', 'it was interrupted', {remedy: 'the same command tries it again'});
  if (problem !== undefined) return {ok: false, problem};
  if (exitCode === 0) return good(undefined);
  const {reason, remedy} = refusalOf(pull.lastWords(), image, host.name);
  return bad('command-failed', `${image} cannot be pulled on ${host.name}: ${reason}`, {remedy});
}
