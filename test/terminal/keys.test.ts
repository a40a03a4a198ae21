import {PassThrough} from 'node:stream';
import {expect, test} from 'vitest';
import {readKeys} from '../../source/terminal/keys.ts';

/** A timer that runs when the test says so. */
function manualTimer() {
  const waiting: Array<{milliseconds: number; run: () => void}> = [];
  return {
    waiting,
    after(milliseconds: number, run: () => void) {
      const entry = {milliseconds, run};
      waiting.push(entry);
      return () => {
        const index = waiting.indexOf(entry);
        if (index >= 0) waiting.splice(index, 1);
      };
    },
    elapse() {
      for (const {run} of waiting.splice(0)) run();
    },
  };
}

function start() {
  const timer = manualTimer();
  const keys: string[] = [];
  const rawModes: boolean[] = [];
  const stream = new PassThrough();
  const input = Object.assign(stream, {isTTY: true, setRawMode: (raw: boolean) => rawModes.push(raw)});
  const stop = readKeys(input, event => keys.push(event.kind === 'key' ? event.key : event.text), {after: timer.after});
  return {timer, keys, rawModes, stream, stop};
}

test('escape resolves by a timer of 25 ms, without more input', () => {
  const {timer, keys, stream} = start();
  stream.emit('data', Buffer.from('\u001B'));
  expect(keys).toEqual([]);
  expect(timer.waiting.map(({milliseconds}) => milliseconds)).toEqual([25]);
  timer.elapse();
  expect(keys).toEqual(['escape']);
});

test('more input cancels the timer', () => {
  const {timer, keys, stream} = start();
  stream.emit('data', Buffer.from('\u001B'));
  stream.emit('data', Buffer.from('[A'));
  expect(timer.waiting).toEqual([]);
  expect(keys).toEqual(['up']);
});

test('takes raw mode, and gives it and the input back when stopped', () => {
  const {timer, keys, stream, stop, rawModes} = start();
  stream.emit('data', Buffer.from('\u001B'));
  stop();
  timer.elapse();
  stream.emit('data', Buffer.from('q'));
  expect(keys).toEqual([]);
  expect(rawModes).toEqual([true, false]);
  expect(stream.isPaused()).toBe(true);
});

test.each([
  ['s', 'ls\r'],
  ['js', 'é中 and so on\u0003'],
  ['s', '\u001B[A\u001B'],
  ['\u001Bs', 'ls\r'],
])('what comes after %j in one read is the next reader’s, byte for byte: %j', (before, after) => {
  const stream = new PassThrough();
  const seen: string[] = [];
  let rest = '';
  const input = Object.assign(stream, {isTTY: true, setRawMode: () => undefined});
  const stop = readKeys(input, event => {
    seen.push(
      event.kind === 'key' && event.key === 'escape' ? '\u001B' : event.kind === 'key' ? event.key : event.text,
    );
    if (seen.at(-1) !== 's') return;
    stop(true);
    stream.on('data', chunk => {
      rest += String(chunk);
    });
    stream.resume();
  });
  stream.emit('data', Buffer.from(before + after));
  expect(seen.join('')).toBe(before);
  return expect.poll(() => rest).toBe(after);
});

test('the pieces of a character that is not whole go along', () => {
  const stream = new PassThrough();
  const given: Uint8Array[] = [];
  const input = Object.assign(stream, {
    isTTY: true,
    setRawMode: () => undefined,
    unshift: (chunk: Uint8Array) => given.push(chunk),
  });
  const stop = readKeys(input, () => stop(true));
  stream.emit('data', Buffer.concat([Buffer.from('sé'), Buffer.from('€').subarray(0, 2)]));
  expect(Buffer.concat(given)).toEqual(Buffer.concat([Buffer.from('é'), Buffer.from('€').subarray(0, 2)]));
});
