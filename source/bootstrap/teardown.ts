import type {Action, Check, Plan, Situation, Step} from '../actions/action.ts';
import {mayChange} from '../actions/availability.ts';
import {byExitStatus} from '../actions/by-exit-status.ts';
import {warning} from '../actions/guards.ts';
import {containersIdentity} from '../actions/identity.ts';
import {bootstrapAction} from './bootstrap-action.ts';
import type {DesiredCluster} from './desired-cluster.ts';
import type {Remains} from './remains.ts';

/**
 * Takes a cluster away with its data, passwords and files, host by host, the monitor's last. Hosts that cannot be reached keep what they have
 * until it is started again: what is gone is left out then.
 */
export function teardown(cluster: DesiredCluster, remains: readonly Remains[]): Action {
  return bootstrapAction(
    {
      id: 'bootstrap-teardown',
      usage: 'bootstrap --teardown CLUSTER',
      title: 'Teardown',
      help: 'take a cluster away with its data',
      tier: 'destructive',
    },
    {
      available: mayChange,
      preflight: situation => checksOf(situation, remains),
      plan: situation => plan(situation, cluster, remains),
      verify(_before, _now, steps) {
        const progress = byExitStatus(steps);
        return progress.state === 'done'
          ? {...progress, message: `${cluster.name} is gone from where it was found`}
          : progress;
      },
      identity: containersIdentity,
    },
    `Teardown of ${cluster.name}`,
  );
}

/** What stays where, and how it goes: a line each. */
export function leftLines({name}: DesiredCluster, remains: readonly Remains[]): readonly string[] {
  return remains.flatMap(({host, unreachable, strange}) =>
    unreachable === undefined
      ? strange.map(what => `${host} keeps ${what}`)
      : [
          `${host} keeps what it has of ${name}: ${unreachable.message}; the same command takes it away when it is back`,
        ],
  );
}

function checksOf({assessment}: Situation, remains: readonly Remains[]): readonly Check[] {
  const away = remains.filter(({unreachable}) => unreachable !== undefined).map(({host}) => host);
  const {writable} = assessment.verdict;
  return [
    warning(
      'unused',
      writable !== true,
      'nobody writes to it any more',
      writable === true ? 'it takes writes now, and all of its data goes' : 'it takes no writes',
    ),
    warning(
      'reachable',
      away.length === 0,
      'every host can be reached',
      away.length === 0 ? remains.map(({host}) => host).join(', ') : `${away.join(', ')}: what is there stays`,
    ),
  ];
}

function plan({docker}: Situation, {name, monitor, settings}: DesiredCluster, remains: readonly Remains[]): Plan {
  const monitorLast = remains.toSorted((a, b) => Number(a.host === monitor.host) - Number(b.host === monitor.host));
  return {
    meaning: [
      `every container of ${name}, its volumes with all data, its passwords and its files are deleted: for good`,
    ],
    steps: monitorLast.flatMap(each => stepsOn(each, docker.get(each.host) ?? ['docker'], settings.folder)),
    confirmation: name,
    usualSeconds: 10,
    budgetSeconds: 600,
  };
}

function stepsOn(
  {host, containers, volumes, networks, files}: Remains,
  docker: readonly string[],
  folder: string,
): readonly Step[] {
  const remove = (what: readonly string[], words: readonly string[]): readonly Step[] =>
    what.length === 0 ? [] : [{host, argv: [...docker, ...words, ...what]}];
  const script = 'folder=$1 && shift && rm -f "$@" && { rmdir "$folder" 2>/dev/null || :; }';
  return [
    ...remove(containers, ['rm', '--force', '--volumes']),
    ...remove(volumes, ['volume', 'rm']),
    ...remove(networks, ['network', 'rm']),
    ...(files.length === 0
      ? []
      : [{host, argv: ['sh', '-c', script, 'remove', folder, ...files.map(file => `${folder}/${file}`)]}]),
  ];
}
