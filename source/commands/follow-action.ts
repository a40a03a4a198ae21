import type {Situation} from '../actions/action.ts';
import type {ActionRun} from '../actions/action-run.ts';
import {type Operator, operatorName} from '../actions/operator.ts';
import {runAction} from '../actions/run-action.ts';
import {assess} from '../cluster/assess.ts';
import type {Outcome} from '../cluster/problem.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import type {Collector} from '../console/collect.ts';
import {executeStep} from '../console/execute-step.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import {progressLines} from './action-text.ts';
import type {CommandIo} from './command-io.ts';

/** Who acts, and where it is written down. */
export type ActRecord = {operator: Operator; record(run: ActionRun): Outcome<void>};

const tickMs = 1000;

/** Somebody else took the lock while the monitor was away from the one who had it. */
export function alsoActs(by: string): string {
  return `another console is acting as well: ${by}`;
}

/** What actions see of a cluster that is being watched. */
export function situationsOf({hosts}: ClusterConfiguration, collector: Collector): () => Situation {
  const docker = new Map(hosts.map(host => [host.name, host.docker]));
  return () => {
    const now = Date.now();
    const snapshot = collector.snapshot();
    return {snapshot, assessment: assess(snapshot, now), now, docker};
  };
}

/** Runs a confirmed action from a command line: says what happens a line each, leaves it when it is interrupted or overdue. */
export async function followAction(
  opened: ActionRun,
  identity: string,
  situation: () => Situation,
  collector: Collector,
  {operator, record}: ActRecord,
  io: Pick<CommandIo, 'stderr' | 'signal'>,
): Promise<ActionRun> {
  const say = (lines: readonly string[]) => io.stderr(lines.map(line => `${sanitizeLine(line)}\n`).join(''));
  const leave = new AbortController();
  const stop = new AbortController();
  const giveUp = () => {
    stop.abort();
    leave.abort();
  };
  const interrupt = () => {
    say(['interrupted: what was begun goes on and is not watched any more; pgaf status shows what comes of it']);
    giveUp();
  };
  io.signal.addEventListener('abort', interrupt, {once: true});
  const words = progressLines(Date.now);
  let last = opened;
  const change = (run: ActionRun) => {
    say(words(last, run));
    last = run;
  };
  const tick = setInterval(() => {
    say(words(last, last));
    // Nobody waits for ever at a script: what is not known when the time is over stays so.
    const overdue = last.startedAt !== undefined && Date.now() - last.startedAt > last.plan.budgetSeconds * 1000;
    if (overdue && last.outcome?.kind === 'unknown') giveUp();
  }, tickMs);
  try {
    return await runAction(
      opened,
      identity,
      {
        execute: (step, onLine) => executeStep(collector.host(step.host), step, onLine),
        lock: () => collector.lock(operatorName(operator), by => say([alsoActs(by)])),
        record,
        situation,
        subscribe: listener => watch(collector, listener),
        now: Date.now,
        onChange: change,
      },
      {leave: leave.signal, stop: stop.signal},
    );
  } finally {
    clearInterval(tick);
    io.signal.removeEventListener('abort', interrupt);
  }
}

/** Every new snapshot, and once a second: times run on while nothing comes. */
function watch(collector: Collector, listener: () => void): () => void {
  const unsubscribe = collector.subscribe(listener);
  const clock = setInterval(listener, tickMs);
  return () => {
    unsubscribe();
    clearInterval(clock);
  };
}
