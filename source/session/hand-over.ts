import type {Outcome} from '../cluster/problem.ts';
import type {Session, WindowSize} from '../ssh/host-connection.ts';
import type {LentTerminal} from '../terminal/lent-terminal.ts';
import {EscapeRecogniser} from './escape.ts';
import type {OpenedSession} from './open-session.ts';
import {type SessionEnd, sessionEnd} from './session-end.ts';

/** How it ended, the first words that came, in which docker says why nothing ran, and whether the last ones ended their line. */
export type HandedOver = SessionEnd & {firstWords: string; inLine: boolean};

/**
 * Puts a session on a terminal until it ends or the person leaves it by the escape. Input is taken from the first moment on: what is typed
 * before the session is there is its own, and the escape leads out of one that does not come up.
 */
export async function handOver(
  lent: LentTerminal,
  open: (size: WindowSize, signal: AbortSignal) => Promise<Outcome<OpenedSession>>,
): Promise<HandedOver> {
  const leaving = new AbortController();
  const recogniser = new EscapeRecogniser();
  const input = new HeldInput(lent);
  const unlisten = lent.listen(bytes => {
    const {send, leave} = recogniser.push(bytes);
    input.push(send);
    if (leave) leaving.abort();
  });
  try {
    const opened = await untilLeft(open(lent.size(), leaving.signal), leaving.signal);
    if (opened === undefined) return {kind: 'left', firstWords: '', inLine: false};
    if (!opened.ok) return {kind: 'lost', problem: opened.problem, firstWords: '', inLine: false};
    const {session, endRemains} = opened.value;
    const end = await connect(lent, input, session, leaving.signal);
    if (end.kind !== 'exited') endRemains();
    return end;
  } finally {
    unlisten();
  }
}

async function connect(
  lent: LentTerminal,
  input: HeldInput,
  session: Session,
  leaving: AbortSignal,
): Promise<HandedOver> {
  let firstWords = '';
  let inLine = false;
  let lastWrite = Promise.resolve();
  const onOutput = (chunk: Buffer) => {
    if (firstWords.length < mostFirstWords) firstWords += chunk.toString('utf8').slice(0, mostFirstWords);
    inLine = chunk.at(-1) !== 0x0a;
    session.stdout.pause();
    lastWrite = lent.write(chunk).then(() => void session.stdout.resume());
  };
  session.stdout.on('data', onOutput);
  input.passTo(session);
  const unresize = lent.onResize(() => session.resize(lent.size()));
  // The window may have changed while the session was on its way.
  session.resize(lent.size());

  const end = await untilLeft(session.ended, leaving);
  unresize();
  input.stop();
  if (end === undefined) {
    session.stdout.off('data', onOutput);
    session.close();
    return {kind: 'left', firstWords, inLine};
  }
  await lastWrite;
  return {...sessionEnd(end), firstWords, inLine};
}

/** What was typed and is not taken yet. A session that takes nothing holds the terminal back, once there is more than a screen's worth. */
class HeldInput {
  readonly #lent: LentTerminal;
  #held: Uint8Array[] = [];
  #bytes = 0;
  #session: Session | undefined;

  constructor(lent: LentTerminal) {
    this.#lent = lent;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#session === undefined) {
      this.#held.push(bytes);
      this.#bytes += bytes.length;
      if (this.#bytes > mostHeld) this.#lent.hold(true);
      return;
    }
    if (!this.#session.stdin.write(bytes)) {
      this.#lent.hold(true);
      this.#session.stdin.once('drain', () => this.#lent.hold(false));
    }
  }

  passTo(session: Session): void {
    this.#session = session;
    for (const bytes of this.#held.splice(0)) session.stdin.write(bytes);
    this.#lent.hold(false);
  }

  stop(): void {
    this.#session?.stdin.removeAllListeners('drain');
    this.#session = undefined;
    this.#held = [];
  }
}

const mostHeld = 1024 * 1024;
const mostFirstWords = 1024;

/** The result, or undefined when the signal comes first. */
function untilLeft<T>(result: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const leave = () => resolve(undefined);
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
    void result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
