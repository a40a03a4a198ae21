import {readFile} from 'node:fs/promises';
import {expect, test} from 'vitest';
import {createWorld} from '../../source/simulator/create-world.ts';
import {playScenario} from '../../source/simulator/play-scenario.ts';
import {parseScenario} from '../../source/simulator/scenario.ts';

test('the example of a scenario can be played, and does what it says', async () => {
  const file = new URL('../../config/scenario.example.yaml', import.meta.url);
  const scenario = parseScenario(await readFile(file, 'utf8'), 'scenario.example.yaml');
  if (!scenario.ok) throw new Error(scenario.problem.message);
  const world = createWorld({seed: 1, startAt: Date.UTC(2026, 0, 1)});
  const refused: string[] = [];
  playScenario(world, scenario.value, step => step.ok || refused.push(step.problem.message));
  world.advance(60_000);
  expect(refused).toEqual([]);
  expect(world.truth().faults).toEqual(expect.arrayContaining(['poweroff vm1', 'poweroff vm2']));
});
