import {bad, good, type Outcome, type Problem} from '../cluster/problem.ts';
import {problemOf} from '../cluster/sample.ts';
import type {MonitorReading} from '../cluster/snapshot.ts';
import type {OwnDocker} from '../docker/own-docker.ts';
import {couldNotReadConfiguration, readingTries} from '../docker/unread-configuration.ts';
import type {CommandResult, HostConnection} from '../ssh/host-connection.ts';
import {shownCommand} from '../ssh/quote.ts';
import {databaseScript} from './application.ts';
import {type Progress, progressWords} from './base-backups.ts';
import {type DesiredCluster, hostsOf} from './desired-cluster.ts';
import {type Copies, followCopies} from './follow-copies.ts';
import {handImageOn, imageOn} from './hand-image-on.ts';
import {nodeOf, notServing, serves} from './membership.ts';
import {passwordFile} from './password-file.ts';
import type {BootstrapPlan, BootstrapStep} from './plan.ts';
import {pullImage} from './pull-image.ts';
import {scramVerifier, secretsFile} from './secrets.ts';
import {argvOf} from './step-argv.ts';

/** What applying a plan needs of the outside. */
export type ApplyEdges = {
  host(name: string): HostConnection | undefined;
  /** The argv that stands for docker on a host. */
  docker(host: string): readonly string[];
  /** What the monitor says now; undefined while it does not answer. */
  monitor(): MonitorReading | undefined;
  /** Calls the listener whenever that may have changed; returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
  /** A step begins, waits for something, or is over; or how far it is. */
  say(line: string, progress?: Progress): void;
  /** A step has begun, or come to its end. */
  note(step: BootstrapStep, state: 'running' | 'succeeded' | 'failed'): void;
  /** Milliseconds, of a clock that nobody sets. */
  now(): number;
  /** So many random bytes. */
  random(bytes: number): Buffer;
  /** Of the machine that pgaf runs on. */
  ownDocker: Pick<OwnDocker, 'save'>;
  signal: AbortSignal;
};

const goesOn = 'the same command goes on where it was left';
const fileDeadlineMs = 30_000;
const startDeadlineMs = 300_000;
const monitorDeadlineMs = 120_000;
/** Of a first node: there may be data to recover. */
const nodeDeadlineMs = 3_600_000;
/** Since something was seen to change: a base backup takes as long as it takes. */
const settleDeadlineMs = 300_000;
/** A host that is gone for so long does not come back by itself. */
const unreachableDeadlineMs = 60_000;

/** Makes what a plan says, one step after the other; stops at the first that fails. Applying a new plan of what is then there goes on. */
export async function applyPlan(
  cluster: DesiredCluster,
  plan: BootstrapPlan,
  edges: ApplyEdges,
): Promise<Outcome<void>> {
  const copies = followCopies(cluster, edges);
  try {
    for (const step of plan.steps) {
      if (edges.signal.aborted) return interrupted();
      edges.say(titleOf(step));
      edges.note(step, 'running');
      const outcome = await applyStep(cluster, step, edges);
      edges.note(step, outcome.ok ? 'succeeded' : 'failed');
      if (!outcome.ok) return {ok: false, problem: causeOf(outcome.problem, step.host, edges)};
    }
    const settled = (reading: MonitorReading | undefined) => {
      const waiting = notServing(cluster, reading);
      return waiting.length === 0 ? undefined : waiting.map(node => stateOf(reading, node.container)).join(', ');
    };
    const what = 'one primary, and every other node its secondary';
    return await until(what, settleDeadlineMs, hostsOf(cluster), edges, settled, copies);
  } finally {
    copies.stop();
  }
}

/** A host that is gone is what failed the step. */
function causeOf(problem: Problem, host: string, edges: ApplyEdges): Problem {
  const [lost] = lostHost(host, edges);
  return lost ?? {...problem, remedy: problem.remedy ?? goesOn};
}

function interrupted(): Outcome<never> {
  return bad('cancelled', 'it was interrupted', {remedy: goesOn});
}

/** One line for a person. */
export function titleOf(step: BootstrapStep): string {
  switch (step.kind) {
    case 'file':
      return `${step.host}: ${step.before === undefined ? 'write' : 'change'} ${step.path}`;
    case 'pull':
      return `${step.host}: pull ${step.image}`;
    case 'own-image':
      return `${step.host}: take ${step.image} from this machine`;
    case 'image':
      return `${step.host}: take ${step.image} from ${step.from}`;
    case 'secrets':
      return `${step.host}: write the passwords to ${step.path}, for its owner only`;
    case 'password':
      return `${step.host}: set the password of ${step.role}`;
    case 'pgpass':
      return `${step.host}: give ${step.container} the passwords that the new monitor knows`;
    case 'container':
      return `${step.host}: start ${step.container}`;
    case 'folder':
      return `${step.host}: make ${step.path} the folder of the image's user`;
    case 'server':
      return `${step.host}: ${step.what}`;
    case 'database':
      return `${step.host}: make the database ${step.database.name} and its user ${step.database.user}`;
    case 'application':
      return `${step.host}: write how the application connects to ${step.path}, for its owner only`;
    case 'command':
      return `${step.host}: ${step.title}`;
    case 'setting':
      return `${step.what}: ${step.from} -> ${step.to}`;
  }
}

