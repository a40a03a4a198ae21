import {afterEach, describe, expect, test} from 'vitest';
import {Screen} from '../../source/terminal/screen.ts';
import type {Sink} from '../../source/terminal/sink.ts';
import {Emulator} from './emulator.ts';

/** A sink into an emulator that can be made busy. */
class TestSink implements Sink {
  busy = false;
  bytes = 0;
  drainMs = 0;
  readonly frames: string[] = [];
  readonly #emulator: Emulator;
  #drained: () => void = () => undefined;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  write(frame: string | Uint8Array): void {
    this.frames.push(String(frame));
    this.bytes += Buffer.byteLength(frame);
  }

  finish(text: string): boolean {
    this.write(text);
    return true;
  }

  onDrain(listener: () => void): () => void {
    this.#drained = listener;
    return () => undefined;
  }

  onGone(): void {}
  close(): void {}

  drain(): void {
    this.busy = false;
    this.#drained();
  }

  /** What the terminal shows after everything written since the last look. */
  async look(): Promise<string[]> {
    await this.#emulator.write(this.frames.splice(0).join(''));
    return this.#emulator.text();
  }
}

let emulator: Emulator;
afterEach(() => emulator.dispose());

function start(columns = 20, rows = 5) {
  emulator = new Emulator(columns, rows);
  const sink = new TestSink(emulator);
  const pending: Array<() => void> = [];
  const screen = new Screen({sink, columns, rows, soon: run => pending.push(run)});
  const settle = () => {
    for (const run of pending.splice(0)) run();
  };
  return {sink, screen, settle};
}

