import type {NodeAssessment} from '../cluster/assessment.ts';
import {formatLsn, type Lsn} from '../cluster/lsn.ts';
import type {Problem} from '../cluster/problem.ts';
import {latest, problemOf, type Sample} from '../cluster/sample.ts';
import type {HostSnapshot, MonitorNode, PostgresReading, Snapshot} from '../cluster/snapshot.ts';
import type {Tone} from '../terminal/style.ts';
import {hostClock} from './host-clock.ts';
import {bytesText, durationText, secondsCell} from './measures.ts';
import {statesText} from './node-columns.ts';
import type {Row} from './row.ts';

/** A part of the node screen: facts of one source, with its age or why there is nothing new. */
export type Section = {
  title: string;
  source: string;
  problem: Problem | undefined;
  facts: readonly Fact[];
  /** Rows that are no label and value. */
  lines: readonly Row[];
};

export type Fact = {label: string; value: string; tones?: readonly Tone[]};

/** The monitor's row of the node. */
export function monitorSection(snapshot: Snapshot, node: NodeAssessment, now: number): Section {
  const reading = latest(snapshot.monitor);
  const row = reading?.value.nodes.find(each => each.id === node.id);
  const past = reading === undefined ? 0 : (now - reading.at) / 1000;
  return {
    title: 'MONITOR',
    source: sourceText(snapshot.monitor, now),
    problem: problemOf(snapshot.monitor),
    facts:
      row === undefined
        ? [
            {
              label: 'registered',
              value: reading === undefined ? '?' : 'no: the monitor does not know this node',
              tones: ['warning'],
            },
          ]
        : monitorFacts(row, past, node.statesCurrent),
    lines: [],
  };
}

function monitorFacts(row: MonitorNode, past: number, isCurrent: boolean): readonly Fact[] {
  const old: readonly Tone[] = isCurrent ? [] : ['dim'];
  const checked =
    row.healthAgeSeconds === undefined ? 'never checked' : `checked ${durationText(row.healthAgeSeconds + past)} ago`;
  return [
    {label: 'states', value: `${statesText(row)}, for ${durationText(row.stateAgeSeconds + past)}`, tones: old},
    {label: 'health', value: `${row.health}, ${checked}`, tones: row.health === 'bad' ? ['warning'] : old},
    {
      label: 'last report',
      value: `${durationText(Math.ceil(row.reportAgeSeconds + past))} ago: Postgres ${row.postgresRunning ? 'runs' : 'does not run'}`,
      tones: row.postgresRunning ? old : ['warning'],
    },
    {label: 'position', value: `timeline ${row.timeline}, LSN ${lsnText(row.lsn)}`, tones: old},
    {
      label: 'failover',
      value: `candidate priority ${row.candidatePriority}, replication quorum ${row.replicationQuorum ? 'yes' : 'no'}`,
    },
    {
      label: 'registered',
      value: `id ${row.id}, group ${row.group}, ${row.host}:${row.port}, node cluster ${row.nodeCluster}`,
    },
    {label: 'system', value: row.systemIdentifier ?? '?'},
  ];
}

/** The node's own words, from psql inside its container. */
export function postgresSection(host: HostSnapshot | undefined, now: number): Section {
  const reading = latest(host?.postgres);
  const old: readonly Tone[] = host?.postgres !== undefined && 'error' in host.postgres ? ['dim'] : [];
  return {
    title: 'POSTGRES',
    source: host?.node === undefined ? 'not in the configuration' : sourceText(host.postgres, now),
    problem: problemOf(host?.postgres),
    facts: reading === undefined ? [] : postgresFacts(reading.value).map(fact => ({tones: old, ...fact})),
    lines: [],
  };
}

function postgresFacts(reading: PostgresReading): readonly Fact[] {
  const common: readonly Fact[] = [
    {label: 'recovery', value: reading.inRecovery ? 'yes: a standby' : 'no: it can be written to'},
    ...(reading.readOnly
      ? [{label: 'read-only', value: 'default_transaction_read_only is on', tones: ['warning'] as const}]
      : []),
    {label: 'timeline', value: String(reading.timeline)},
  ];
  const running: Fact = {
    label: 'started',
    value: `${durationText((reading.serverTime - reading.startedAt) / 1000)} ago`,
  };
  const system: Fact = {label: 'system', value: reading.systemIdentifier ?? '?'};
  if (!reading.inRecovery) {
    const waiting = reading.waitingForSyncRep;
    return [
      ...common,
      {label: 'position', value: `written ${lsnText(reading.currentLsn)}, flushed ${lsnText(reading.flushLsn)}`},
      {
        label: 'sync standbys',
        value:
          reading.synchronousStandbyNames === '' ? 'none: commits wait for nobody' : reading.synchronousStandbyNames,
      },
      {
        label: 'commits waiting',
        value: `${waiting} for a synchronous standby`,
        ...(waiting > 0 ? {tones: ['warning'] as const} : {}),
      },
      running,
      system,
    ];
  }
  return [
    ...common,
    {label: 'position', value: `received ${lsnText(reading.receiveLsn)}, replayed ${lsnText(reading.replayLsn)}`},
    {
      label: 'receives',
      value:
        reading.receiverStatus === undefined
          ? 'no: no WAL receiver runs'
          : `${reading.receiverStatus} from ${reading.receiverHost ?? '?'}`,
      ...(reading.receiverStatus === undefined ? {tones: ['warning'] as const} : {}),
    },
    ...(reading.replayPaused ? [{label: 'replay', value: 'PAUSED', tones: ['warning'] as const}] : []),
    {
      label: 'last replayed',
      value: `a commit of ${secondsCell(reading.replayAgeSeconds ?? null).trim()} ago; grows while nothing is written`,
    },
    running,
    system,
  ];
}

