import {bad, good, type Outcome} from '../../cluster/problem.ts';
import {runCommand} from '../command.ts';
import {createWorld} from '../create-world.ts';
import {bestPath} from '../drill/best-path.ts';
import {type RunningDrill, recordDrill} from '../drill/record-drill.ts';
import {namesCause, scoreOf} from '../drill/score.ts';
import {scoreLines} from '../drill/score-text.ts';
import {watchMoves} from '../drill/watch-moves.ts';
import {playScenario} from '../play-scenario.ts';
import type {Scenario} from '../scenario.ts';
import type {World} from '../world.ts';
import {startClock, type Timer} from './clock.ts';
import type {FromThread, Reply, Request, Setup} from './message.ts';
import {startSuccession} from './succession.ts';
import {truthLines} from './truth-lines.ts';

/** A world with its clock, the scenario that plays in it, and the drill if it is one; without wires. */
export type Stage = {
  /** The world for those who serve it. */
  world: World;
  answer(request: Request): Outcome<Reply>;
  close(): void;
};

/** A settled cluster has stood still for so long when it is first looked at. Simulated milliseconds. */
const restMs = 20_000;

/** So often the time is told. This machine's milliseconds. */
const tellMs = 1000;

/** Sets the scene. `say` gets what the person should hear of. */
export function setStage(setup: Setup, timer: Timer, say: (message: FromThread) => void): Stage {
  const makeWorld = (more: {startAt?: number; lastEventId?: number} = {}) => {
    const {seed, nodesPerGroup, groups, startAt} = {...setup, ...more};
    const {lastEventId} = more;
    const after = lastEventId === undefined ? {} : {lastEventId};
    const made = createWorld({seed, nodesPerGroup, groups, startAt: startAt - restMs, ...after});
    made.advance(restMs);
    return made;
  };
  const {world, succeed} = startSuccession(makeWorld());
  const clock = startClock(world.advance, timer, {speed: setup.speed, paused: setup.paused});
  let drill: RunningDrill | undefined;
  let endScenario = () => {};
  /** What is scored does not change any more. */
  let over = false;

  let turns = 0;
  let stopTelling = () => {};
  const tellTime = () => {
    stopTelling();
    stopTelling = timer.after(tellMs, tellTime);
    say({say: 'time', clock: world.now(), pace: clock.isPaused() ? 0 : clock.speed(), turns});
  };
  /** After a change of pace, and after time that passed at once. */
  const turn = () => {
    turns += 1;
    tellTime();
  };
  tellTime();

  const notice = (text: string, tone: 'info' | 'warning') => say({say: 'notice', text, tone});
  const play = (scenario: Scenario) => {
    endScenario = playScenario(world, scenario, step => {
      if (!step.ok) notice(`a step of the scenario was refused: ${step.problem.message}`, 'warning');
    });
  };
  if (setup.drill) drill = recordDrill(world, setup.scenario, healthyAgain);
  else play(setup.scenario);

  function healthyAgain(): void {
    if (over) return;
    if (isDiagnosed()) solve();
    else notice('the cluster is healthy again: name the cause with :diagnose CODE, or end it with :done', 'info');
  }

  function isDiagnosed(): boolean {
    const record = drill?.record();
    return record?.diagnoses.some(({code}) => namesCause(record.causes, code)) === true;
  }

  function solve(): void {
    over = true;
    say({say: 'solved'});
  }

  function start(scenario: Scenario): Outcome<Reply> {
    endScenario();
    // Whatever was done before, also what no repair brings back: a scenario is played on the cluster that it was written for.
    succeed(makeWorld({startAt: world.now(), lastEventId: world.monitor.lastEventId()}));
    play(scenario);
    return reply(`${scenario.title}: it begins, on machines that are set up anew`);
  }

  function command(line: string): Outcome<Reply> {
    if (drill !== undefined && line.trim() === 'repair') {
      return bad('configuration', 'in a drill nothing repairs itself', {remedy: 'end each fault by its own word'});
    }
    const outcome = runCommand(world, line);
    drill?.moved(line, outcome.ok ? undefined : outcome.problem.message);
    return outcome.ok ? reply(`${line.trim()}: done`) : outcome;
  }

  function diagnose(code: string): Outcome<Reply> {
    if (drill === undefined) return bad('configuration', 'this is no drill');
    if (over) return bad('configuration', 'the drill is over, and has its score');
    drill.diagnose(code);
    if (drill.record().healthyAt !== undefined && isDiagnosed()) solve();
    return reply(`${code} is noted`);
  }

  function score(): Outcome<Reply> {
    if (drill === undefined) return bad('configuration', 'this is no drill');
    over = true;
    const {name, title} = setup.scenario;
    const record = drill.record();
    const best = bestPath(() => makeWorld(), setup.scenario);
    return reply('', scoreLines({name, title, causes: record.causes}, scoreOf(record), best));
  }

  return {
    world: drill === undefined ? world : watchMoves(world, drill.moved),
    answer(request) {
      switch (request.ask) {
        case 'scenario':
          return start(request.scenario);
        case 'command':
          return command(request.line);
        case 'speed':
          clock.setSpeed(request.speed);
          turn();
          return reply(`${request.speed} simulated seconds a second`);
        case 'pause':
          if (clock.isPaused()) clock.resume();
          else clock.pause();
          turn();
          return reply(
            clock.isPaused() ? 'time stands still: :pause lets it go on, :step takes a step' : 'time goes on',
          );
        case 'step':
          clock.step(request.seconds * 1000);
          turn();
          return reply(`${request.seconds} simulated seconds passed`);
        case 'truth': {
          const truth = world.truth();
          return good({text: '', lines: truthLines(truth), truth});
        }
        case 'diagnose':
          return diagnose(request.code);
        case 'score':
          return score();
      }
    },
    close() {
      clock.close();
      stopTelling();
      endScenario();
      drill?.end();
    },
  };
}

function reply(text: string, lines: readonly string[] = []): Outcome<Reply> {
  return good({text, lines});
}
