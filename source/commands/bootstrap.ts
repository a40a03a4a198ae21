import {randomBytes} from 'node:crypto';
import type {Action} from '../actions/action.ts';
import {type ActionRun, openAction} from '../actions/action-run.ts';
import {monitorOf} from '../actions/cluster-facts.ts';
import {drop} from '../actions/drop.ts';
import {operatorName} from '../actions/operator.ts';
import {connectionLines} from '../bootstrap/application.ts';
import {type ApplyEdges, applyPlan} from '../bootstrap/apply.ts';
import type {Progress} from '../bootstrap/base-backups.ts';
import {type BootstrapRecord, recordSteps} from '../bootstrap/bootstrap-record.ts';
import {type DesiredCluster, desiredCluster, hostsOf} from '../bootstrap/desired-cluster.ts';
import {asEncryptedNow} from '../bootstrap/encryption.ts';
import {encryptionChange, leftToEncrypt} from '../bootstrap/encryption-change.ts';
import type {HostCheck} from '../bootstrap/host-check.ts';
import type {HostSurvey} from '../bootstrap/host-survey.ts';
import {checksAndPlan} from '../bootstrap/look.ts';
import {lostNodes} from '../bootstrap/lost-nodes.ts';
import {lowering} from '../bootstrap/lowering.ts';
import {notServing} from '../bootstrap/membership.ts';
import type {BootstrapPlan, BootstrapStep} from '../bootstrap/plan.ts';
import {checkLines, nothingToDo, planLines} from '../bootstrap/plan-text.ts';
import {loweredParameters} from '../bootstrap/required-parameters.ts';
import {rollingChange} from '../bootstrap/rolling-change.ts';
import {isFinishing, rotation, rotationIsUnderWay} from '../bootstrap/rotation.ts';
import {type FreshSecrets, makeSecrets} from '../bootstrap/secrets.ts';
import {surveyAll} from '../bootstrap/survey-all.ts';
import {type BootstrapWishes, noWishes} from '../bootstrap/wishes.ts';
import {bad, type Outcome, type Problem} from '../cluster/problem.ts';
import {current} from '../cluster/sample.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import {type Collector, collect} from '../console/collect.ts';
import {ownDocker} from '../docker/own-docker.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import {actionStatus} from './act.ts';
import {actionDocument} from './action-document.ts';
import {planLines as actionLines, outcomeLine} from './action-text.ts';
import type {CommandIo} from './command-io.ts';
import {confirmOnTerminal} from './confirm-on-terminal.ts';
import {configurationStatus, unreachableStatus} from './exit-status.ts';
import {type ActRecord, alsoActs, followAction, situationsOf} from './follow-action.ts';
import {teardownCommand} from './teardown.ts';

export type BootstrapOptions = {
  plan: boolean;
  yes: boolean;
  /** It is made also where it cannot be written down, and while another console acts. */
  force: boolean;
  readOnly: boolean;
  json: boolean;
  /** The name of the cluster that is to be taken away. */
  teardown: string | undefined;
} & BootstrapWishes;

const firstLookMs = 3700;
const done = 0;
const failed = 1;
const refused = 4;

/**
 * `pgaf bootstrap`: looks at the hosts, says what would be made, asks, and makes it; with `--rolling` also what stops a container that runs,
 * with `--rotate-passwords` also new passwords, with `--ssl` encryption that was not there. Exit statuses: 0 done or nothing to do, 1 failed
 * on the way (the same command goes on), 4 refused (by a check, as another console acts, or not confirmed) with nothing changed.
 */
