import {describe, expect, test} from 'vitest';
import {bestPath} from '../../../source/simulator/drill/best-path.ts';
import {recordDrill} from '../../../source/simulator/drill/record-drill.ts';
import {scoreOf} from '../../../source/simulator/drill/score.ts';
import {watchMoves} from '../../../source/simulator/drill/watch-moves.ts';
import {scenarioNamed, scenarios} from '../../../source/simulator/scenarios.ts';
import {settledWorld} from '../stage.ts';

const drills = scenarios.filter(scenario => scenario.answer !== undefined);

describe('every scenario that has an answer can be drilled', () => {
  test.each(drills.map(scenario => [scenario.name, scenario] as const))(
    '%s ends healthy on its best path, without a wrong move',
    (_, scenario) => {
      const best = bestPath(() => settledWorld(4), scenario);
      expect(best?.wrongMoves).toEqual([]);
      expect(best?.writesLost).toBe(0);
      expect(best?.secondsToHealthy).toBeGreaterThan(0);
    },
  );

  test('one without an answer has no best path', () => {
    const healthy = scenarioNamed('healthy');
    expect(healthy && bestPath(() => settledWorld(4), healthy)).toBeUndefined();
  });
});

test('what the scenario could not do is told with the score, and what it no longer does is not held to be its doing', () => {
  const world = settledWorld(4);
  const steps = [
    {at: 1, do: 'start pg_node9'},
    {at: 2, do: 'stop pg_node2', every: 10},
  ];
  const drill = recordDrill(
    world,
    {name: 'broken', title: 'Broken', steps, answer: {findings: ['R37'], repair: []}},
    () => undefined,
  );
  world.advance(5000);
  drill.diagnose('R37');
  world.advance(60_000);
  drill.end();
  const record = drill.record();
  expect(record.faults).toEqual([1000, 2000]);
  expect(scoreOf(record).refusedSteps).toEqual([expect.stringContaining('pg_node9')]);
});

test('what the person does through docker and the monitor is noted, what is only asked is not', () => {
  const world = settledWorld(4);
  const scenario = scenarioNamed('monitor-lost');
  if (scenario === undefined) throw new Error('no such scenario');
  const drill = recordDrill(world, scenario, () => undefined);
  const seen = watchMoves(world, drill.moved);
  const failover = {call: 'perform_failover', formation: 'default', group: 0} as const;
  seen.monitor.call(failover, {rollBack: true});
  seen.monitor.call({call: 'perform_promotion', formation: 'default', node: 'pg_node9'});
  seen.docker.stop('vm2', 'pg_node2');
  world.advance(40_000);
  const {moves} = drill.record();
  expect(moves.map(move => move.words)).toEqual(['perform_promotion default pg_node9', 'docker stop pg_node2']);
  expect(scoreOf(drill.record()).wrongMoves.map(({move}) => move.words)).toContain(
    'perform_promotion default pg_node9',
  );
  drill.end();
});
