import type {Action, ActionKind, Request, Situation} from '../actions/action.ts';
import {
  type ActionOutcome,
  type ActionRun,
  confirmationOf,
  mayRun,
  openAction,
  refusedRun,
} from '../actions/action-run.ts';
import {withTarget} from '../actions/target.ts';
import {readRequest} from '../actions/usage.ts';
import type {Outcome, Problem} from '../cluster/problem.ts';
import {current, problemOf} from '../cluster/sample.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import {type Collector, collect} from '../console/collect.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import {actionDocument} from './action-document.ts';
import {outcomeLine, planLines} from './action-text.ts';
import type {CommandIo} from './command-io.ts';
import {confirmOnTerminal} from './confirm-on-terminal.ts';
import {unreachableStatus, usageStatus} from './exit-status.ts';
import {type ActRecord, followAction, situationsOf} from './follow-action.ts';

export type ActOptions = {dryRun: boolean; yes: boolean; force: boolean; json: boolean; readOnly: boolean};

type Asked = {kind: ActionKind; request: Request};

/** Exit statuses of an action; 64, 69 and 78 are sysexits. */
export const actionStatus: Readonly<Record<ActionOutcome['kind'], number>> = {
  done: 0,
  failed: 1,
  unknown: 3,
  refused: 4,
};

/** Each source has a deadline of its own, sooner than this; a slow machine is no reason to refuse anything. */
const firstLookMs = 10_000;

/** The action that words and options mean, before anything is connected to. */
export function actKindOf(
  words: readonly string[],
  options: ReadonlyMap<string, string | true>,
  kinds: readonly ActionKind[],
): Outcome<Asked> {
  return readRequest(words, options, kinds);
}

/**
 * An action as a command: looks at the cluster, shows checks and plan, asks on the terminal, runs it and follows it on the monitor. Words
 * go to standard error; `json` puts one document on standard output. The exit status is 0 when it is done and verified.
 */
export async function act(
  cluster: ClusterConfiguration,
  asked: Asked,
  options: ActOptions,
  io: CommandIo,
  {operator, record}: ActRecord,
): Promise<number> {
  const questions = countQuestions(io.ask);
  const {readOnly} = options;
  const collector = collect(cluster, {now: Date.now, random: Math.random, ask: questions.ask, readOnly});
  const situation = situationsOf(cluster, collector);
  const say = (lines: readonly string[]) => io.stderr(lines.map(line => `${sanitizeLine(line)}\n`).join(''));
  const end = (run: ActionRun) => {
    say(outcomeLine(run));
    if (options.json) io.stdout(`${JSON.stringify(actionDocument(run), null, 2)}\n`);
    return actionStatus[run.outcome?.kind ?? 'unknown'];
  };
  try {
    // The time that a person takes to answer ssh's questions does not count.
    do {
      questions.forget();
      await firstLook(collector, io);
    } while (questions.wereAsked() && !io.signal.aborted);
    const first = situation();
    if (!first.snapshot.hosts.some(host => current(host.link) !== undefined)) {
      say(nothingReachable(first));
      return unreachableStatus;
    }
    const target = withTarget(first, asked.kind, asked.request);
    if (!target.ok) {
      say(complaint(target.problem));
      return usageStatus;
    }
    const action = asked.kind.of(target.value);
    const identity = action.identity(first);
    const opened = openAction(action, first, options.force);
    say(planLines(opened, first));
    const refusal = refusalOf(action, opened, first);
    if (options.dryRun) {
      const planned: ActionRun = refusal === undefined ? opened : refusedRun(opened, refusal);
      if (options.json) io.stdout(`${JSON.stringify(actionDocument(planned), null, 2)}\n`);
      say([refusal === undefined ? 'would run; nothing was run: --dry-run' : `would be refused: ${refusal}`]);
      return refusal === undefined ? 0 : actionStatus.refused;
    }
    const refuse = (reason: string) => {
      const run = refusedRun(opened, `${reason}; nothing was changed`);
      record(run);
      return end(run);
    };
    if (refusal !== undefined) return refuse(refusal);
    if (action.tier !== 'read' && !options.yes) {
      const answer = await confirmOnTerminal(confirmationOf(opened, first.snapshot.cluster));
      if (answer === 'nobody') {
        say([
          'pgaf: nobody is there to confirm it: this is not a terminal',
          '  give --yes to confirm it; --dry-run shows checks and plan. Nothing was changed',
        ]);
        return usageStatus;
      }
      if (answer === 'no') return refuse('it was not confirmed');
    }
    if (io.signal.aborted) return refuse('it was interrupted');
    return end(await followAction(opened, identity, situation, collector, {operator, record}, io));
  } finally {
    await collector.close();
  }
}

/** Waits until every source has answered or failed once, or until the person does not wait any more. */
async function firstLook(collector: Collector, io: CommandIo): Promise<void> {
  const {promise: interrupted, resolve} = Promise.withResolvers<void>();
  const abort = () => resolve();
  io.signal.addEventListener('abort', abort, {once: true});
  await Promise.race([collector.settled(firstLookMs), interrupted]);
  io.signal.removeEventListener('abort', abort);
}

/** The same way to ask, and whether anything was asked since `forget`. */
function countQuestions(ask: CommandIo['ask']): {ask: CommandIo['ask']; forget(): void; wereAsked(): boolean} {
  let open = 0;
  let asked = false;
  const counted = async <T>(answer: Promise<T>): Promise<T> => {
    open += 1;
    asked = true;
    try {
      return await answer;
    } finally {
      open -= 1;
    }
  };
  return {
    ask: {
      passphrase: (...words) => counted(ask.passphrase(...words)),
      password: (...words) => counted(ask.password(...words)),
      keyboardInteractive: (...words) => counted(ask.keyboardInteractive(...words)),
      trustHostKey: (...words) => counted(ask.trustHostKey(...words)),
    },
    forget() {
      asked = open > 0;
    },
    wereAsked: () => asked,
  };
}

/** Why it does not begin: it is not possible now, or a check has failed. */
function refusalOf(action: Action, opened: ActionRun, situation: Situation): string | undefined {
  const available = action.available(situation);
  if (!available.available) return `${action.title} is not possible: ${available.reason}`;
  if (mayRun(opened)) return undefined;
  const failed = opened.checks.find(check => check.result === 'fail' && (!opened.forced || check.absolute === true));
  return failed === undefined ? 'there is no way to run it from here' : `${failed.title}: ${failed.evidence}`;
}

function nothingReachable({snapshot}: Situation): readonly string[] {
  const reasons = snapshot.hosts.map(host => `  ${host.name}: ${problemOf(host.link)?.message ?? 'no answer yet'}`);
  return ['pgaf: no host can be reached; nothing was changed', ...reasons];
}

function complaint({message, remedy}: Problem): readonly string[] {
  return [`pgaf: ${message}`, ...(remedy === undefined ? [] : [`  ${remedy}`])];
}