export async function bootstrap(
  configuration: ClusterConfiguration,
  options: BootstrapOptions,
  {stderr, ...others}: CommandIo,
  record: BootstrapRecords,
): Promise<number> {
  // What hosts and the monitor say goes into every line.
  const io: CommandIo = {...others, stderr: text => stderr(text.split('\n').map(sanitizeLine).join('\n'))};
  const desired = desiredCluster(configuration);
  if (!desired.ok) return complain(desired.problem, configurationStatus, io);
  const cluster = desired.value;
  const {readOnly} = options;
  const collector = collect(configuration, {now: Date.now, random: Math.random, ask: io.ask, readOnly});
  const work: Work = {cluster, configuration, collector, fresh: makeSecrets(randomBytes), record};
  try {
    await collector.settled(firstLookMs);
    const {teardown} = options;
    if (teardown !== undefined) return await teardownCommand(work, {...options, teardown}, io);
    const found = await look(work, options);
    const {surveys, plan, checks} = found;
    const forgetting = openForgetting(work, surveys, options.replace);
    const opened = changesOf(options).flatMap(change => {
      const run = openChange(work, found, change);
      return run === undefined ? [] : [{change, run}];
    });
    // Parameters that the plan is still to set may need a restart.
    const asked = changesOf(options).filter(each => each === 'rolling' || opened.some(({change}) => change === each));
    const changes = opened.map(({run}) => run);
    const actions = [...(forgetting === undefined ? [] : [forgetting]), ...changes];
    if (options.json) {
      const document = {checks, plan: {...plan, steps: plan.steps.map(withoutSecrets)}};
      const forgotten = forgetting === undefined ? {} : {forgetting: actionDocument(forgetting)};
      io.stdout(`${JSON.stringify({...document, ...forgotten, changes: changes.map(actionDocument)}, null, 2)}\n`);
    } else {
      const shown = (run: ActionRun) => actionLines(run, situationsOf(configuration, collector)());
      const first = forgetting === undefined ? [] : [...shown(forgetting), ''];
      const last = changes.flatMap(each => ['', ...shown(each)]);
      io.stderr(`${[...checkLines(checks, hostsOf(cluster)), '', ...first, ...planLines(plan), ...last].join('\n')}\n`);
    }
    if (surveys.every(survey => survey.unreachable !== undefined)) return unreachableStatus;
    const allChecks: BootstrapRecord['checks'] = [...checks, ...actions.flatMap(each => each.checks)];
    const what = {options: toldBy(options), forced: options.force, checks: allChecks, steps: plan.steps};
    const refuse = (reason: string) => {
      if (!options.plan) recordSteps(what, record.recordBootstrap, Date.now).refuse(reason);
      return refused;
    };
    const refusals = allChecks.filter(check => check.result === 'fail');
    const [first] = refusals;
    if (first !== undefined) {
      io.stderr(
        `Refused: ${refusals.length === 1 ? 'one check' : `${refusals.length} checks`} failed. Nothing was changed.\n`,
      );
      return refuse(`${first.host === undefined ? '' : `${first.host}: `}${first.title}: ${first.evidence}`);
    }
    const nothing = plan.steps.length === 0 && actions.length === 0;
    const coming = notServing(cluster, current(collector.snapshot().monitor)).map(({container}) => container);
    if (nothing && coming.length === 0) {
      io.stderr(`${nothingToDo(plan)}\n`);
      return done;
    }
    if (nothing)
      io.stderr(`Nothing to make: ${coming.join(' and ')} ${coming.length === 1 ? 'does' : 'do'} not serve yet.\n`);
    if (options.plan) return done;
    if (readOnly && !nothing) {
      io.stderr('pgaf: read-only: nothing was changed\n');
      return refuse('read-only');
    }
    if (!options.yes && !nothing) {
      const answer = await confirmed(cluster, io);
      if (answer === 'nobody') return refused;
      if (answer === 'no') return refuse('it was not confirmed');
    }
    // Who only waits keeps nobody up.
    const lock = readOnly
      ? undefined
      : await collector.lock(operatorName(record.operator), by => io.stderr(`${alsoActs(by)}\n`));
    if (lock?.kind === 'taken' && !options.force) {
      const reason = `another console is acting on this formation: ${lock.by}`;
      const message = `${reason}; nothing was changed`;
      return complain({kind: 'cancelled', message, remedy: 'wait for its end, or give --force'}, refuse(reason), io);
    }
    try {
      const agrees = async (rest: BootstrapPlan) => {
        if (!nothing || rest.steps.length === 0) return true;
        io.stderr(`They serve, and now it can be seen that there is more to do.\n${planLines(rest).join('\n')}\n`);
        return !readOnly && (options.yes || (await confirmed(cluster, io)) === 'yes');
      };
      return await make({...work, collector: withItsLock(collector)}, found, {forgetting, asked}, options, agrees, io);
    } finally {
      if (lock !== undefined && lock.kind !== 'taken') lock.release();
    }
  } finally {
    await collector.close();
  }
}

