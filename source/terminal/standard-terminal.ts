import {type LentTerminal, lendTerminal} from './lent-terminal.ts';
import {guardTerminal} from './restore.ts';
import {createSink, openTerminalDevice} from './sink.ts';

/**
 * Uses the terminal of standard input and output for another program, raw, and gives it back however the process ends. `onGone` is told
 * when it is closed. Both have to be terminals.
 */
export async function withStandardTerminal<T>(use: (lent: LentTerminal) => Promise<T>, onGone: () => void): Promise<T> {
  const {stdin, stdout} = process;
  const sink = createSink(openTerminalDevice());
  const {lent, end} = lendTerminal({stdin, stdout}, sink);
  const restore = () => {
    const heard = end();
    stdin.setRawMode(false);
    return heard;
  };
  const guard = guardTerminal({restore});
  sink.onGone(onGone);
  stdin.on('error', onGone);
  stdin.on('end', onGone);
  try {
    return await use(lent);
  } finally {
    guard.restore();
    guard.release();
    stdin.off('error', onGone);
    stdin.off('end', onGone);
    // A terminal that is read keeps the process.
    stdin.pause();
    stdin.unref();
    sink.close();
  }
}
