import {describe, expect, it} from 'vitest';
import {parseArguments} from '../../source/commands/arguments.ts';

describe('how many nodes a demo has', () => {
  const flags = (...argv: string[]) => {
    const parsed = parseArguments(['demo', ...argv], '1.0.0');
    return parsed.ok ? [parsed.value.flags.nodes, parsed.value.flags.groups] : parsed.problem.message;
  };

  it('is three a group unless it is said', () => {
    expect(flags()).toEqual([3, 1]);
    expect(flags('--groups', '100')).toEqual([300, 100]);
    expect(flags('--nodes', '5')).toEqual([5, 1]);
    expect(flags('--nodes', '300', '--groups', '100')).toEqual([300, 100]);
  });

  it('is never another number than what was asked for', () => {
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