/** What was confirmed: first what is forgotten, then the plan, then the changes; each is looked at anew when it is its turn. */
async function make(
  work: Work,
  found: Look,
  {forgetting, asked}: {forgetting: ActionRun | undefined; asked: readonly Change[]},
  options: BootstrapOptions,
  agrees: Agrees,
  io: CommandIo,
): Promise<number> {
  if (forgetting !== undefined) {
    const status = await run(work, forgetting, io);
    if (status !== done) return status;
  }
  // Nodes whose keepers wait for their passwords do not serve, and nothing else would come to its end before; standbys get no less than their primary.
  const first = asked.filter(
    change => change === 'lowering' || (change === 'rotation' && rotationIsUnderWay(found.surveys)),
  );
  let status = await makeChanges(work, first, io);
  if (status !== done) return status;
  status = await apply(work, first.length === 0 ? found : await look(work), options, agrees, io);
  const others = asked.filter(change => !first.includes(change));
  return status === done ? await makeChanges(work, others, io) : status;
}

/** The actions of a bootstrap run under its own lock. */
function withItsLock(collector: Collector): Collector {
  return {...collector, lock: () => Promise.resolve({kind: 'unknown', release: () => undefined})};
}

/** What a bootstrap works with. */
type Work = {
  cluster: DesiredCluster;
  configuration: ClusterConfiguration;
  collector: Collector;
  /** Passwords for a cluster that has none yet, or that is to get new ones. */
  fresh: FreshSecrets;
  record: BootstrapRecords;
};

type BootstrapRecords = ActRecord & {recordBootstrap(record: BootstrapRecord): Outcome<void>};

type Look = {surveys: readonly HostSurvey[]; plan: BootstrapPlan; checks: readonly HostCheck[]};

/** What the hosts have now, and what is to be done to it. */
async function look(
  {cluster, configuration, collector, fresh}: Work,
  wishes: BootstrapWishes = noWishes,
): Promise<Look> {
  const surveys = await surveyAll(cluster, configuration, collector.host, ownDocker(process.env), Date.now);
  const {monitor, hosts} = collector.snapshot();
  const found = {surveys, monitor: current(monitor), hosts};
  return {surveys, ...checksAndPlan(cluster, found, wishes, dockerOf(configuration), fresh)};
}

/** Whether what came to light later is to be done as well. */
type Agrees = (rest: BootstrapPlan) => Promise<boolean>;

