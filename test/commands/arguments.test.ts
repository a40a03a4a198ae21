import {describe, expect, test} from 'vitest';
import {actionKinds} from '../../source/actions/registry.ts';
import {readUsage} from '../../source/actions/usage.ts';
import {actKindOf} from '../../source/commands/act.ts';
import {parseArguments} from '../../source/commands/arguments.ts';
import {commandList} from '../../source/commands/command-list.ts';
import {helpText} from '../../source/commands/help.ts';
import {commonOptions, options, optionsOfActions, typedAs} from '../../source/commands/options.ts';

const words = (line: string) => line.split(' ').filter(word => word !== '');

/** A usage with something in the place of everything that stands for something, and all its options. */
function filledIn(usage: string): string {
  return usage
    .replaceAll(/\[(--.*?)\]/g, '$1')
    .replaceAll('TIME', '1h')
    .split(' ')
    .map(word => (/^[A-Z]+$/.test(word) ? '1' : word.includes('|') ? (word.split('|')[0] ?? '') : word))
    .join(' ');
}

describe('the registry of actions reaches the command line', () => {
  test.each(actionKinds.map(kind => [kind.usage, kind] as const))(
    '%s is parsed as it is written, with its options',
    (usage, kind) => {
      const parsed = parseArguments(words(filledIn(usage)), '1');
      if (!parsed.ok) throw new Error(parsed.problem.message);
      const asked = actKindOf(parsed.value.words, parsed.value.actionOptions, actionKinds);
      expect(asked).toMatchObject({ok: true, value: {kind: {id: kind.id}}});
      const flags = readUsage(usage).options.filter(option => option.takes === undefined);
      expect(asked.ok && asked.value.request.options).toEqual(
        flags.length === 0 ? undefined : flags.map(({name}) => name),
      );
    },
  );

  test('no option of an action means something else to another command', () => {
    const named = actionKinds.flatMap(kind => readUsage(kind.usage).options.map(({name}) => `--${name}`));
    const others = Object.keys(options).map(typedAs);
    expect(named.filter(name => others.includes(name))).toEqual([]);
  });

  test('--help names every option, of actions and of pgaf', () => {
    const named = actionKinds.flatMap(kind => readUsage(kind.usage).options.map(({name}) => `--${name}`));
    const missing = [...named, ...Object.keys(options).map(typedAs)].filter(
      name => !helpText().includes(`\n  ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test('every option belongs to a command', () => {
    const taken: readonly string[] = [
      ...commonOptions,
      ...optionsOfActions,
      ...commandList.flatMap(entry => entry.options),
    ];
    expect(Object.keys(options).filter(name => !taken.includes(name))).toEqual([]);
  });
});

describe('what does not fit is said in words', () => {
  test.each([
    ['status now', 'it is pgaf status [--json] [--watch]'],
    ['status --speed 3', 'pgaf status takes no --speed'],
    ['--watch', 'pgaf takes no --watch'],
    ['switchover --watch', 'pgaf switchover takes no --watch'],
    ['status --allow-failover', 'pgaf status takes no --allow-failover'],
    ['status --zip', 'unknown option --zip'],
    ['switchover --to', '--to needs a value'],
    ['switchover --to a --to b', 'can only be set once'],
    ['events -n x', '-n needs a whole number'],
    ['demo --speed 0', '--speed needs a number above 0'],
  ])('%s', (line, message) => {
    expect(parseArguments(words(line), '1')).toMatchObject({
      ok: false,
      problem: {message: expect.stringContaining(message)},
    });
  });

  test.each([
    ['maintenance on', 'it is maintenance on NODE [--allow-failover], or maintenance off NODE'],
    ['promote pg_node2 --allow-failover', 'promote NODE takes no --allow-failover'],
    ['switchover pg_node2', 'it is switchover [--to NODE]'],
  ])('%s', (line, message) => {
    const parsed = parseArguments(words(line), '1');
    if (!parsed.ok) throw new Error(parsed.problem.message);
    const asked = actKindOf(parsed.value.words, parsed.value.actionOptions, actionKinds);
    expect(asked).toMatchObject({ok: false, problem: {message}});
  });
});
describe('how many nodes a demo has', () => {
  const flags = (...argv: string[]) => {
    const parsed = parseArguments(['demo', ...argv], '1.0.0');
    return parsed.ok ? [parsed.value.flags.nodes, parsed.value.flags.groups] : parsed.problem.message;
  };

  test('is three a group unless it is said', () => {
    expect(flags()).toEqual([3, 1]);
    expect(flags('--groups', '100')).toEqual([300, 100]);
    expect(flags('--nodes', '5')).toEqual([5, 1]);
    expect(flags('--nodes', '300', '--groups', '100')).toEqual([300, 100]);
  });

  test('is never another number than what was asked for', () => {
    expect(flags('--nodes', '4', '--groups', '3')).toBe(
      '--nodes 4 can not be shared out evenly among 3 groups: 3 or 6 can',
    );
    expect(flags('--nodes', '299', '--groups', '100')).toBe(
      '--nodes 299 can not be shared out evenly among 100 groups: 200 or 300 can',
    );
    expect(flags('--nodes', '2', '--groups', '3')).toMatch(/^--nodes needs/);
    expect(flags('--nodes', '3.5')).toMatch(/^--nodes needs/);
    expect(flags('--groups', '0')).toMatch(/^--groups needs/);
  });
});
