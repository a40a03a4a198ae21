import {spawn} from '@lydell/node-pty';
import {keyBytes, pasteBytes} from './keys.ts';
import {sessionMembers, signalProcess} from './local-processes.ts';
import {type Cell, openScreen} from './screen.ts';
import type {TerminalModes} from './terminal-modes.ts';

/** What a robot waits for: a text on the screen, a pattern in its text (rows joined by newlines), or anything else about it. */
export type Target = string | RegExp | ((screen: string) => boolean);

export type RobotOptions = {
  command: string;
  args?: readonly string[];
  /** Laid over a small clean environment; undefined takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>;
  columns?: number;
  rows?: number;
  cwd?: string;
  /** Hears of everything the program writes, with performance.now(). */
  onBytes?: (bytes: Buffer, at: number) => void;
};

/** How the program ended. */
export type Exit = {code: number; signal: number};

/** A program in a pseudoterminal with a terminal emulator as its screen, driven the way a person would. */
export type Robot = {
  readonly pid: number;
  /** performance.now() at the start. */
  readonly startedAt: number;
  /** performance.now() at the program's first byte; undefined before it. */
  firstByteAt(): number | undefined;
  readonly modes: TerminalModes;
  /** Sends keys by name; see keyBytes. After 'esc' wait for the screen before the next key, as a person would. */
  press(...keys: string[]): void;
  /** Sends text as if typed. */
  type(text: string): void;
  /** Sends text as a paste, framed when the program asked for that. */
  paste(text: string): void;
  resize(columns: number, rows: number): void;
  /**
   * Resolves as soon as the screen matches, with the time (performance.now()) at which the bytes arrived that made it so. Rejects with a
   * picture of the last screen when it never does within the deadline, or when the program has ended.
   */
  waitFor(target: Target, deadlineMs?: number): Promise<number>;
  /** As waitFor, for a screen that does not match any more. */
  waitUntilGone(target: Target, deadlineMs?: number): Promise<number>;
  /** All rows as text. */
  screen(): string;
  row(y: number): string;
  cell(x: number, y: number): Cell;
  cursor(): {x: number; y: number};
  /** The screen with its size, modes and the program's end, for people. */
  picture(): string;
  /** Bytes the program has written so far. */
  rawBytes(): number;
  /** The newest bytes the program wrote, at most 4 MiB. */
  transcript(): Buffer;
  /** A terminal that reads no more; the program's writes fill the kernel's buffer and then block. */
  stopReading(): void;
  startReading(): void;
  kill(signal: NodeJS.Signals): void;
  readonly exit: Promise<Exit>;
  ended(): Exit | undefined;
  /** Ends the program and everything in its session, and resolves when all of it is gone. */
  close(): Promise<void>;
};

const openRobots = new Set<Robot>();
/** Long: it costs time only where a test fails, and a machine may be busy. */
const patienceMs = 30_000;
const maximalTranscript = 4 * 1024 * 1024;