/** Makes a plan, and writes down that it does. */
async function apply(
  work: Work,
  {surveys, plan, checks}: Look,
  {json, force, ...wishes}: BootstrapOptions,
  agrees: Agrees,
  io: CommandIo,
): Promise<number> {
  const {cluster, configuration, collector, record} = work;
  const what = {options: toldBy(wishes), forced: force, checks, steps: plan.steps};
  const audit = recordSteps(what, record.recordBootstrap, Date.now);
  const begun = audit.begin();
  if (!begun.ok && !force) {
    const message = `the audit log cannot be written: ${begun.problem.message}; nothing was changed`;
    return complain({kind: 'internal', message, remedy: 'mend that, or give --force'}, refused, io);
  }
  const startedAt = performance.now();
  const say = (line: string, progress?: Progress) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    io.stderr(`${seconds.padStart(6)} s  ${line}\n`);
    // After the plan, one document a line.
    if (json)
      io.stdout(`${JSON.stringify({seconds: Number(seconds), text: line.trim(), ...(progress && {progress})})}\n`);
  };
  const edges: ApplyEdges = {
    host: collector.host,
    docker: host => dockerOf(configuration).get(host) ?? ['docker'],
    monitor: () => current(collector.snapshot().monitor),
    subscribe: listener => collector.subscribe(listener),
    say,
    note: audit.note,
    random: randomBytes,
    ownDocker: ownDocker(process.env),
    now: () => performance.now(),
    signal: io.signal,
  };
  const outcome = await applyInTwo(work, plan, agrees, edges);
  const ended = audit.end(outcome);
  if (!ended.ok) io.stderr(`pgaf: the audit log could not be written: ${ended.problem.message}\n`);
  if (!outcome.ok) return complain(outcome.problem, failed, io);
  say(`done: ${cluster.nodes.length} nodes and their monitor serve`);
  // What is to be encrypted later has to be connected to as it is.
  sayConnection(asEncryptedNow(cluster, surveys), io);
  return done;
}

function sayConnection(cluster: DesiredCluster, io: CommandIo): void {
  for (const line of connectionLines(cluster)) io.stderr(`${line}\n`);
}

/** Once the nodes are there, their settings can be seen: what is still missing then is a plan of its own. */
async function applyInTwo(work: Work, plan: BootstrapPlan, agrees: Agrees, edges: ApplyEdges): Promise<Outcome<void>> {
  const steps = plan.steps.filter(({kind}) => kind !== 'setting');
  const first = await applyPlan(work.cluster, {...plan, steps}, edges);
  if (!first.ok) return first;
  const {plan: rest} = await look(work);
  if (!(await agrees(rest))) return bad('cancelled', 'what there is more to do was not confirmed', {remedy: goesOn});
  const late: readonly BootstrapStep['kind'][] = ['setting', 'server', 'application', 'database'];
  return applyPlan(work.cluster, {...rest, steps: rest.steps.filter(({kind}) => late.includes(kind))}, edges);
}

/** What it does only because it was told to, as it is typed. */
function toldBy({replace, rolling, rebuildMonitor, rotatePasswords, ssl}: BootstrapWishes): readonly string[] {
  const flags = {rolling, 'rebuild-monitor': rebuildMonitor, 'rotate-passwords': rotatePasswords, ssl};
  const given = Object.entries(flags).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
  return [...(replace === undefined ? [] : [`replace ${replace}`]), ...given];
}

/** How the registration of a node whose data is gone is forgotten, with its checks; undefined when there is none. */
function openForgetting(
  {cluster, configuration, collector}: Work,
  surveys: readonly HostSurvey[],
  replace: string | undefined,
): ActionRun | undefined {
  const situation = situationsOf(configuration, collector)();
  const lost = lostNodes(cluster, surveys, monitorOf(situation)).find(node => node.container === replace);
  return lost === undefined ? undefined : openAction(drop.of({node: lost.container, options: ['lost']}), situation);
}

/** Runs an action that was confirmed with the bootstrap. */
async function run({configuration, collector, record}: Work, opened: ActionRun, io: CommandIo): Promise<number> {
  if (io.signal.aborted)
    return complain({kind: 'cancelled', message: 'it was interrupted', remedy: goesOn}, failed, io);
  const situation = situationsOf(configuration, collector);
  const ran = await followAction(opened, opened.action.identity(situation()), situation, collector, record, io);
  io.stderr(`${outcomeLine(ran).join('\n')}\n`);
  return actionStatus[ran.outcome?.kind ?? 'unknown'];
}

/** What is changed of a cluster that runs: by actions, which are guarded, locked and written down. */
type Change = 'rotation' | 'lowering' | 'rolling' | 'encryption';

/** In the order in which they are made: certificates are there once containers were made anew with them. */
function changesOf({rolling, rotatePasswords, ssl}: BootstrapOptions): readonly Change[] {
  return [
    ...(rotatePasswords ? (['rotation'] as const) : []),
    ...(rolling ? (['lowering', 'rolling'] as const) : []),
    ...(ssl ? (['encryption'] as const) : []),
  ];
}

