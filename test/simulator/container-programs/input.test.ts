import {getEventListeners} from 'node:events';
import {PassThrough} from 'node:stream';
import {expect, test} from 'vitest';
import {createLineReader} from '../../../source/simulator/container-programs/input.ts';
import {outputOf} from '../../../source/simulator/container-programs/output.ts';

test.each(['plain', 'terminal'])(
  'a reader of a %s input holds on to nothing between its lines, and ends with its process',
  async kind => {
    const end = new AbortController();
    const stdin = new PassThrough();
    const stdout = new PassThrough().resume();
    const process = {argv: ['sh'], environment: {}, stdin, stdout, stderr: stdout, signal: end.signal};
    const terminal = {columns: 80, rows: 24, onResize: () => () => undefined};
    const seen = kind === 'plain' ? process : {...process, terminal};
    const reader = createLineReader(seen, outputOf(seen));
    const held = () =>
      getEventListeners(end.signal, 'abort').length + stdin.listenerCount('data') + stdin.listenerCount('close');
    const before = held();

    stdin.write('one\ntwo\n');
    for (const text of ['one', 'two']) {
      expect(await reader.read('$ ')).toEqual({kind: 'line', text});
      reader.release();
      expect(held()).toBe(before);
    }
    const waiting = reader.read('$ ');
    end.abort();
    expect(await waiting).toEqual({kind: 'end'});
    expect(await reader.read('$ ')).toEqual({kind: 'end'});
    reader.release();
    expect(held()).toBe(before);
  },
);

test('a character that comes in pieces is one character, and its beginning is left to who reads next', async () => {
  const stdin = new PassThrough();
  const stdout = new PassThrough().resume();
  const {signal} = new AbortController();
  const terminal = {columns: 80, rows: 24, onResize: () => () => undefined};
  const process = {argv: ['sh'], environment: {}, stdin, stdout, stderr: stdout, signal, terminal};
  const reader = createLineReader(process, outputOf(process));
  const read = reader.read('');
  for (const byte of Buffer.from('a€é😀\r€')) stdin.write(Uint8Array.of(byte));
  expect(await read).toEqual({kind: 'line', text: 'a€é😀'});
  reader.release();
  let rest = '';
  stdin.on('data', chunk => {
    rest += String(chunk);
  });
  stdin.resume().end('!');
  await expect.poll(() => rest).toBe('€!');
});
