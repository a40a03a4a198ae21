import {afterEach, describe, expect, test} from 'vitest';
import {parseOptions} from '../../../source/simulator/host-shell/options.ts';
import {withLifeline} from '../../../source/ssh/lifeline.ts';
import {quoteArgv} from '../../../source/ssh/quote.ts';
import {until} from '../../ssh/until.ts';
import {endPrograms, program} from './program.ts';
import {watchedWorld} from './watched-world.ts';

afterEach(endPrograms);

function wrapped(argv: readonly string[], input: Parameters<typeof withLifeline>[1]): string {
  const line = quoteArgv(withLifeline(argv, input));
  if (!line.ok) throw new Error(line.problem.message);
  return line.value;
}

describe('what the console wraps', () => {
  test('runs with its exact words, whatever they hold', async () => {
    const words = ["it's", '$(rm -rf /)', '"; reboot', 'ä\nb', '', '*'];
    const echo = program(watchedWorld(), 'vm1', wrapped(['echo', ...words], {kind: 'nothing'}));
    expect(await echo.ended).toEqual({stdout: `${words.join(' ')}\n`, stderr: '', status: 0});
  });

  test('reads nothing, so many bytes, or a stream', async () => {
    const world = watchedWorld();
    const nothing = program(world, 'vm1', wrapped(['cat'], {kind: 'nothing'}));
    expect((await nothing.ended).stdout).toBe('');
    const bytes = program(world, 'vm1', wrapped(['sudo', '-n', 'cat'], {kind: 'bytes', count: 4}));
    bytes.write('one\ntwo\n');
    expect((await bytes.ended).stdout).toBe('one\n');
    const stream = program(world, 'vm1', wrapped(['cat'], {kind: 'stream'}));
    stream.write('one\n');
    await stream.has('one\n');
    stream.write('two\n');
    stream.write(null);
    expect((await stream.ended).stdout).toBe('one\ntwo\n');
  });

  test.each([{kind: 'nothing'}, {kind: 'bytes', count: 0}] as const)(
    'ends with the input of its session: %j',
    async input => {
      const world = watchedWorld();
      const events = program(world, 'vm1', wrapped(['docker', 'events'], input));
      await until(() => world.listening() === 1);
      events.write(null);
      expect((await events.ended).status).not.toBe(0);
      expect(world.listening()).toBe(0);
    },
  );
});

describe('a person at the shell', () => {
  test('types, sees it, and is told what there is not', async () => {
    const world = watchedWorld();
    const shell = program(world, 'vm1', undefined);
    await shell.has('operator@vm1:~$ ');
    shell.write('hostname && uname\r');
    await shell.has('vm1\r\nLinux\r\n');
    shell.write('emacs\r');
    await shell.has('emacs: not found\r\n');
    shell.write('docker exec -it pg_node1 bash\r');
    await until(() => /postgres@[0-9a-f]{12}/.test(shell.output()));
    shell.write('whoami\r');
    await shell.has('\r\npostgres\r\n');
    shell.write('\x04');
    await shell.has('exit\r\n');
    shell.write('exit 3\r');
    expect((await shell.ended).status).toBe(3);
    expect(world.listening()).toBe(0);
  });

  test('sees every line begin at the left edge', async () => {
    const shell = program(watchedWorld(), 'vm1', undefined);
    shell.write('docker ps; docker logs -n 3 pg_node1; docker exec pg_node1 ps; docker rm nobody; sudo; sudo emacs\r');
    await shell.has('emacs: not found');
    shell.write('exit\r');
    await shell.ended;
    expect(shell.output()).toContain('NAMES\r\n');
    expect(shell.output()).not.toMatch(/[^\r]\n/);
  });

  test('ends a followed log with Ctrl-C and has the prompt again', async () => {
    const world = watchedWorld();
    const shell = program(world, 'vm1', undefined);
    await shell.has('$ ');
    shell.write('docker logs -f pg_node1\r');
    await until(() => world.listening() === 1);
    shell.write('\x03');
    await shell.has('^C\r\n');
    shell.write('echo still here\r');
    await shell.has('\r\nstill here\r\n');
    expect(world.listening()).toBe(0);
  });
});

describe('options', () => {
  const table = {flags: ['all', 'tty'], valued: ['tail'], short: {a: 'all', t: 'tty', n: 'tail'}};

  test.each([
    [['-at', 'x'], {flags: ['all', 'tty'], words: ['x']}],
    [['--tail=5', 'x', '-a'], {tail: '5', flags: ['all'], words: ['x']}],
    [['-n5', 'x'], {tail: '5', words: ['x']}],
    [['-n', '5', '--', '-a'], {tail: '5', words: ['-a']}],
    [['-an', '7'], {tail: '7', flags: ['all'], words: []}],
  ])('%j', (argv, expected) => {
    const options = parseOptions(argv, table);
    if ('mistake' in options) throw new Error(options.mistake);
    const {tail, flags = [], words} = {tail: undefined, flags: undefined, ...expected};
    expect(options.value('tail')).toBe(tail);
    for (const flag of ['all', 'tty']) expect(options.has(flag)).toBe(flags.some(each => each === flag));
    expect(options.words).toEqual(words);
  });

  test('after the first word nothing is an option, where that is so', () => {
    const options = parseOptions(['-t', 'c', 'psql', '-a', '--x'], {...table, stopAtWord: true});
    expect('words' in options && options.words).toEqual(['c', 'psql', '-a', '--x']);
  });
});
