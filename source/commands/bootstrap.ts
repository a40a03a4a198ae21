import {randomBytes} from 'node:crypto';
import {applyPlan} from '../bootstrap/apply.ts';
import {type DesiredCluster, desiredCluster, hostsOf} from '../bootstrap/desired-cluster.ts';
import {type BootstrapPlan, type BootstrapStep, planBootstrap} from '../bootstrap/plan.ts';
import {checkLines, nothingToDo, planLines} from '../bootstrap/plan-text.ts';
import {hostChecks} from '../bootstrap/preflight.ts';
import {makeSecrets, type Secrets} from '../bootstrap/secrets.ts';
import {surveyAll} from '../bootstrap/survey-all.ts';
import {current} from '../cluster/sample.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import {type Collector, collect} from '../console/collect.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import type {CommandIo} from './command-io.ts';
import {confirmOnTerminal} from './confirm-on-terminal.ts';
import {configurationStatus, unreachableStatus} from './exit-status.ts';

export type BootstrapOptions = {plan: boolean; yes: boolean; readOnly: boolean; json: boolean};

const firstLookMs = 3700;
const done = 0;
const failed = 1;
const refused = 4;

/**
 * `pgaf bootstrap`: looks at the hosts, says what would be made, asks, and makes it. Exit statuses: 0 done or nothing to do, 1 failed on the
 * way (the same command goes on), 4 refused by a check or not confirmed, with nothing changed.
 */
export async function bootstrap(
  configuration: ClusterConfiguration,
  options: BootstrapOptions,
  {stderr, ...others}: CommandIo,
): Promise<number> {
  // What hosts and the monitor say goes into every line.
  const io: CommandIo = {...others, stderr: text => stderr(text.split('\n').map(sanitizeLine).join('\n'))};
  const desired = desiredCluster(configuration);
  if (!desired.ok) {
    io.stderr(
      `pgaf: ${desired.problem.message}\n${desired.problem.remedy === undefined ? '' : `  ${desired.problem.remedy}\n`}`,
    );
    return configurationStatus;
  }
  const cluster = desired.value;
  const collector = collect(configuration, {
    now: Date.now,
    random: Math.random,
    ask: io.ask,
    readOnly: options.readOnly,
  });
  try {
    await collector.settled(firstLookMs);
    const surveys = await surveyAll(cluster, configuration, collector.host, Date.now);
    const fresh = makeSecrets(randomBytes);
    const reading = current(collector.snapshot().monitor);
    const checks = hostChecks(cluster, surveys, reading);
    const plan = planBootstrap(cluster, surveys, reading, dockerOf(configuration), fresh);
    if (options.json)
      io.stdout(`${JSON.stringify({checks, plan: {...plan, steps: plan.steps.map(withoutSecrets)}}, null, 2)}\n`);
    else io.stderr(`${[...checkLines(checks, hostsOf(cluster)), '', ...planLines(plan)].join('\n')}\n`);
    if (surveys.every(survey => survey.unreachable !== undefined)) return unreachableStatus;
    const refusals = checks.filter(check => check.result === 'fail');
    if (refusals.length > 0) {
      io.stderr(
        `Refused: ${refusals.length === 1 ? 'one check' : `${refusals.length} checks`} failed. Nothing was changed.\n`,
      );
      return refused;
    }
    if (plan.steps.length === 0) {
      io.stderr(`${nothingToDo(plan)}\n`);
      return done;
    }
    if (options.plan) return done;
    if (options.readOnly) {
      io.stderr('pgaf: read-only: nothing was changed\n');
      return refused;
    }
    if (!options.yes && !(await confirmed(cluster, io))) return refused;
    return await apply(cluster, plan, {configuration, collector, fresh}, io);
  } finally {
    await collector.close();
  }
}

/** Once the nodes are there, their settings can be seen: what is still missing then is a plan of its own. */
async function apply(
  cluster: DesiredCluster,
  plan: BootstrapPlan,
  {configuration, collector, fresh}: {configuration: ClusterConfiguration; collector: Collector; fresh: Secrets},
  io: CommandIo,
): Promise<number> {
  const startedAt = performance.now();
  const say = (line: string) =>
    io.stderr(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
  const edges = {
    host: (name: string) => collector.host(name),
    docker: (host: string) => dockerOf(configuration).get(host) ?? ['docker'],
    monitor: () => current(collector.snapshot().monitor),
    subscribe: (listener: () => void) => collector.subscribe(listener),
    say,
    random: randomBytes,
    signal: io.signal,
  };
  const isSetting = (step: BootstrapPlan['steps'][number]) => step.kind === 'setting';
  const first = await applyPlan(cluster, {...plan, steps: plan.steps.filter(step => !isSetting(step))}, edges);
  const rest = first.ok
    ? planBootstrap(
        cluster,
        await surveyAll(cluster, configuration, collector.host, Date.now),
        edges.monitor(),
        dockerOf(configuration),
        fresh,
      )
    : undefined;
  const outcome =
    rest === undefined ? first : await applyPlan(cluster, {...rest, steps: rest.steps.filter(isSetting)}, edges);
  if (outcome.ok) {
    say(`done: ${cluster.nodes.length} nodes and their monitor serve`);
    return done;
  }
  const {message, remedy, detail} = outcome.problem;
  io.stderr(
    `pgaf: ${message}\n${detail === undefined ? '' : `${indented(detail)}\n`}${remedy === undefined ? '' : `  ${remedy}\n`}`,
  );
  return failed;
}

function dockerOf({hosts}: ClusterConfiguration): ReadonlyMap<string, readonly string[]> {
  return new Map(hosts.map(host => [host.name, host.docker]));
}

async function confirmed(cluster: DesiredCluster, io: CommandIo): Promise<boolean> {
  const answer = await confirmOnTerminal(cluster.name);
  if (answer === 'yes') return true;
  if (answer === 'nobody') {
    io.stderr('pgaf: nobody is there to confirm it: give --yes. Nothing was changed.\n');
    return false;
  }
  io.stderr('Not confirmed. Nothing was changed.\n');
  return false;
}

/** No password is printed, in no form. */
function withoutSecrets(step: BootstrapStep): object {
  if (step.kind === 'secrets') return {kind: step.kind, host: step.host, path: step.path};
  if (step.kind === 'password') return {kind: step.kind, host: step.host, role: step.role, argv: step.argv};
  return step;
}

function indented(text: string): string {
  return text
    .split('\n')
    .map(line => `  ${line}`)
    .join('\n');
}
