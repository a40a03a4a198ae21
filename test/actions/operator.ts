import type {ActionKind, Request, Situation} from '../../source/actions/action.ts';
import {type ActionRun, openAction} from '../../source/actions/action-run.ts';
import {type ActionEdges, runAction} from '../../source/actions/run-action.ts';
import {assess} from '../../source/cluster/assess.ts';
import {good} from '../../source/cluster/problem.ts';
import type {ClusterConfiguration} from '../../source/config/configuration.ts';
import {collect} from '../../source/console/collect.ts';
import {executeStep} from '../../source/console/execute-step.ts';
import {askNobody} from '../../source/ssh/ask.ts';

/** Someone at a console of a cluster, without its screens: sees what it sees, and acts through the same SSH. */
export type Operator = {
  situation(): Situation;
  /** Opens an action, confirms it and resolves when it has ended; after so long it is left as it is then. */
  act(kind: ActionKind, request: Request, options?: {force?: boolean; leaveAfterMs?: number}): Promise<ActionRun>;
  /** Resolves when the console sees it; fails after the deadline. */
  sees(what: string, isSo: (situation: Situation) => boolean, deadlineMs?: number): Promise<void>;
  close(): Promise<void>;
};

/** The time at which what is only older is looked at again. */
const lookMs = 250;

/**
 * Connects and resolves when every source has been read once. `readMs`: while something is waited for, the operator asks for new readings so
 * often. The watchers' own second is long where a cluster's time is quick.
 */
export async function openOperator(
  configuration: ClusterConfiguration,
  {readMs}: {readMs?: number} = {},
): Promise<Operator> {
  const collector = collect(configuration, {now: Date.now, random: Math.random, ask: askNobody, readOnly: false});
  const docker = new Map(configuration.hosts.map(host => [host.name, host.docker]));
  const situation = (): Situation => {
    const snapshot = collector.snapshot();
    const now = Date.now();
    return {snapshot, assessment: assess(snapshot, now), now, docker};
  };
  const subscribe = (listener: () => void) => {
    const timer = setInterval(listener, lookMs);
    const reading = readMs === undefined ? undefined : setInterval(collector.refresh, readMs);
    const unsubscribe = collector.subscribe(listener);
    return () => {
      clearInterval(timer);
      clearInterval(reading);
      unsubscribe();
    };
  };
  const edges: ActionEdges = {
    execute: (step, onLine) => executeStep(collector.host(step.host), step, onLine),
    lock: () => collector.lock('the tests'),
    record: () => good(undefined),
    situation,
    subscribe,
    now: Date.now,
    onChange: () => undefined,
  };
  await collector.settled(10_000);
  return {
    situation,
    async act(kind, request, {force = false, leaveAfterMs = 100_000} = {}) {
      const action = kind.of(request);
      const available = action.available(situation());
      if (!available.available) throw new Error(`${action.title} is not possible: ${available.reason}`);
      const leave = AbortSignal.timeout(leaveAfterMs);
      return runAction(openAction(action, situation(), force), action.identity(situation()), edges, {leave});
    },
    sees(what, isSo, deadlineMs = 30_000) {
      return new Promise((resolve, reject) => {
        const end = Date.now() + deadlineMs;
        const look = () => {
          const seen = situation();
          if (isSo(seen)) resolve();
          else if (seen.now > end) reject(new Error(`not seen within ${deadlineMs} ms: ${what}; ${statesOf(seen)}`));
          else return;
          unsubscribe();
        };
        const unsubscribe = subscribe(look);
      });
    },
    close: () => collector.close(),
  };
}

/** The nodes as the monitor has them, for a message. */
export function statesOf({snapshot}: Situation): string {
  const sample = snapshot.monitor;
  if (sample === undefined || 'error' in sample) return `the monitor does not answer: ${sample?.error.message}`;
  return sample.value.nodes
    .map(node => `${node.name} ${node.reportedState}/${node.assignedState} health ${node.health}`)
    .join(', ');
}

/** How a run ended, with what its steps printed: for a message when it is not as wanted. */
export function outcomeOf({outcome, checks, steps}: ActionRun): {kind: string; said: string} {
  const failed = checks.filter(check => check.result === 'fail').map(check => `${check.title}: ${check.evidence}`);
  const printed = steps.flatMap(step => [`${step.argv.join(' ')} (${step.state} ${step.exitCode})`, ...step.output]);
  return {kind: outcome?.kind ?? 'none', said: [outcome?.message ?? '', ...failed, ...printed].join('\n')};
}
