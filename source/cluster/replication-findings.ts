import type {Finding} from './assessment.ts';
import {wholeSeconds} from './duration.ts';
import type {Evidence} from './evidence.ts';
import {nodeFacts} from './facts.ts';
import type {GroupNode} from './group.ts';
import {registeredElsewhere, replicationLag, timelineOf} from './lag.ts';
import type {Situation} from './situation.ts';
import {isSoundStandby, reports} from './tolerance.ts';
import {isBeingDemoted} from './writable.ts';

/** The data path: two primaries, commits that wait, asynchronous commits, timelines, lag. */
export function replicationFindings(evidence: Evidence, situation: Situation): readonly Finding[] {
  return [
    ...split(evidence, situation),
    ...blocked(evidence, situation),
    ...stuckSettings(evidence, situation),
    ...asynchronous(evidence, situation),
    ...timelines(evidence, situation),
    ...lagging(situation),
  ];
}

/** R29: more than one node proves that it accepts writes, or one does that should not. */
function split(evidence: Evidence, {group}: Situation): readonly Finding[] {
  const stray = group.nodes.filter(
    node =>
      node !== group.primary && node.postgres !== undefined && !node.postgres.inRecovery && !node.postgres.readOnly,
  );
  if (group.open.length > 1) {
    const names = group.open.map(node => node.name);
    const primary = group.primary?.name;
    const wrong = names.filter(name => name !== primary);
    return [
      {
        code: 'R29',
        severity: 'critical',
        node: wrong[0] ?? null,
        title: `two nodes accept writes: ${names.join(' and ')}`,
        evidence: group.open.flatMap(node => nodeFacts(evidence, node)),
        remedy:
          primary === undefined
            ? 'find out which one is the primary, and stop the other at once (docker stop)'
            : `the monitor's primary is ${primary}: stop ${wrong.join(', ')} at once (docker stop), save what was written there`,
      },
    ];
  }
  return [...unfenced(evidence, group), ...strayFindings(evidence, stray)];
}

/** A new primary is there, and the old one was never seen stopping: its keeper or its machine is gone. */
function unfenced(evidence: Evidence, group: Situation['group']): readonly Finding[] {
  if (group.primary?.proof.writable !== true) return [];
  return group.nodes
    .filter(node => node !== group.primary && node.proof.writable === null && node.proof.source === 'monitor')
    .filter(node => node.row !== undefined && isBeingDemoted(node.row) && !reports(node))
    .map(node => ({
      code: 'not-fenced',
      severity: 'warning',
      node: node.name,
      title: `${node.name} was not seen stopping: it may still accept writes`,
      evidence: nodeFacts(evidence, node),
      remedy: `make sure that its machine is off or its container stopped; when its keeper is back it follows ${group.primary?.name ?? 'the new primary'} by itself`,
    }));
}

function strayFindings(evidence: Evidence, stray: readonly GroupNode[]): readonly Finding[] {
  // A living keeper stops its Postgres within seconds; a dead one never does.
  const lasting = stray.filter(node => (node.stateAge ?? 0) > (reports(node) ? 10 : 2));
  return lasting.map(node => ({
    code: 'not-fenced',
    severity: 'critical',
    node: node.name,
    title: `${node.name} still accepts writes, and the monitor does not call it the primary`,
    evidence: nodeFacts(evidence, node),
    remedy: `if it does not stop by itself within seconds: docker stop ${node.containerName ?? node.name}`,
  }));
}

/** R03 (standbys lost) and R30 (link cut while all report): commits wait for an acknowledgement that does not come. */
function blocked(evidence: Evidence, situation: Situation): readonly Finding[] {
  const {blocked: state, group} = situation;
  const {primary} = group;
  if (state === undefined || primary === undefined) return [];
  const standbys = group.nodes.filter(node => node !== primary && node.row?.replicationQuorum === true);
  const green = standbys.filter(isSoundStandby);
  const cut = group.monitorCurrent && green.length > 0 && green.length >= standbys.length - state.live;
  const unless = state.unless.map(node => node.name).join(' or ');
  const waits =
    state.waiting > 0
      ? `${state.waiting} commit${state.waiting === 1 ? '' : 's'} wait now on ${primary.name}`
      : `the next commit on ${primary.name} will wait${unless === '' ? '' : `, unless ${unless} acknowledges it`}`;
  return [
    {
      code: cut ? 'R30' : 'R03',
      severity: 'critical',
      node: primary.name,
      title: cut
        ? `${waits}: standbys report, but are not connected to it`
        : `${waits}: no synchronous standby is left`,
      evidence: [
        ...(state.stalledSeconds > 0
          ? [
              `${primary.name} itself: nothing acknowledged for ${wholeSeconds(state.stalledSeconds)} while commits wait`,
            ]
          : []),
        state.source === 'node'
          ? `${primary.name} itself: ${state.live} of ${state.required} synchronous standbys stream, synchronous_standby_names '${primary.postgres?.synchronousStandbyNames ?? ''}'`
          : `monitor: ${primary.name} reports that no standby is connected`,
        ...standbys.flatMap(node => nodeFacts(evidence, node)),
      ],
      remedy: cut
        ? `repair the link between ${primary.name} and its standbys. To free writes: put each cut-off standby into maintenance, then number_sync_standbys 0, in this order`
        : blockedRemedy(standbys),
    },
  ];
}

