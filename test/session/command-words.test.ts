import {execFileSync} from 'node:child_process';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {autoctlCandidates, completeAutoctl} from '../../source/session/autoctl-completion.ts';
import {commandWords} from '../../source/session/command-words.ts';
import {onlyShows} from '../../source/session/reads-only.ts';
import {quoteArgv} from '../../source/ssh/quote.ts';

describe('the words of a line', () => {
  test.each([
    ['show state', ['show', 'state']],
    ['  a   b ', ['a', 'b']],
    [`sh -c 'ls -l; echo "x"'`, ['sh', '-c', 'ls -l; echo "x"']],
    ['a"b c"d', ['ab cd']],
    ['"a\\"b\\c"', ['a"b\\c']],
    ['a\\ b', ['a b']],
    ["''", ['']],
    ['', []],
    ['$HOME `x` *', ['$HOME', '`x`', '*']],
  ])('%s', (line, words) => {
    expect(commandWords(line)).toEqual({ok: true, value: words});
  });

  test.each(["a 'b", 'a "b', 'a\\'])('%s is not whole', line => {
    expect(commandWords(line).ok).toBe(false);
  });

  test('are those that were quoted, and those that a shell makes of it', () => {
    const words = fc.array(fc.stringMatching(/^[ -~äé]{1,12}$/), {minLength: 1, maxLength: 5});
    fc.assert(
      fc.property(words, argv => {
        const line = quoteArgv(argv);
        expect(line.ok && commandWords(line.value)).toEqual({ok: true, value: argv});
      }),
    );
    const line = String.raw`a 'b c' "d\"e" f\ g`;
    const shell = execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], {encoding: 'utf8'});
    expect(commandWords(line)).toEqual({ok: true, value: shell.trim().split('\n')});
  });
});

describe('the completion of pg_autoctl', () => {
  test.each([
    ['', 'show'],
    ['show', 'state'],
    ['set node', 'candidate-priority'],
    ['show state', '--json'],
    ['set node replication-quorum', 'false'],
    ['config get', 'postgresql.dbname'],
    ['perform promotion --name', 'pg_node2'],
    ['perform promotion --name pg_node2', '--wait'],
    ['set node candidate-priority 50', '--name'],
  ])('after "%s" there may be %s', (line, word) => {
    expect(
      autoctlCandidates(
        line.split(' ').filter(each => each !== ''),
        ['pg_node1', 'pg_node2'],
      ),
    ).toContain(word);
  });

  test.each([
    ['show state --json', '--json'],
    ['show', '--json'],
    ['perform promotion --wait', '--name'],
    ['nonsense', 'state'],
    ['set node replication-quorum false', 'true'],
  ])('after "%s" there is no %s', (line, word) => {
    expect(autoctlCandidates(line.split(' '), ['pg_node1'])).not.toContain(word);
  });

  test('completes the word that is being typed, and no other', () => {
    expect(completeAutoctl('show st', [])).toEqual([['state ', 'standby-names '], 'st']);
    expect(completeAutoctl('perf', [])).toEqual([['perform '], 'perf']);
    expect(completeAutoctl('show ', [])[1]).toBe('');
  });
});

describe('what pg_autoctl only shows', () => {
  test.each([
    'show state',
    'show file --config --contents',
    'status',
    'version',
    'help',
    'watch',
    'config get',
    'get node candidate-priority',
    '',
  ])('%s', line => expect(onlyShows(line.split(' ').filter(word => word !== ''))).toBe(true));
  test.each([
    'perform failover',
    'drop node',
    'config set',
    'config',
    'enable maintenance',
    'set node metadata',
    '--quiet drop node',
    'stop',
    'do fsm assign',
  ])('not %s', line => expect(onlyShows(line.split(' '))).toBe(false));
});
