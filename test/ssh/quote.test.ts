import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {quoteArgv} from '../../source/ssh/quote.ts';

const shells = ['/bin/sh', '/bin/bash', '/bin/dash', '/bin/busybox', '/bin/zsh'].filter(shell => existsSync(shell));

/** What a program really gets when a shell runs the command line. */
function argumentsSeenBy(shell: string, argv: readonly string[]): string[] {
  const line = quoteArgv(['/usr/bin/printf', '%s\\0', ...argv]);
  if (!line.ok) throw new Error(line.problem.message);
  const options = shell.endsWith('busybox') ? ['sh', '-c', line.value] : ['-c', line.value];
  return spawnSync(shell, options, {encoding: 'utf8', cwd: '/'}).stdout.split('\0').slice(0, -1);
}

const nasty = [
  "it's",
  '"quoted"',
  '$HOME',
  '$(id)',
  '`id`',
  'a\nb',
  '\n',
  '',
  ' ',
  '\\',
  "\\'",
  "'\\''",
  '*',
  '?',
  '~',
  '~root',
  '-rf',
  '--',
  '#x',
  'a;b',
  'a&&b',
  '|',
  '>x',
  '!!',
  '!1',
  '{a,b}',
  '[a]',
  '=ls',
  'ünïcödé',
  '数据',
  '🐘',
  '\u0007',
  '\u001b[31m',
  '\t',
  '\r\n',
  '%s',
  'A=b',
  '\ufeff',
];

describe('a quoted command line', () => {
  test.each(shells)('reaches the program word for word through %s: the usual suspects', shell => {
    expect(argumentsSeenBy(shell, nasty)).toEqual(nasty);
  });

  test.each(shells)('reaches the program word for word through %s: anything', shell => {
    const character = fc.oneof(
      fc.constantFrom(...nasty),
      fc.string({unit: 'binary', maxLength: 8}).map(text => text.replaceAll('\0', '')),
    );
    const word = fc.array(character, {maxLength: 4}).map(parts => parts.join(''));
    fc.assert(
      fc.property(fc.array(word, {minLength: 1, maxLength: 30}), words => {
        expect(argumentsSeenBy(shell, words)).toEqual(words);
      }),
      {numRuns: 40},
    );
  });

  test('stays readable where nothing needs quotes', () => {
    expect(quoteArgv(['docker', 'exec', '-i', 'pg_node1', 'psql', '--host=/tmp'])).toEqual({
      ok: true,
      value: 'docker exec -i pg_node1 psql --host=/tmp',
    });
  });

  test.each(['if', 'A=b', "it's"])('takes %s for the name of a command, not for syntax', command => {
    const line = quoteArgv([command, 'x']);
    if (!line.ok) throw new Error(line.problem.message);
    const {status, stderr} = spawnSync('/bin/sh', ['-c', line.value], {encoding: 'utf8'});
    expect({status, stderr}).toMatchObject({status: 127, stderr: expect.stringContaining('not found')});
  });

  test.each([[[]], [['']], [['a\0b']], [['echo', '\ud800']]])(
    'is refused for %j, which no shell can be given',
    argv => {
      expect(quoteArgv(argv)).toMatchObject({ok: false, problem: {kind: 'internal'}});
    },
  );
});
