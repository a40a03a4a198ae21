import type {MonitorNode} from '../cluster/snapshot.ts';
import type {Check, Progress, Situation, Step} from './action.ts';
import {isSecondary, monitorAge, monitorOf, nodeNamed, type Place, postgresOf, primaryOf} from './cluster-facts.ts';
import {docker} from './commands.ts';
import {check, describe} from './guards.ts';
import {containerAt, isSilent, isStopped} from './leaving.ts';

/** A standby that has been in one state for so long without streaming does not get out of it by itself. */
const stuckSeconds = 30;

/**
 * The commands after which the node of a container that the monitor does not know is a standby again. A container whose command is
 * `pg_autoctl create postgres … --run` registers when it starts. One with `pg_autoctl run` refuses to (R15): before it starts, `create` is
 * run on its files, with what the node's own configuration file says.
 */
export function joiningSteps(situation: Situation, place: Place): readonly Step[] {
  const start: Step = {
    ...docker(situation, place, ['start', place.container]),
    until: (_before, now) => joined(now, place),
  };
  const policy = usualRestartPolicy(situation, place);
  const restart: Step = {
    ...docker(situation, place, ['update', `--restart=${policy}`, place.container]),
    title: 'docker may bring it back again',
    holds: now => containerAt(now, place)?.restartPolicy === policy,
  };
  return place.inspected?.making?.command === 'run'
    ? [...createAgain(situation, place), restart, start]
    : [restart, start];
}

/** Whether the container can bring its node back, and whether there is a primary that it can follow (R39). */
export function joiningGuards(situation: Situation, place: Place): readonly Check[] {
  const command = place.inspected?.making?.command;
  return [
    check(
      'command',
      command === 'create' || command === 'run',
      `it is known how ${place.container} comes up`,
      command === 'create'
        ? 'its command is pg_autoctl create postgres … --run: it registers when it starts'
        : command === 'run'
          ? 'its command is pg_autoctl run: the node is registered on its files before it starts'
          : 'its command is neither pg_autoctl create postgres … --run nor pg_autoctl run: only who wrote it knows how it joins',
    ),
    hasPrimaryToFollow(situation, nodeIn(situation, place)?.group),
  ];
}

/** R39: the monitor takes a new standby in only while the primary is in a stable state and reports. */
export function hasPrimaryToFollow(situation: Situation, group?: number): Check {
  const reading = monitorOf(situation);
  const primary = reading === undefined ? undefined : primaryOf(reading, group);
  const title = 'there is a primary to follow, in a stable state';
  if (primary === undefined)
    return check('primary', false, title, 'no node is the primary now: wait until the change is over');
  const stable = primary.reportedState === primary.assignedState && !isSilent(situation, primary);
  return check('primary', stable, title, `${primary.name}: ${describe(primary, monitorAge(situation))}`);
}

/** The node of a container, when the monitor knows it. */
export function nodeIn(situation: Situation, {host, container}: Place): MonitorNode | undefined {
  const node = situation.assessment.nodes.find(
    each => each.id !== null && each.host === host.name && each.container === container,
  );
  return nodeNamed(situation, node?.name);
}

/** Registered and a secondary on the primary's timeline; or what it does on the way; or that it will never be. */
export function joined(now: Situation, place: Place): Progress {
  const reading = monitorOf(now);
  if (reading === undefined) return {state: 'pending', waitingFor: 'the monitor to answer'};
  const node = nodeIn(now, place);
  const ended = isStopped(now, place) ? containerAt(now, place)?.exitCode : undefined;
  if (ended !== undefined)
    return {state: 'unchanged', message: `${place.container} has ended with status ${ended}: see its log (l)`};
  if (node === undefined) return {state: 'pending', waitingFor: `${place.container} to register with the monitor`};
  const primary = primaryOf(reading, node.group);
  if (isSecondary(node) && node.timeline === primary?.timeline)
    return {state: 'done', message: `${node.name} is secondary on timeline ${node.timeline}, behind ${primary.name}`};
  if (primary !== undefined && isCopying(now, primary))
    return {state: 'pending', waitingFor: `the base backup from ${primary.name}`};
  if (doesNotFollow(now, node))
    return {
      state: 'unchanged',
      message: `${node.name} does not follow ${primary?.name ?? 'anyone'}: its data has gone another way (R28). Copy it anew: :reclone ${node.name}`,
    };
  return {state: 'pending', waitingFor: `${node.name}: ${node.reportedState} -> ${node.assignedState}`};
}

