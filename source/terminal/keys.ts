import {KeyDecoder, type KeyEvent} from './key-decoder.ts';

/** The input of a terminal, as much of process.stdin as is needed; the tests pass a PassThrough. */
export type KeyInput = {
  on(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown;
  off(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
  unshift(chunk: Uint8Array): unknown;
  readonly isTTY?: boolean | undefined;
  setRawMode?: (raw: boolean) => unknown;
};

/** How long a lone ESC may be the start of a sequence, a begun sequence and a paste may stay unfinished; and the timer. */
export type KeyTiming = {
  readonly escapeMs?: number;
  readonly sequenceMs?: number;
  readonly pasteMs?: number;
  /** Runs once after a time, returns what cancels it. */
  readonly after?: (milliseconds: number, run: () => void) => () => void;
};

/**
 * Puts a terminal into raw mode and calls the listener for every key and paste, in order. The returned function stops:
 * raw mode is off again unless it is to be kept, and the input paused and free for another reader, who gets all that came after the last key.
 */
export function readKeys(
  input: KeyInput,
  listener: (event: KeyEvent) => void,
  timing: KeyTiming = {},
): (keepRaw?: boolean) => void {
  const {escapeMs = 25, sequenceMs = 1000, pasteMs = 5000, after = realTimer} = timing;
  const patience = {escape: escapeMs, sequence: sequenceMs, paste: pasteMs};
  const decoder = new KeyDecoder();
  let cancel: (() => void) | undefined;
  let stopped = false;

  const onData = (chunk: Uint8Array | string) => {
    cancel?.();
    cancel = undefined;
    for (const {event, rest} of decoder.read(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk)) {
      listener(event);
      if (!stopped) continue;
      const bytes = rest();
      if (bytes.length > 0) input.unshift(bytes);
      return;
    }
    wait();
  };
  const wait = () => {
    const pending = decoder.pending;
    if (pending === 'nothing') return;
    cancel = after(patience[pending], () => {
      cancel = undefined;
      for (const event of decoder.flush()) listener(event);
    });
  };

  if (input.isTTY === true) input.setRawMode?.(true);
  input.on('data', onData);
  input.resume();
  return (keepRaw = false) => {
    stopped = true;
    cancel?.();
    cancel = undefined;
    input.off('data', onData);
    input.pause();
    if (input.isTTY === true && !keepRaw) input.setRawMode?.(false);
  };
}

function realTimer(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
}
