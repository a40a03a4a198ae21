import {playScenario} from '../play-scenario.ts';
import type {Scenario} from '../scenario.ts';
import type {Truth} from '../truth.ts';
import type {World} from '../world.ts';
import {type DrillRecord, type Move, namesCause, type TruthSample} from './score.ts';

/** A drill that runs in a world. */
export type RunningDrill = {
  diagnose(code: string): void;
  moved(words: string, refused: string | undefined): void;
  record(): DrillRecord;
  /** Ends the scenario's steps and the notes. */
  end(): void;
};

/** All has to be well for so long before the drill is over. Simulated milliseconds. */
const calmMs = 10_000;
const sampleMs = 1000;

/** Plays a scenario and notes what comes of it. `healthy` is called once, when the cluster has been well again for a while. */
export function recordDrill(world: World, scenario: Scenario, healthy: () => void): RunningDrill {
  const begin = world.now();
  const since = () => world.now() - begin;
  const causes = scenario.answer?.findings ?? [];
  const faults: number[] = [];
  const diagnoses: {at: number; code: string}[] = [];
  const moves: Move[] = [];
  const samples: TruthSample[] = [];
  const refusedSteps: string[] = [];
  const counted = totals(world.truth());
  let repeats = scenario.steps.some(step => step.every !== undefined);
  let calmSince: number | undefined;
  let healthyAt: number | undefined;

  const endScenario = playScenario(world, scenario, step => {
    faults.push(since());
    if (!step.ok) refusedSteps.push(step.problem.message);
  });
  const lastFault = Math.max(0, ...scenario.steps.map(step => step.at * 1000));

  function sample(): void {
    cancelSample = world.schedule(sampleMs, sample);
    const truth = world.truth();
    const now = totals(truth);
    samples.push({
      at: since(),
      writesPossible: now.writesPossible,
      redundant: now.redundant,
      lostWrites: now.lostWrites - counted.lostWrites,
      secondsWithoutWrites: now.secondsWithoutWrites - counted.secondsWithoutWrites,
    });
    if (healthyAt !== undefined || repeats || since() <= lastFault) return;
    if (!isWell(world, truth)) calmSince = undefined;
    else if (calmSince === undefined) calmSince = since();
    else if (since() - calmSince >= calmMs) {
      healthyAt = calmSince;
      healthy();
    }
  }
  let cancelSample = world.schedule(sampleMs, sample);

  return {
    diagnose(code) {
      diagnoses.push({at: since(), code});
      // What comes again and again ends when its cause is found: whoever did it is told.
      if (namesCause(causes, code)) endRepeating();
    },
    moved: (words, refused) => moves.push({at: since(), words, ...(refused === undefined ? {} : {refused})}),
    record: () => ({causes, faults, diagnoses, moves, samples, refusedSteps, healthyAt}),
    end() {
      endScenario();
      cancelSample();
    },
  };

  function endRepeating(): void {
    if (repeats) endScenario();
    repeats = false;
  }
}

/** Everything works, the loss of any one node would leave it so, and no fault is left behind. */
function isWell(world: World, {groups, faults}: Truth): boolean {
  const left = faults.filter(fault => !isOfDroppedNode(world, fault));
  return left.length === 0 && groups.every(group => group.writesPossible && group.redundant);
}

/** The container of a node that was dropped has nothing to run for. */
function isOfDroppedNode(world: World, fault: string): boolean {
  const stopped = /^stop (.+)$/.exec(fault)?.[1];
  if (stopped === undefined || stopped === world.monitor.container || !world.monitor.answers()) return false;
  return !world.monitor.nodes().some(row => row.nodename === stopped);
}

function totals({groups}: Truth): Omit<TruthSample, 'at'> {
  return {
    writesPossible: groups.every(group => group.writesPossible),
    redundant: groups.every(group => group.redundant),
    lostWrites: groups.reduce((sum, group) => sum + group.lostWrites, 0),
    secondsWithoutWrites: groups.reduce((sum, group) => sum + group.secondsWithoutWrites, 0),
  };
}
