import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type IPty, spawn} from '@lydell/node-pty';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {Emulator} from './emulator.ts';

const program = fileURLToPath(new URL('program.ts', import.meta.url));
let folder: string;
const running: IPty[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgaf-terminal-'));
});

afterEach(() => {
  for (const pty of running.splice(0)) pty.kill('SIGKILL');
  rmSync(folder, {recursive: true, force: true});
});

/** The program in a PTY of 60x20, its bytes in an emulator. */
function start({argv = [], shell = false}: {argv?: string[]; shell?: boolean} = {}) {
  const emulator = new Emulator(60, 20);
  const beat = join(folder, 'beat');
  const command = ['--disable-warning=ExperimentalWarning', program, beat, ...argv];
  const environment = {...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', CI: '1', NODE_ENV: 'production'};
  const options = {name: 'xterm-256color', cols: 60, rows: 20, env: environment};
  // The shell shows afterwards in which modes the terminal was left.
  const script = `${[process.execPath, ...command].map(word => `'${word}'`).join(' ')}; echo "status $?"; stty -a`;
  const pty = shell ? spawn('/bin/sh', ['-c', script], options) : spawn(process.execPath, command, options);
  running.push(pty);
  let raw = '';
  let written = Promise.resolve();
  let exit: {exitCode: number; signal?: number | undefined} | undefined;
  pty.onData(data => {
    raw += data;
    written = written.then(() => emulator.write(data));
  });
  pty.onExit(status => {
    exit = status;
    running.splice(running.indexOf(pty), 1);
  });
  const see = (what: RegExp) =>
    waitFor(
      () => what.test(emulator.text().join('\n')),
      () => `${what}:\n${emulator.text().join('\n')}`,
    );
  return {
    pty,
    emulator,
    see,
    beats: () => readFileSync(beat, 'utf8'),
    raw: () => raw,
    async exited() {
      await waitFor(
        () => exit !== undefined,
        () => 'the end of the program',
      );
      await written;
      return exit;
    },
  };
}

async function waitFor(condition: () => boolean, describe: () => string): Promise<void> {
  const deadline = Date.now() + 25_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${describe()}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

function expectRestored(emulator: Emulator): void {
  expect(emulator.isAlternate).toBe(false);
  expect(emulator.modes.bracketedPasteMode).toBe(false);
  expect(emulator.modes.wraparoundMode).toBe(true);
}

describe('openTerminal', () => {
  test('draws what Ink renders, even under CI, and reads keys and pastes', async () => {
    const {pty, see} = start();
    await see(/ready 60x20\nkey\ncount \d+\n中文 é/);
    pty.write('j');
    await see(/key j/);
    pty.write('\u001B');
    await see(/key escape/);
    pty.write('\u001B[200~two\nlines\u001B[201~');
    await see(/key paste two/);
  });

  test('gives the terminal back after quitting', async () => {
    const {pty, see, emulator} = start({shell: true});
    await see(/ready/);
    pty.write('q');
    await see(/status 0/);
    await see(/ icanon/);
    await see(/ echo /);
    expectRestored(emulator);
    expect(emulator.text()[0]).toMatch(/^status 0/);
  });

  test.each([
    ['x', 'thrown on purpose'],
    ['p', 'rejected on purpose'],
  ])('after a crash (%s) the terminal is back, with the reason on it, and the status is 70', async (key, words) => {
    const {pty, see, emulator, raw} = start({shell: true});
    await see(/ready/);
    pty.write(key);
    await see(/status 70/);
    await see(/ icanon/);
    expectRestored(emulator);
    expect(raw().slice(raw().lastIndexOf('\u001B[?1049l'))).toContain(words);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ])('%s gives the terminal back and ends with status %i', async (signal, status) => {
    const {pty, see, exited, emulator, raw} = start();
    await see(/ready/);
    pty.kill(signal);
    expect((await exited())?.exitCode).toBe(status);
    expectRestored(emulator);
    expect(raw().endsWith('\u001B[?25h\u001B[?1049l')).toBe(true);
  });

  test('follows the size of the window', async () => {
    const {pty, see, emulator} = start();
    await see(/ready 60x20/);
    emulator.resize(50, 12);
    pty.resize(50, 12);
    await see(/ready 50x12\nkey\ncount \d+\n中文 é/);
  });

  test('a terminal that stops reading stops nothing else, and then shows how things are', async () => {
    const {pty, see, beats} = start();
    await see(/ready/);
    pty.write('f');
    await see(/key f/);
    pty.pause();
    const last = () => Number(beats().trim().split('\n').at(-1));
    const before = last();
    // Far more frames than a PTY buffers.
    await waitFor(
      () => last() > before + 400,
      () => 'the program to go on',
    );
    const stalled = last();
    pty.write('j');
    pty.resume();
    await see(/key j/);
    await waitFor(
      () => last() > stalled,
      () => 'the program to go on',
    );
  });

  test('a stalled terminal does not keep the program from ending', async () => {
    const {pty, see, exited, beats} = start();
    await see(/ready/);
    pty.write('f');
    await see(/key f/);
    pty.pause();
    const lines = () => beats().split('\n').length;
    const before = lines();
    await waitFor(
      () => lines() > before + 300,
      () => 'the program to go on',
    );
    const {pid} = pty;
    pty.kill('SIGTERM');
    await waitFor(
      () => !isAlive(pid),
      () => 'the program to end',
    );
    pty.resume();
    await exited();
  });

  test('hands the terminal over in its normal state and takes it back, more than once', async () => {
    const {pty, see, emulator} = start();
    await see(/ready/);
    for (const words of ['first', 'second']) {
      pty.write('s');
      await see(/your turn:/);
      expectRestored(emulator);
      pty.write(`${words}\n`);
      await see(new RegExp(`key heard ${words}`));
      expect(emulator.isAlternate).toBe(true);
      pty.write('j');
      await see(/key j/);
    }
  });

  test('what a library prints goes to the listener, not over the picture', async () => {
    const {see, raw} = start({argv: ['--stray']});
    await see(/key stray words of a library/);
    expect(raw().split('words of a library')).toHaveLength(2);
  });

  test('without a terminal it is undefined', () => {
    const result = spawnSync(process.execPath, [program], {input: '', encoding: 'utf8'});
    expect(result.status).toBe(64);
    expect(result.stdout).toBe('');
  });

  test('when the terminal is closed the program learns of it and ends', async () => {
    const {pty, see} = start();
    await see(/ready/);
    const {pid} = pty;
    running.splice(running.indexOf(pty), 1);
    // Not in the types of node-pty: closes the terminal's other end.
    if ('destroy' in pty && typeof pty.destroy === 'function') pty.destroy();
    await waitFor(
      () => !isAlive(pid),
      () => 'the program to end',
    );
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
