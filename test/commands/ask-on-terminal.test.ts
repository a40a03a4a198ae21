import {PassThrough} from 'node:stream';
import {fileURLToPath} from 'node:url';
import {spawn} from '@lydell/node-pty';
import {describe, expect, test} from 'vitest';
import {askThrough, isYes} from '../../source/commands/ask-on-terminal.ts';
import {type Dialog, openDialog} from '../../source/commands/dialog.ts';

/** A dialog whose answers are given beforehand; what was said and how it was asked is kept. */
function scripted(answers: (string | undefined)[]) {
  const said: string[] = [];
  let open = 0;
  let most = 0;
  let interrupted = false;
  const dialog = (): Dialog => {
    open += 1;
    most = Math.max(most, open);
    return {
      say: text => void said.push(text),
      question(prompt, options = {}) {
        said.push(`${options.hidden === true ? '(unseen) ' : ''}${prompt}`);
        const answer = answers.shift();
        if (answer === undefined) interrupted = true;
        return Promise.resolve(answer);
      },
      forgetTyped: () => Promise.resolve(),
      interrupted: () => interrupted,
      ended: Promise.resolve(),
      close: () => {
        open -= 1;
      },
    };
  };
  return {dialog, said, left: () => open, most: () => most};
}

describe('what ssh wants to know is asked in words', () => {
  test('a passphrase and a password, unseen; again says that the last one was wrong', async () => {
    const {dialog, said, left} = scripted(['one', 'two', 'three']);
    const ask = askThrough(dialog);
    expect(await ask.passphrase('/home/me/.ssh/id_ed25519', false)).toBe('one');
    expect(await ask.password('ubuntu', 'vm1', false)).toBe('two');
    expect(await ask.password('ubuntu', 'vm1', true)).toBe('three');
    expect(said).toEqual([
      '(unseen) Passphrase of the key /home/me/.ssh/id_ed25519: ',
      '(unseen) Password of ubuntu on vm1: ',
      'That password was refused.\n',
      '(unseen) Password of ubuntu on vm1: ',
    ]);
    expect(left()).toBe(0);
  });

  test('keyboard-interactive: the server’s words, without its control sequences, each prompt seen or unseen as it says', async () => {
    const {dialog, said} = scripted(['123456', 'secret']);
    const answers = await askThrough(dialog).keyboardInteractive({
      user: 'ubuntu',
      host: 'vm1',
      title: '\u001b[31mTwo factors',
      instructions: 'line one\nline two',
      prompts: [
        {text: 'Code: ', echo: true},
        {text: 'Password:', echo: false},
      ],
    });
    expect(answers).toEqual(['123456', 'secret']);
    expect(said).toEqual([
      'vm1 asks ubuntu:\n',
      '  Two factors\n',
      '  line one\n',
      '  line two\n',
      '  Code: ',
      '(unseen)   Password: ',
    ]);
  });

  test('an unknown host key: what it is, how to compare it; only yes is a yes', async () => {
    const question = {
      host: 'vm1 (10.0.0.11)',
      keyType: 'ssh-ed25519',
      fingerprint: 'SHA256:abc',
      otherKnownKeys: [],
      file: '/home/me/.ssh/known_hosts',
    };
    const {dialog, said} = scripted(['yes', '', 'sure']);
    const ask = askThrough(dialog);
    expect(await ask.trustHostKey(question)).toBe(true);
    expect(await ask.trustHostKey(question)).toBe(false);
    expect(await ask.trustHostKey(question)).toBe(false);
    expect(said.join('')).toContain('The host key of vm1 (10.0.0.11) is not known yet:\n  ssh-ed25519 SHA256:abc\n');
    expect(said.join('')).toContain('add it to /home/me/.ssh/known_hosts? [y/N] ');
    expect(['y', 'Y', ' yes ', 'YES'].every(isYes)).toBe(true);
  });
});

describe('one person', () => {
  test('is asked one question at a time, over all hosts', async () => {
    const {dialog, most} = scripted(['a', 'b', 'c']);
    const ask = askThrough(dialog);
    const answers = await Promise.all([
      ask.password('u', 'vm1', false),
      ask.password('u', 'vm2', false),
      ask.passphrase('key', false),
    ]);
    expect(answers).toEqual(['a', 'b', 'c']);
    expect(most()).toBe(1);
  });

  test('who leaves is asked nothing more, and the program is told once', async () => {
    const {dialog, said} = scripted([undefined, 'never']);
    let told = 0;
    const ask = askThrough(dialog, () => {
      told += 1;
    });
    expect(await Promise.all([ask.password('u', 'vm1', false), ask.password('u', 'vm2', false)])).toEqual([
      undefined,
      undefined,
    ]);
    expect(said).toHaveLength(1);
    expect(told).toBe(1);
  });

  test('who is not there answers nothing', async () => {
    const ask = askThrough(() => undefined);
    expect(await ask.passphrase('key', false)).toBeUndefined();
    expect(
      await ask.trustHostKey({host: 'x', keyType: 'y', fingerprint: 'z', otherKnownKeys: [], file: undefined}),
    ).toBeUndefined();
  });
});

test('a dialog over any stream: lines typed ahead are kept, the end is no answer', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const dialog = openDialog(input, output, false);
  input.write('first\nsecond\n');
  expect(await dialog.question('1? ')).toBe('first');
  expect(await dialog.question('2? ')).toBe('second');
  const third = dialog.question('3? ');
  input.end();
  expect(await third).toBeUndefined();
  expect(await dialog.question('4? ')).toBeUndefined();
  await dialog.ended;
});

describe('on a real terminal', () => {
  const program = fileURLToPath(new URL('asking.fixture.ts', import.meta.url));

  /** Runs the fixture in a terminal; `keys` are typed when its prompt is there. Resolves with all that the terminal saw. */
  function converse(keys: string): Promise<{screen: string; exitCode: number; signal: number | undefined}> {
    const terminal = spawn(process.execPath, [program], {cols: 80, rows: 24, env: {PATH: process.env.PATH ?? ''}});
    let screen = '';
    let typed = false;
    const {promise, resolve} = Promise.withResolvers<{screen: string; exitCode: number; signal: number | undefined}>();
    terminal.onData(text => {
      screen += text;
      if (!typed && screen.includes('on vm1: ')) {
        typed = true;
        terminal.write(keys);
      }
    });
    terminal.onExit(({exitCode, signal}) => resolve({screen, exitCode, signal}));
    return promise;
  }

  test('a password is not shown, and standard output stays free of the question', async () => {
    const {screen, exitCode} = await converse('hunter2\r');
    expect(screen).toContain('Password of ubuntu on vm1: ');
    expect(screen).not.toContain('hunter2');
    expect(screen).toContain('answered 7 characters');
    expect(exitCode).toBe(0);
  });

  test('ctrl-C ends the program as it does elsewhere', async () => {
    const {screen, exitCode, signal} = await converse('\u0003');
    expect(screen).not.toContain('answered');
    expect(signal === 2 || exitCode === 130).toBe(true);
  });
});