/** A change as the cluster is now, with its checks; undefined when there is nothing to it. */
function openChange(work: Work, {surveys, plan}: Look, change: Change): ActionRun | undefined {
  const {cluster, configuration, collector, fresh} = work;
  if (change === 'rolling' && plan.renewals.length === 0) return undefined;
  const {monitor} = collector.snapshot();
  if (change === 'lowering' && loweredParameters(cluster, surveys, current(monitor)).length === 0) return undefined;
  if (change === 'rotation' && isFinishing(surveys)) return undefined;
  if (change === 'encryption' && leftToEncrypt(cluster, surveys).length === 0) return undefined;
  const actionOf: Record<Change, () => Action> = {
    rolling: () => rollingChange(cluster, plan.renewals, surveys),
    rotation: () => rotation(asEncryptedNow(cluster, surveys), surveys, fresh, randomBytes),
    lowering: () => lowering(cluster, surveys),
    encryption: () => encryptionChange(cluster, surveys),
  };
  return openAction(actionOf[change](), situationsOf(configuration, collector)());
}

async function makeChanges(work: Work, changes: readonly Change[], io: CommandIo): Promise<number> {
  for (const change of changes) {
    const status = await makeChange(work, change, io);
    if (status !== done) return status;
  }
  return done;
}

/** Makes a change as the hosts are now; it is done when they say so. */
async function makeChange(work: Work, change: Change, io: CommandIo): Promise<number> {
  const opened = openChange(work, await look(work), change);
  if (opened === undefined) return done;
  const status = await run(work, opened, io);
  if (status !== done || change === 'rotation' || change === 'lowering') return status;
  const {plan, surveys} = await look(work);
  const left =
    change === 'rolling'
      ? plan.renewals.map(({container, reason}) => `${container} (${reason})`).join(', ')
      : leftToEncrypt(work.cluster, surveys)
          .map(each => each.container)
          .join(', ');
  if (left === '' && change === 'encryption') sayConnection(work.cluster, io);
  if (left === '') return done;
  return complain({kind: 'internal', message: `still not as it is described: ${left}`, remedy: goesOn}, failed, io);
}

const goesOn = 'the same command goes on where it was left';

function complain({message, remedy, detail}: Problem, status: number, io: CommandIo): number {
  const lines = [
    `pgaf: ${message}`,
    ...(detail === undefined ? [] : [indented(detail)]),
    ...(remedy === undefined ? [] : [`  ${remedy}`]),
  ];
  io.stderr(`${lines.join('\n')}\n`);
  return status;
}

function dockerOf({hosts}: ClusterConfiguration): ReadonlyMap<string, readonly string[]> {
  return new Map(hosts.map(host => [host.name, host.docker]));
}

async function confirmed(cluster: DesiredCluster, io: CommandIo): ReturnType<typeof confirmOnTerminal> {
  const answer = await confirmOnTerminal(cluster.name);
  if (answer === 'nobody') io.stderr('pgaf: nobody is there to confirm it: give --yes. Nothing was changed.\n');
  if (answer === 'no') io.stderr('Not confirmed. Nothing was changed.\n');
  return answer;
}

/** No password is printed, in no form. */
function withoutSecrets(step: BootstrapStep): object {
  if (step.kind === 'secrets') return {kind: step.kind, host: step.host, path: step.path};
  if (step.kind === 'application') return {kind: step.kind, host: step.host, path: step.path};
  if (step.kind === 'database') return {kind: step.kind, host: step.host, argv: step.argv, database: step.database};
  if (step.kind === 'password') return {kind: step.kind, host: step.host, role: step.role, argv: step.argv};
  if (step.kind === 'pgpass') return {kind: step.kind, host: step.host, container: step.container, argv: step.argv};
  return step;
}

function indented(text: string): string {
  return text
    .split('\n')
    .map(line => `  ${line}`)
    .join('\n');
}