describe('Screen', () => {
  test('shows the frame that Ink writes, on the alternate screen, without a cursor', async () => {
    const {sink, screen, settle} = start();
    screen.enter();
    screen.stdout.write('one\n\u001B[1mtwo\u001B[22m');
    settle();
    expect(await sink.look()).toEqual(['one', 'two', '', '', '']);
    expect(emulator.isAlternate).toBe(true);
    expect(emulator.modes.bracketedPasteMode).toBe(true);
    expect(emulator.modes.wraparoundMode).toBe(false);
  });

  test('draws all changes of one turn in one write, between the marks of a synchronised update', () => {
    const {sink, screen, settle} = start();
    screen.enter();
    screen.stdout.write('one');
    screen.stdout.write('two');
    screen.setPane('log', {left: 0, top: 2, columns: 20, rows: 2}, ['line']);
    settle();
    expect(sink.frames).toHaveLength(1);
    expect(sink.frames[0]).toMatch(/^\u001B\[\?2026h.*\u001B\[\?2026l$/s);
  });

  test('writes nothing when the same frame comes again', () => {
    const {sink, screen, settle} = start();
    screen.enter();
    screen.stdout.write('one');
    settle();
    const {bytes} = sink;
    screen.stdout.write('one');
    screen.setPane('log', {left: 0, top: 2, columns: 20, rows: 2}, []);
    settle();
    expect(sink.bytes).toBe(bytes);
  });

  test('lays panes over the frame, later ones above earlier ones, and uncovers what was below', async () => {
    const {sink, screen, settle} = start(10, 3);
    screen.enter();
    screen.stdout.write('aaaaaaaaaa\nbbbbbbbbbb\ncccccccccc');
    screen.setPane('log', {left: 0, top: 1, columns: 10, rows: 2}, ['log one and more', 'log two']);
    screen.setPane('dialog', {left: 2, top: 0, columns: 3, rows: 2}, ['[?]']);
    settle();
    expect(await sink.look()).toEqual(['aa[?]aaaaa', 'lo   ne an', 'log two']);
    screen.setPane('log', {left: 0, top: 1, columns: 10, rows: 2}, ['LOG ONE', 'log two']);
    settle();
    expect(await sink.look()).toEqual(['aa[?]aaaaa', 'LO   NE', 'log two']);
    screen.removePane('dialog');
    screen.removePane('log');
    settle();
    expect(await sink.look()).toEqual(['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc']);
  });

  test('clips a frame that is wider and taller than the window', async () => {
    const {sink, screen, settle} = start(5, 2);
    screen.enter();
    screen.stdout.write('123456789\n1234中x\nthird');
    settle();
    expect(await sink.look()).toEqual(['12345', '1234']);
  });

  test('while the terminal is busy nothing is queued; then it shows the latest', async () => {
    const {sink, screen, settle} = start();
    screen.enter();
    screen.stdout.write('one');
    settle();
    sink.busy = true;
    for (const word of ['two', 'three', 'four']) {
      screen.stdout.write(word);
      settle();
    }
    expect(sink.frames).toHaveLength(1);
    sink.drain();
    expect(sink.frames).toHaveLength(2);
    expect((await sink.look())[0]).toBe('four');
    expect(screen.framesDropped).toBe(3);
  });

  test('follows the window, tells Ink, and draws everything anew', async () => {
    const {sink, screen, settle} = start(10, 3);
    screen.enter();
    screen.stdout.write('0123456789\nsecond\nthird');
    settle();
    await sink.look();
    const sizes: string[] = [];
    screen.stdout.on('resize', () => sizes.push(`${screen.stdout.columns}x${screen.stdout.rows}`));
    emulator.resize(8, 4);
    await emulator.write('\u001B[2Jrubbish');
    screen.resize(8, 4);
    settle();
    expect(sizes).toEqual(['8x4']);
    expect(await sink.look()).toEqual(['01234567', 'second', 'third', '']);
  });

  test('repaint heals a screen that something else wrote to', async () => {
    const {sink, screen, settle} = start(10, 2);
    screen.enter();
    screen.stdout.write('one\ntwo');
    settle();
    await sink.look();
    await emulator.write('\u001B[Hrubbish\r\n\u001B[31mrubbish');
    screen.repaint();
    settle();
    expect(await sink.look()).toEqual(['one', 'two']);
  });

  test('gives the terminal back as it was, and takes it again', async () => {
    const {sink, screen, settle} = start();
    await emulator.write('$ pgaf\r\n');
    screen.enter();
    screen.setCursor({column: 1, row: 1});
    screen.stdout.write('one');
    settle();
    expect((await sink.look())[0]).toBe('one');
    screen.leave();
    screen.stdout.write('two');
    settle();
    expect((await sink.look())[0]).toBe('$ pgaf');
    expect(emulator.isAlternate).toBe(false);
    expect(emulator.cursor).toEqual({column: 0, row: 1});
    expect(emulator.modes.wraparoundMode).toBe(true);
    expect(emulator.modes.bracketedPasteMode).toBe(false);
    screen.enter();
    settle();
    expect((await sink.look())[0]).toBe('two');
  });

  test('puts the cursor where text is typed, and keeps it there while other cells change', async () => {
    const {sink, screen, settle} = start();
    screen.enter();
    screen.stdout.write('filter: ab\nrow');
    screen.setCursor({column: 10, row: 0});
    settle();
    expect(sink.frames.at(-1)).toContain('\u001B[?25h');
    await sink.look();
    expect(emulator.cursor).toEqual({column: 10, row: 0});
    screen.stdout.write('filter: ab\nrows');
    settle();
    await sink.look();
    expect(emulator.cursor).toEqual({column: 10, row: 0});
    screen.setCursor(undefined);
    settle();
    expect(sink.frames.at(-1)).toContain('\u001B[?25l');
  });

  test('the modes that Ink and its libraries write by themselves go nowhere', () => {
    const {sink, screen, settle} = start();
    screen.enter();
    screen.stdout.write('one');
    settle();
    const {length} = sink.frames;
    for (const control of ['\u001B[?25l', '\u001B[?25h', '\u001B[?2004h', '\u001B[?2026h'])
      screen.stdout.write(control);
    settle();
    expect(sink.frames).toHaveLength(length);
  });

  test('an unbounded variety of combined characters does not grow for ever', async () => {
    const {sink, screen, settle} = start(12, 2);
    screen.enter();
    for (let index = 0; index < 3000; index++) {
      const marks = String.fromCodePoint(0x3_00 + (index % 60), 0x3_00 + (Math.floor(index / 60) % 60));
      screen.stdout.write(Array.from('abcdefg', letter => letter + marks).join(''));
      settle();
    }
    screen.stdout.write('e\u0301nd');
    settle();
    expect((await sink.look())[0]).toBe('e\u0301nd');
  });
});