/** What Docker says of the node's container. */
export function containerSection(host: HostSnapshot | undefined, node: NodeAssessment, now: number): Section {
  const containers = latest(host?.containers)?.value;
  const container = containers?.find(each => each.name === node.container);
  const clock = hostClock(host, now);
  const since = (at: number | undefined) =>
    at === undefined || clock === undefined ? '' : `, ${durationText((clock - at) / 1000)} ago`;
  return {
    title: 'CONTAINER',
    source: host === undefined ? 'not in the configuration' : sourceText(host.containers, now),
    problem: problemOf(host?.containers),
    facts:
      container === undefined
        ? containers === undefined
          ? []
          : [{label: node.container ?? '?', value: 'does not exist on this host', tones: ['warning']}]
        : [
            {
              label: container.name,
              value: `${container.state}${container.state === 'running' ? `, started${since(container.startedAt).replace(',', '')}` : `, exit status ${container.exitCode ?? '?'}${since(container.finishedAt)}`}`,
              ...(container.state === 'running' ? {} : {tones: ['warning'] as const}),
            },
            {label: 'image', value: container.image},
            {
              label: 'restarts',
              value: `${container.restarts}${container.outOfMemory ? ', killed for memory' : ''}${container.health === undefined ? '' : `, health check ${container.health}`}`,
              ...(container.outOfMemory ? {tones: ['danger'] as const} : {}),
            },
            {label: 'id', value: container.id.slice(0, 12)},
          ],
    lines: [],
  };
}

/** How full the disk below the node is. */
export function diskSection(host: HostSnapshot | undefined, now: number): Section {
  const sample = host?.nodeDisk;
  const reading = latest(sample)?.value;
  const old: readonly Tone[] = sample !== undefined && 'error' in sample ? ['dim'] : [];
  const filesystems = reading?.filesystems.map(({holds, mount, totalBytes, usedBytes, freeBytes}): Fact => {
    const value = `${bytesText(usedBytes)} of ${bytesText(totalBytes)} used, ${bytesText(freeBytes)} left, on ${mount}`;
    return {label: holds === 'data' ? 'PGDATA' : 'pg_wal', value, tones: old};
  });
  return {
    title: 'DISK',
    source: host?.node === undefined ? 'not in the configuration' : sourceText(sample, now),
    problem: problemOf(sample),
    facts: [
      ...(filesystems ?? []),
      ...(reading?.walBytes === undefined
        ? []
        : [{label: 'WAL kept', value: `${bytesText(reading.walBytes)} in pg_wal`, tones: old}]),
    ],
    lines: [],
  };
}

/** The way from the console to the node's host. */
export function hostSection(host: HostSnapshot | undefined, now: number): Section {
  const link = latest(host?.link);
  const up = host?.link !== undefined && 'value' in host.link;
  return {
    title: 'HOST',
    source:
      host === undefined
        ? 'not in the configuration'
        : host.link === undefined
          ? 'connecting'
          : sourceText(host.link, now),
    problem: problemOf(host?.link),
    facts:
      host === undefined
        ? []
        : [
            {label: host.name, value: host.address},
            ...(link === undefined
              ? []
              : [
                  {
                    label: up ? 'connected' : 'was connected',
                    value: `${durationText((now - link.value.connectedAt) / 1000)} ago, round trip ${link.value.roundTripMs === undefined ? '?' : `${Math.round(link.value.roundTripMs)} ms`}`,
                    tones: up ? [] : (['dim'] as const),
                  },
                ]),
          ],
    lines: [],
  };
}

/** Where a sample comes from and how old it is; for a failed one, since when its last good value is known. */
export function sourceText(sample: Sample<unknown> | undefined, now: number): string {
  if (sample === undefined) return 'no answer yet';
  const age = (at: number) => durationText(Math.ceil(Math.max(1, now - at) / 1000));
  if ('value' in sample) return `${sample.source}, ${age(sample.at)} ago`;
  return sample.last === undefined
    ? `${sample.source}, tried ${age(sample.at)} ago`
    : `${sample.source}, last good ${age(sample.last.at)} ago`;
}

function lsnText(lsn: Lsn | undefined): string {
  return lsn === undefined ? '?' : formatLsn(lsn);
}