async function applyStep(cluster: DesiredCluster, step: BootstrapStep, edges: ApplyEdges): Promise<Outcome<void>> {
  const host = edges.host(step.host);
  if (host === undefined) return bad('configuration', `host ${step.host} is not in the configuration`);
  if (step.kind === 'image') return takeImage(step, host, edges);
  if (step.kind === 'own-image') return takeOwnImage(step, host, edges);
  if (step.kind === 'pull') return pullImage(host, step, sayImage(step.image, edges), edges.signal);
  const argv = argvOf(step, edges.docker);
  if (step.kind === 'file' || step.kind === 'application') return writeFile(host, step.path, argv, step.content);
  if (step.kind === 'secrets') return writeFile(host, step.path, argv, secretsFile(step.secrets));
  if (step.kind === 'password') {
    const verifier = scramVerifier(step.password, edges.random(16));
    return runOnHost(host, argv, settleDeadlineMs, `alter role ${step.role} password '${verifier}';\n`);
  }
  if (step.kind === 'pgpass') return runOnHost(host, argv, settleDeadlineMs, passwordFile(step.passwords));
  if (step.kind === 'database') {
    const verifier = scramVerifier(step.password, edges.random(16));
    return runOnHost(host, argv, settleDeadlineMs, databaseScript(step.database, verifier));
  }
  if (step.kind === 'server') return runOnHost(host, argv, settleDeadlineMs, step.input);
  const ran = await runOnHost(host, argv, step.kind === 'container' ? startDeadlineMs : settleDeadlineMs);
  if (!ran.ok) return ran;
  if (step.kind === 'command') return step.serves === undefined ? ran : untilServes(cluster, step, step.serves, edges);
  if (step.kind !== 'container' || step.waitsFor === 'nothing') return ran;
  if (step.waitsFor === 'monitor')
    return until('the monitor answers', monitorDeadlineMs, [step.host], edges, reading =>
      reading === undefined ? 'no answer yet' : undefined,
    );
  if (step.waitsFor === 'primary') return untilServes(cluster, step, step.container, edges);
  const hosts = [step.host, cluster.monitor.host];
  return until(`${step.container} is registered`, nodeDeadlineMs, hosts, edges, reading =>
    nodeOf(reading, step.container) === undefined ? stateOf(reading, step.container) : undefined,
  );
}

/** Behind a bridge the monitor may not look at a node yet, and so finds no good health: then being registered has to do. */
function untilServes(
  {settings, monitor}: DesiredCluster,
  {host}: BootstrapStep,
  container: string,
  edges: ApplyEdges,
): Promise<Outcome<void>> {
  return until(`${container} serves`, nodeDeadlineMs, [host, monitor.host], edges, reading => {
    const node = nodeOf(reading, container);
    const isThere = settings.network === 'host' ? serves(node) : node !== undefined;
    return isThere ? undefined : stateOf(reading, container);
  });
}

function takeImage(
  {from, image}: BootstrapStep & {kind: 'image'},
  to: HostConnection,
  edges: ApplyEdges,
): Promise<Outcome<void>> {
  const source = edges.host(from);
  if (source === undefined) return Promise.resolve(bad('configuration', `host ${from} is not in the configuration`));
  const way = {from: imageOn(source, edges.docker(from)), to: {host: to, docker: edges.docker(to.name)}, image};
  return handImageOn(way, sayImage(image, edges), edges.signal);
}

function takeOwnImage(
  {image}: BootstrapStep & {kind: 'own-image'},
  to: HostConnection,
  edges: ApplyEdges,
): Promise<Outcome<void>> {
  const save = (name: string, signal: AbortSignal) => Promise.resolve(good(edges.ownDocker.save(name, signal)));
  const way = {from: {name: 'this machine', save}, to: {host: to, docker: edges.docker(to.name)}, image};
  return handImageOn(way, sayImage(image, edges), edges.signal);
}

/** Says how much of an image has come. */
function sayImage(what: string, edges: ApplyEdges): (bytes: number, totalBytes?: number) => void {
  const began = edges.now();
  return (bytes, totalBytes) => {
    const bytesPerSecond = (bytes * 1000) / Math.max(1, edges.now() - began);
    const progress = {what, bytes, totalBytes, bytesPerSecond};
    edges.say(`  ${progressWords(progress)}`, progress);
  };
}

