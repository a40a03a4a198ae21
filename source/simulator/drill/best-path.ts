import {assess} from '../../cluster/assess.ts';
import {runCommand} from '../command.ts';
import {createObserver} from '../observer.ts';
import type {Scenario} from '../scenario.ts';
import type {World} from '../world.ts';
import {recordDrill} from './record-drill.ts';
import {type Score, scoreOf} from './score.ts';

/** From the last fault and the diagnosis to the first command of somebody who knows the answer. Simulated milliseconds. */
const reactionMs = 5000;
const longestMs = 900_000;

/**
 * How well a drill can go: the scenario's own way back, played in a world of its own, once at the times that it gives and once as soon
 * as the console has shown the cause; the better of the two. Undefined: there is no answer.
 */
export function bestPath(makeWorld: () => World, scenario: Scenario): Score | undefined {
  if (scenario.answer === undefined) return undefined;
  const scores = [play(makeWorld(), scenario, 'authored'), play(makeWorld(), scenario, 'prompt')];
  return scores.reduce((best, score) => (isBetter(score, best) ? score : best));
}

function play(world: World, scenario: Scenario, pace: 'authored' | 'prompt'): Score {
  const observer = createObserver(world);
  let over = false;
  const drill = recordDrill(world, scenario, () => {
    over = true;
  });
  const begin = world.now();
  const lastFault = begin + Math.max(0, ...scenario.steps.map(step => step.at * 1000));
  const causes = scenario.answer?.findings ?? [];
  const repair = scenario.answer?.repair ?? [];
  const first = repair[0]?.after ?? 0;
  const start = (firstAt: number) => {
    for (const step of repair) {
      world.schedule(firstAt + (step.after - first) * 1000 - world.now(), () => {
        const outcome = runCommand(world, step.do);
        drill.moved(step.do, outcome.ok ? undefined : outcome.problem.message);
      });
    }
  };
  if (pace === 'authored') start(lastFault + first * 1000);
  let diagnosed = false;
  while (!over && world.now() < begin + longestMs) {
    world.advance(1000);
    if (diagnosed) continue;
    const shown = assess(observer.look(), world.now()).findings.find(finding => causes.includes(finding.code));
    if (shown === undefined) continue;
    diagnosed = true;
    drill.diagnose(shown.code);
    if (pace === 'prompt') start(Math.max(world.now(), lastFault) + reactionMs);
  }
  drill.end();
  observer.close();
  return scoreOf(drill.record());
}

/** Health first, then lost writes, then time. */
function isBetter(one: Score, other: Score): boolean {
  const rank = (score: Score) => [
    score.wrongMoves.length,
    score.secondsToHealthy === undefined ? 1 : 0,
    score.secondsToDiagnosis === undefined ? 1 : 0,
    score.writesLost,
    score.secondsToHealthy ?? 0,
  ];
  const others = rank(other);
  for (const [index, value] of rank(one).entries()) {
    const difference = value - (others[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