/** Starts a program. It has to be closed: see closeRobots and closeRobotsAfterEach. */
export function openRobot(options: RobotOptions): Robot {
  const screen = openScreen(options.columns ?? 80, options.rows ?? 24);
  const startedAt = performance.now();
  const pty = spawn(options.command, [...(options.args ?? [])], {
    cols: screen.columns(),
    rows: screen.rows(),
    cwd: options.cwd ?? process.cwd(),
    env: environment(options.env ?? {}),
    // One character a byte: nothing is lost, also of what is not UTF-8.
    encoding: 'latin1',
  });
  const waiters = new Set<() => void>();
  let chunks: Buffer[] = [];
  let kept = 0;
  let written = 0;
  let firstByteAt: number | undefined;
  let lastByteAt = startedAt;
  let ended: Exit | undefined;
  let drawn: Promise<void> = Promise.resolve();

  const notify = () => {
    for (const waiter of [...waiters]) waiter();
  };
  const keep = (bytes: Buffer) => {
    chunks.push(bytes);
    kept += bytes.length;
    if (kept < 2 * maximalTranscript) return;
    chunks = [Buffer.concat(chunks).subarray(-maximalTranscript)];
    kept = maximalTranscript;
  };
  pty.onData(text => {
    const bytes = Buffer.from(text, 'latin1');
    const arrivedAt = performance.now();
    firstByteAt ??= arrivedAt;
    written += bytes.length;
    options.onBytes?.(bytes, arrivedAt);
    keep(bytes);
    drawn = screen.write(bytes).then(() => {
      lastByteAt = arrivedAt;
      notify();
    });
  });
  const exit = new Promise<Exit>(resolve => {
    pty.onExit(({exitCode, signal}) => {
      // What it wrote last is on the screen before anybody hears of its end.
      void drawn.then(() => {
        ended = {code: exitCode, signal: signal ?? 0};
        resolve(ended);
        notify();
      });
    });
  });
  const send = (bytes: string) => {
    if (ended === undefined) pty.write(bytes);
  };
  screen.onAnswer(send);

  const picture = () => {
    const state = ended === undefined ? 'running' : `ended with code ${ended.code}, signal ${ended.signal}`;
    return `${screen.picture()}\n${[options.command, ...(options.args ?? [])].join(' ')}: ${state}`;
  };
  const wait = (target: Target, wanted: boolean, deadlineMs: number) =>
    new Promise<number>((resolve, reject) => {
      const finish = (action: () => void) => {
        clearTimeout(timer);
        waiters.delete(check);
        action();
      };
      const fail = (why: string) => {
        const what = `${wanted ? 'no' : 'still'} ${typeof target === 'function' ? 'match' : String(target)} on the screen`;
        finish(() => reject(new Error(`${what} ${why}\n${picture()}`)));
      };
      const check = () => {
        // Inside a synchronized frame a terminal shows the frame before it.
        if (screen.modes.synchronizedOutput() && ended === undefined) return;
        if (matches(screen.text(), target) === wanted) finish(() => resolve(lastByteAt));
        else if (ended !== undefined) fail('when the program ended');
      };
      const timer = setTimeout(() => fail(`after ${deadlineMs} ms`), deadlineMs);
      waiters.add(check);
      check();
    });

  const robot: Robot = {
    pid: pty.pid,
    startedAt,
    firstByteAt: () => firstByteAt,
    modes: screen.modes,
    press: (...keys) => {
      for (const key of keys) send(keyBytes(key, screen.applicationCursorKeys()));
    },
    type: send,
    paste: text => send(pasteBytes(text, screen.modes.bracketedPaste())),
    resize: (columns, rows) => {
      screen.resize(columns, rows);
      pty.resize(columns, rows);
    },
    waitFor: (target, deadlineMs = patienceMs) => wait(target, true, deadlineMs),
    waitUntilGone: (target, deadlineMs = patienceMs) => wait(target, false, deadlineMs),
    screen: screen.text,
    row: screen.row,
    cell: screen.cell,
    cursor: screen.cursor,
    picture,
    rawBytes: () => written,
    transcript: () => Buffer.concat(chunks).subarray(-maximalTranscript),
    stopReading: () => pty.pause(),
    startReading: () => pty.resume(),
    kill: signal => signalProcess(pty.pid, signal),
    exit,
    ended: () => ended,
    close: async () => {
      pty.resume();
      if (ended === undefined) signalProcess(pty.pid, 'SIGKILL');
      for (const pid of sessionMembers(pty.pid)) signalProcess(pid, 'SIGKILL');
      await exit;
      // A session's members can have been started between the look and the signal.
      for (let left = sessionMembers(pty.pid); left.length > 0; left = sessionMembers(pty.pid)) {
        for (const pid of left) signalProcess(pid, 'SIGKILL');
        await new Promise(resolve => setTimeout(resolve, 5));
      }
      openRobots.delete(robot);
      screen.dispose();
    },
  };
  openRobots.add(robot);
  return robot;
}

/** Closes every robot that is still open. */
export async function closeRobots(): Promise<void> {
  await Promise.all([...openRobots].map(robot => robot.close()));
}

/** Pictures of all robots that are open, for the message of a failed test. */
export function pictures(): string {
  return [...openRobots].map(robot => robot.picture()).join('\n\n');
}

function matches(screen: string, target: Target): boolean {
  if (typeof target === 'string') return screen.includes(target);
  if (typeof target === 'function') return target(screen);
  // A global or sticky pattern would remember where it stopped.
  target.lastIndex = 0;
  return target.test(screen);
}

function environment(changes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const base = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    USER: process.env.USER,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
  };
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries({...base, ...changes})) if (value !== undefined) result[name] = value;
  return result;
}