/** Whole or not at all: written beside it, then renamed. */
async function writeFile(
  host: HostConnection,
  path: string,
  argv: readonly string[],
  content: string,
): Promise<Outcome<void>> {
  const result = await host.run(argv, {deadlineMs: fileDeadlineMs, stdin: content});
  if (!result.ok) return result;
  const {exitCode, stderr} = result.value;
  return exitCode === 0
    ? good(undefined)
    : bad('command-failed', `${path} on ${host.name} cannot be written`, {
        remedy: 'choose a folder that this user may write: bootstrap.folder of the configuration',
        detail: stderr.trim(),
      });
}

async function runOnHost(
  host: HostConnection,
  argv: readonly string[],
  deadlineMs: number,
  stdin?: string,
): Promise<Outcome<void>> {
  const runOnce = () => host.run(argv, {deadlineMs, ...(stdin === undefined ? {} : {stdin})});
  const readNothing = (each: Outcome<CommandResult>) =>
    each.ok && couldNotReadConfiguration(each.value.exitCode, each.value.stderr);
  let result = await runOnce();
  for (let tried = 1; readNothing(result) && tried < readingTries; tried++) result = await runOnce();
  if (!result.ok) return result;
  const {exitCode, stderr, stdout} = result.value;
  if (exitCode === 0) return good(undefined);
  const words =
    `${stderr}\n${stdout}`
      .trim()
      .split('\n')
      .findLast(line => line.trim() !== '') ?? '';
  return bad(
    'command-failed',
    `\`${shownCommand(argv, 120)}\` on ${host.name} ended with status ${exitCode ?? '?'}: ${words.trim()}`,
    {
      remedy: 'mend it there; the same command goes on where it was left',
      detail: stderr.trim(),
    },
  );
}

/**
 * Waits until `missing` has nothing more to name; says what it is whenever that changes. The deadline begins anew when a copy got further; a host of
 * `hosts` that cannot be reached for a minute ends it.
 */
function until(
  what: string,
  deadlineMs: number,
  hosts: readonly string[],
  edges: ApplyEdges,
  missing: (reading: MonitorReading | undefined) => string | undefined,
  copies?: Copies,
): Promise<Outcome<void>> {
  const {promise, resolve} = Promise.withResolvers<Outcome<void>>();
  let said = '';
  let gone: NodeJS.Timeout | undefined;
  const look = () => {
    const now = missing(edges.monitor());
    if (now === undefined) return resolve(good(undefined));
    const lost = hosts.flatMap(name => lostHost(name, edges));
    const words = [now, ...lost.map(({message}) => message)].join('; ');
    if (words !== said) {
      said = words;
      edges.say(`  waiting until ${what}: ${words}`);
    }
    const [problem] = lost;
    if (problem === undefined) {
      clearTimeout(gone);
      gone = undefined;
    } else {
      gone ??= setTimeout(() => resolve({ok: false, problem}), unreachableDeadlineMs);
    }
  };
  const interrupt = () => resolve(interrupted());
  const timer = setTimeout(
    () =>
      resolve(
        bad('timeout', `${what}: not within ${Math.round(deadlineMs / 1000)} s (${said})`, {
          remedy: '`docker logs` of that container says why; the same command goes on where it was left',
        }),
      ),
    deadlineMs,
  );
  const unsubscribe = edges.subscribe(look);
  const unsubscribeCopies = copies?.subscribe(() => timer.refresh());
  edges.signal.addEventListener('abort', interrupt, {once: true});
  look();
  return promise.finally(() => {
    clearTimeout(timer);
    clearTimeout(gone);
    unsubscribe();
    unsubscribeCopies?.();
    edges.signal.removeEventListener('abort', interrupt);
  });
}

/** What is wrong with the connection to a host, and that the same command goes on once it is mended. */
function lostHost(name: string, edges: ApplyEdges): readonly Problem[] {
  const problem = problemOf(edges.host(name)?.link());
  if (problem === undefined) return [];
  const {message, remedy, ...more} = problem;
  return [{...more, message: `${name}: ${message}`, remedy: [remedy, goesOn].filter(Boolean).join('; ')}];
}

function stateOf(reading: MonitorReading | undefined, container: string): string {
  if (reading === undefined) return 'the monitor does not answer';
  const node = nodeOf(reading, container);
  if (node === undefined) return `${container} has not registered yet`;
  const states =
    node.reportedState === node.assignedState ? node.reportedState : `${node.reportedState} -> ${node.assignedState}`;
  return `${container} ${states}${node.health === 'good' ? '' : `, health ${node.health}`}`;
}