function blockedRemedy(standbys: readonly GroupNode[]): string {
  const names = standbys.map(node => node.name).join(' or ') || 'a standby';
  const early = standbys.some(node => node.row?.assignedState === 'secondary');
  const wait = early ? ' once every dead standby is assigned catchingup (not before: R04)' : '';
  return `start ${names}. Or accept asynchronous commits: number_sync_standbys 0${wait}. Cancel no waiting commit`;
}

/** R04: the primary cannot apply its settings. */
function stuckSettings(evidence: Evidence, {group}: Situation): readonly Finding[] {
  const {primary} = group;
  const row = primary?.row;
  if (primary === undefined || row?.reportedState !== 'apply_settings' || (primary.stateAge ?? 0) <= 10) return [];
  return [
    {
      code: 'R04',
      severity: 'critical',
      node: primary.name,
      title: `${primary.name} is stuck applying settings for ${wholeSeconds(primary.stateAge ?? 0)}`,
      evidence: nodeFacts(evidence, primary),
      remedy:
        group.numberSyncStandbys === 0
          ? 'start a quorum standby; or set the candidate priority of any node again to the value it has'
          : 'start any standby of the replication quorum: it resolves at once',
    },
  ];
}

/** R21 and single nodes: writes go on with nobody to acknowledge them. */
function asynchronous(evidence: Evidence, situation: Situation): readonly Finding[] {
  const {group, change} = situation;
  const {primary} = group;
  if (primary === undefined || primary.proof.writable !== true) return [];
  if (change !== undefined && !change.overdue && change.kind !== 'join') return [];
  const names = primary.postgres?.synchronousStandbyNames;
  const alone = group.nodes.length === 1;
  const waiting = primary.row?.assignedState === 'wait_primary' && (primary.stateAge ?? 0) > 60;
  if (alone) {
    return [
      {
        code: 'single',
        severity: 'warning',
        node: primary.name,
        title: `${primary.name} has no standby`,
        evidence: nodeFacts(evidence, primary),
        remedy: 'add a standby: its loss is the loss of the data',
      },
    ];
  }
  if (!waiting && (names !== '' || (primary.stateAge ?? 0) < 10)) return [];
  return [
    {
      code: waiting ? 'R21' : 'asynchronous',
      severity: 'warning',
      node: primary.name,
      title: waiting
        ? `${primary.name} has waited ${wholeSeconds(primary.stateAge ?? 0)} for a standby: commits are asynchronous`
        : `commits are asynchronous: losing ${primary.name} loses the last of them`,
      evidence: [`synchronous_standby_names is empty`, ...nodeFacts(evidence, primary)],
      remedy: 'bring a standby of the replication quorum back to secondary',
    },
  ];
}

/** R28: a standby on another timeline cannot follow. */
function timelines(evidence: Evidence, {group, change}: Situation): readonly Finding[] {
  const {primary} = group;
  if (primary === undefined || (change !== undefined && !change.overdue && change.kind !== 'join')) return [];
  return group.nodes.flatMap(node => {
    if (node === primary || (node.stateAge ?? 0) < 15 || (primary.stateAge ?? 0) < 15) return [];
    const forked = registeredElsewhere(node, primary) && node.row?.assignedState !== 'maintenance' && reports(node);
    const unable =
      ['join_secondary', 'report_lsn'].includes(node.row?.reportedState ?? '') &&
      node.row?.assignedState === 'secondary' &&
      node.row.postgresRunning === false;
    if (!forked && !unable) return [];
    const title = forked
      ? `${node.name} is on timeline ${timelineOf(node) ?? '?'}, ${primary.name} on ${timelineOf(primary) ?? '?'}`
      : `${node.name} cannot follow ${primary.name}: its Postgres does not start`;
    return [
      {
        code: 'R28',
        severity: 'warning',
        node: node.name,
        title,
        evidence: nodeFacts(evidence, node),
        remedy: `read its PostgreSQL log; stop it and pg_rewind it against ${primary.name}, or copy it anew: :reclone ${node.name}`,
      } satisfies Finding,
    ];
  });
}

/** R24: past this a standby cannot win an election. */
function lagging({group}: Situation): readonly Finding[] {
  const limit = group.settings.promoteWalLogThreshold;
  return group.nodes.flatMap(node => {
    const lag = replicationLag(node, group.primary);
    const paused = node.postgres?.inRecovery === true && node.postgres.replayPaused;
    const finding = (code: string, title: string, remedy: string): Finding => ({
      code,
      severity: 'warning',
      node: node.name,
      title,
      evidence:
        lag.bytes === null
          ? []
          : [`${lag.bytes} bytes to replay (${lag.source === 'node' ? 'pg_stat_replication' : 'the monitor'})`],
      remedy,
    });
    return [
      ...(lag.bytes !== null && lag.bytes > limit
        ? [
            finding(
              'R24',
              `${node.name} is ${mebibytes(lag.bytes)} behind: too far to be promoted`,
              'look at its disk, the network, and long queries on it',
            ),
          ]
        : []),
      ...(paused
        ? [
            finding(
              'replay-paused',
              `replay is paused on ${node.name}`,
              // A fast_forward leaves its recovery_target_lsn behind; to resume at a target promotes (PostgreSQL: recovery_target_action).
              `:reclone ${node.name} when its log says "pausing at the end of recovery": to resume would promote it, and two nodes would accept writes. Only where somebody paused it by hand: select pg_wal_replay_resume()`,
            ),
          ]
        : []),
    ];
  });
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MiB`;
}
