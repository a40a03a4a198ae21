import {describe, expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import {runCommand} from '../../source/simulator/command.ts';
import {createObserver} from '../../source/simulator/observer.ts';
import {playScenario} from '../../source/simulator/play-scenario.ts';
import {parseScenario} from '../../source/simulator/scenario.ts';
import {scenarioNamed, scenarios} from '../../source/simulator/scenarios.ts';
import {settledWorld, states, truth} from './stage.ts';

/** What the world has come to a while after a scenario began, seconds. */
const outcomes: Record<string, {after: number; writes: boolean; states?: string}> = {
  healthy: {after: 60, writes: true, states: 'primary/primary secondary/secondary secondary/secondary'},
  'lagging-standby': {after: 60, writes: true},
  'power-cut': {after: 40, writes: false},
  'split-network': {after: 40, writes: false},
  'wedged-switchover': {after: 60, writes: false},
  'standbys-lost': {after: 60, writes: false},
  'monitor-lost': {after: 60, writes: true},
  'disk-filling': {after: 140, writes: false},
  'flapping-node': {after: 60, writes: true},
  'forgotten-maintenance': {after: 70, writes: false},
  'dropped-node': {after: 60, writes: true, states: 'primary/primary secondary/secondary'},
  'three-failures': {after: 60, writes: false},
};

describe('every scenario does what its title says, and its answer ends it', () => {
  test.each(scenarios.map(scenario => [scenario.name, scenario] as const))('%s', (name, scenario) => {
    const outcome = outcomes[name];
    if (outcome === undefined) throw new Error(`what does ${name} come to?`);
    const world = settledWorld(4);
    const refused: string[] = [];
    const end = playScenario(world, scenario, step => step.ok || refused.push(step.problem.message));
    world.advance(outcome.after * 1000);
    expect(truth(world).writesPossible, states(world)).toBe(outcome.writes);
    if (outcome.states !== undefined) expect(states(world)).toBe(outcome.states);
    expect(refused).toEqual([]);
    end();
    for (const step of scenario.answer?.repair ?? []) {
      world.schedule(step.after * 1000, () => expect(runCommand(world, step.do).ok).toBe(true));
    }
    world.advance(200_000);
    expect(truth(world).writesPossible, states(world)).toBe(true);
  });
});

describe('the console finds the cause', () => {
  const drills = scenarios.filter(scenario => scenario.answer !== undefined);
  test.each(drills.map(scenario => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
    const world = settledWorld(4);
    const observer = createObserver(world);
    playScenario(world, scenario, () => undefined);
    const codes = new Set<string>();
    for (let second = 0; second < 150; second += 1) {
      world.advance(1000);
      for (const finding of assess(observer.look(), world.now()).findings) codes.add(finding.code);
    }
    expect([...codes]).toContain(scenario.answer?.findings[0]);
  });
});

test('a scenario that a team wrote in YAML', () => {
  const text = `
name: friday
title: Friday afternoon
steps:
  - at: 10s
    do: kill pg_node2
  - at: 1min
    do: stop pg_node3
    every: 30s
    times: 2
answer:
  findings: [R03]
  repair: [{after: 5s, do: start pg_node2}]
`;
  expect(parseScenario(text, 'friday.yaml')).toEqual({
    ok: true,
    value: {
      name: 'friday',
      title: 'Friday afternoon',
      steps: [
        {at: 10, do: 'kill pg_node2'},
        {at: 60, do: 'stop pg_node3', every: 30, times: 2},
      ],
      answer: {findings: ['R03'], repair: [{after: 5, do: 'start pg_node2'}]},
    },
  });
});

test.each([
  ['name: a\ntitle: b\nsteps: [{at: soon, do: heal}]', 'friday.yaml: steps.0.at: a time such as 20s or 3min'],
  ['name: a\ntitle: b\nsteps: [{at: 5s, do: explode vm1}]', 'friday.yaml: steps.0.do: no such command'],
])('a mistake in a scenario is named with its place', (text, message) => {
  const outcome = parseScenario(text, 'friday.yaml');
  expect(outcome.ok ? '' : outcome.problem.message).toBe(message);
});

test.each([
  ['poweroff vm9', '"poweroff vm9": "vm9" is no host: vm1, vm2, vm3'],
  ['poweroff', '"poweroff" is incomplete or too long'],
  ['slow vm1 much', '"slow vm1 much": "much" is no number from 0 up'],
  ['maintenance off pg_node2', '"maintenance off pg_node2": cannot stop maintenance when current state for'],
])('a command that cannot be done says why: %s', (line, message) => {
  const outcome = runCommand(settledWorld(), line);
  expect(outcome.ok ? '' : outcome.problem.message).toContain(message);
});

test('a scenario is found by its name', () => {
  expect(scenarioNamed('power-cut')?.title).toBe("The primary's machine loses its power");
  expect(scenarioNamed('nothing')).toBeUndefined();
});
