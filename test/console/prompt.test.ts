import {afterEach, describe, expect, test} from 'vitest';
import {good} from '../../source/cluster/problem.ts';
import {completeLine, type PromptCommand, readLine} from '../../source/console/prompt.ts';
import {stage} from './stage.ts';

const commands: readonly PromptCommand[] = [
  {
    name: 'scenario',
    parameters: 'NAME',
    help: '',
    complete: before => (before.length === 0 ? ['power-cut', 'power-loss', 'healthy'] : []),
    run: () => good({}),
  },
  {name: 'step', parameters: '[SECONDS]', help: '', run: () => good({})},
  {name: 'fault', parameters: 'WORDS...', help: '', run: () => good({})},
  {name: 'quit', aliases: ['q'], parameters: '', help: '', run: () => good({})},
];

describe('a line of the prompt', () => {
  test.each([
    ['scenario power-cut', 'scenario', ['power-cut']],
    ['  step ', 'step', []],
    ['step 5', 'step', ['5']],
    ['fault poweroff vm1', 'fault', ['poweroff', 'vm1']],
    ['q', 'quit', []],
  ])('%s', (line, name, words) => {
    const read = readLine(line, commands);
    expect(read).toMatchObject({ok: true, value: {command: {name}, words}});
  });

  test.each([
    ['scenaro healthy', 'there is no :scenaro', 'did you mean :scenario?'],
    ['xyz', 'there is no :xyz', ':help lists the words'],
    ['scenario', 'it is :scenario NAME', undefined],
    ['step 1 2', 'it is :step [SECONDS]', undefined],
    ['quit now', ':quit takes nothing more', undefined],
  ])('%s is not understood', (line, message, remedy) => {
    const read = readLine(line, commands);
    expect(!read.ok && [read.problem.message, read.problem.remedy]).toEqual([message, remedy]);
  });

  test.each([
    ['', '', ['scenario', 'step', 'fault', 'quit']],
    ['s', 's', ['scenario', 'step']],
    ['sc', 'scenario ', []],
    ['scenario p', 'scenario power-', ['power-cut', 'power-loss']],
    ['scenario h', 'scenario healthy ', []],
    ['scenario healthy ', 'scenario healthy ', []],
    ['nothing', 'nothing', []],
  ])('tab after %j', (line, typed, candidates) => {
    expect(completeLine(line, commands)).toEqual({typed, candidates});
  });
});

describe('the prompt of the console', () => {
  const open: ReturnType<typeof stage>[] = [];
  afterEach(async () => {
    for (const each of open.splice(0)) await each.running.close();
  });
  const opened = () => {
    const each = stage();
    open.push(each);
    return each;
  };

  test('takes letters as letters, completes with tab, runs with enter', () => {
    const {press, state, screen} = opened();
    press(':', 'e', 'v');
    expect(state().prompt?.typed).toBe('ev');
    press('tab');
    expect(state().prompt?.typed).toBe('events ');
    press('enter');
    expect(state().prompt).toBeUndefined();
    expect(screen()).toBe('events');
  });

  test('esc, ctrl-c and backspace on an empty line leave it, and nothing else happens', () => {
    const {press, state} = opened();
    for (const key of ['escape', 'ctrl-c', 'backspace']) {
      press(':', key);
      expect(state().prompt).toBeUndefined();
      expect(state().quitAskedAt).toBeUndefined();
    }
  });

  test('a word that is not there is answered with the closest one', async () => {
    const {press, state} = opened();
    press(':', ...'evnets', 'enter');
    expect(state().notice).toMatchObject({text: 'there is no :evnets: did you mean :events?', tone: 'warning'});
  });

  test('an action by its name asks as its key does', () => {
    const {press, screen, executed} = opened();
    press(':', ...'switchover', 'enter');
    expect(screen()).toBe('action');
    expect(executed).toEqual([]);
  });

  test('help lists every word; up brings an earlier line back', async () => {
    const {press, state, screen} = opened();
    press(':', ...'help', 'enter');
    await expect.poll(screen).toBe('page');
    press('escape', ':', 'up');
    expect(state().prompt?.typed).toBe('help');
  });

  test(':q leaves from any screen', async () => {
    const {press, running} = opened();
    press('e', ':', 'q', 'enter');
    await running.left;
  });
});