function isCopying(situation: Situation, primary: MonitorNode): boolean {
  return (postgresOf(situation, primary.name)?.activity?.baseBackups ?? 0) > 0;
}

function doesNotFollow(situation: Situation, node: MonitorNode): boolean {
  if (node.stateAgeSeconds < stuckSeconds || isSecondary(node)) return false;
  return postgresOf(situation, node.name)?.receiverStatus !== 'streaming';
}

/** As the other containers of the cluster have it: that of a dropped node says no. */
function usualRestartPolicy(situation: Situation, place: Place): string {
  const places = situation.snapshot.hosts.flatMap(host =>
    [host.node, host.monitor].flatMap(each => (each === undefined ? [] : [{host, ...each, inspected: undefined}])),
  );
  const policies = places
    .filter(each => each.container !== place.container)
    .map(each => containerAt(situation, each)?.restartPolicy)
    .filter(policy => policy !== undefined && policy !== 'no');
  return policies[0] ?? 'unless-stopped';
}

function createAgain(situation: Situation, place: Place): readonly Step[] {
  return [
    {
      ...onFilesOf(situation, place, 'host', ['sh', '-c', createScript]),
      title: 'registers the node and makes its data, as its configuration file says',
      holds: now => nodeIn(now, place) !== undefined,
      until: (_before, now) =>
        nodeIn(now, place) === undefined
          ? {state: 'pending', waitingFor: `${place.container} to register with the monitor`}
          : {state: 'done', message: 'it is registered'},
    },
  ];
}

/** A command on the files of a container that does not run, in one of its own that is gone afterwards. */
export function onFilesOf(situation: Situation, place: Place, network: 'host' | 'none', argv: readonly string[]): Step {
  const {making, image = ''} = place.inspected ?? {};
  const environment = making?.dataDirectory === undefined ? [] : ['-e', `PGDATA=${making.dataDirectory}`];
  const where = network === 'host' ? (making?.network ?? 'host') : 'none';
  const container = ['run', '--rm', '--network', where, '--volumes-from', place.container, ...environment, image];
  return docker(situation, place, [...container, ...argv]);
}

/**
 * One line, as it is shown, so that it can be pasted. pg_autoctl wants the ways of authentication and encryption said again
 * (cli_create_node.c), though they stand in its configuration file. The monitor's URI, which may have a password, goes through the
 * environment of this shell only.
 */
const createScript = [
  'set -eu; get() { pg_autoctl config get "$1" 2>/dev/null || true; };',
  'auth=$(get postgresql.auth_method); case $(get postgresql.hba_level) in',
  'skip) set -- --skip-pg-hba;; lan) set -- --auth "$auth" --pg-hba-lan;; *) set -- --auth "$auth";; esac;',
  'if [ "$(get ssl.active)" != 1 ]; then set -- "$@" --no-ssl;',
  'elif [ -z "$(get ssl.ca_file)" ]; then set -- "$@" --ssl-self-signed; else',
  'set -- "$@" --ssl-mode "$(get ssl.sslmode)" --ssl-ca-file "$(get ssl.ca_file)" --server-cert "$(get ssl.cert_file)" --server-key "$(get ssl.key_file)"; fi;',
  'export PG_AUTOCTL_MONITOR="$(get pg_autoctl.monitor)"; exec pg_autoctl create postgres "$@"',
].join(' ');
