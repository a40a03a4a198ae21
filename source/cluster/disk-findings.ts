import type {Finding, Severity} from './assessment.ts';
import {fillRate, freePart, secondsUntilFull} from './disk-trend.ts';
import {duration} from './duration.ts';
import type {Evidence, NodeEvidence} from './evidence.ts';
import {readAge} from './facts.ts';
import {current, type Sample} from './sample.ts';
import {size} from './size.ts';
import type {DiskReading, Filesystem, HostSnapshot, ReplicationSlot} from './snapshot.ts';

/** Parts that are free, and times until full in seconds, below which it is said. */
const low = {warning: 0.2, critical: 0.1};
const soon = {warning: 3600, critical: 900};

/** An older look says nothing of now: the next should have come three times. Seconds. */
const currentForSeconds = 90;

/** R32: disks that are full or soon will be. A full one stops PostgreSQL, and a failover follows. */
export function diskFindings(evidence: Evidence): readonly Finding[] {
  return evidence.snapshot.hosts.flatMap(host =>
    disksOf(evidence, host).flatMap(disk => {
      const severity = severityOf(disk);
      return severity === undefined ? [] : [finding(evidence, host, disk, severity)];
    }),
  );
}

/** A filesystem of a host, and what stands on it: a node, the monitor, or both. */
type Disk = {
  filesystem: Filesystem;
  node: NodeEvidence | undefined;
  monitor: boolean;
  reading: DiskReading;
  source: string;
  age: number;
};

function disksOf(evidence: Evidence, host: HostSnapshot): readonly Disk[] {
  const node = evidence.nodeOn(host);
  const ofNode = disksIn(evidence, host.nodeDisk, {node, monitor: false});
  const ofMonitor = disksIn(evidence, host.monitorDisk, {node: undefined, monitor: true});
  const shared = (disk: Disk) => ofMonitor.some(other => isSame(disk.filesystem, other.filesystem));
  return [
    ...ofNode.map(disk => (shared(disk) ? {...disk, monitor: true} : disk)),
    ...ofMonitor.filter(disk => !ofNode.some(other => isSame(disk.filesystem, other.filesystem))),
  ];
}

function disksIn(
  evidence: Evidence,
  sample: Sample<DiskReading> | undefined,
  holder: Pick<Disk, 'node' | 'monitor'>,
): readonly Disk[] {
  const reading = current(sample);
  if (sample === undefined || reading === undefined) return [];
  const age = Math.max(0, (evidence.now - sample.at) / 1000);
  if (age > currentForSeconds) return [];
  return reading.filesystems.map(filesystem => ({filesystem, ...holder, reading, source: sample.source, age}));
}

/** Two containers of a host see a disk of its own under the same device. */
function isSame(one: Filesystem, other: Filesystem): boolean {
  return one.device === other.device && one.totalBytes === other.totalBytes;
}

function severityOf({filesystem, age}: Disk): Severity | undefined {
  const free = freePart(filesystem);
  const left = (secondsUntilFull(filesystem) ?? Number.POSITIVE_INFINITY) - age;
  if (free < low.critical || left < soon.critical) return 'critical';
  return free < low.warning || left < soon.warning ? 'warning' : undefined;
}

function finding(evidence: Evidence, host: HostSnapshot, disk: Disk, severity: Severity): Finding {
  const {filesystem, node, monitor, reading, source, age} = disk;
  const holders = [node?.name, monitor ? 'the monitor' : undefined].filter(each => each !== undefined).join(' and ');
  const {mount, totalBytes, usedBytes, freeBytes} = filesystem;
  return {
    code: 'R32',
    severity,
    node: node?.name ?? null,
    title: `${filesystem.holds === 'WAL' ? 'the WAL disk' : 'the disk'} of ${holders} on ${host.name} is ${fullness(disk)}`,
    evidence: [
      `${source}${readAge(age)}: ${size(usedBytes)} of ${size(totalBytes)} used, ${size(freeBytes)} left, on ${mount}`,
      ...rateLine(filesystem),
      ...(reading.walBytes === undefined ? [] : [`pg_wal has ${size(reading.walBytes)}`]),
      ...pinning(node).map(slot => slotLine(evidence, slot)),
      ...((reading.logBytes ?? 0) > totalBytes / 100 ? [`PGDATA/log has ${size(reading.logBytes ?? 0)}`] : []),
      ...(reading.leftovers.length > 0 ? [`copies left by pg_basebackup: backup/${reading.leftovers.join(', ')}`] : []),
    ],
    remedy: remedy(evidence, disk),
  };
}

function fullness({filesystem, age}: Disk): string {
  const {freeBytes} = filesystem;
  if (freeBytes < 1_048_576) return 'full: PostgreSQL cannot write';
  const left = secondsUntilFull(filesystem);
  const until = left === undefined ? '' : left - age < 1 ? ', full by now' : `, full in about ${duration(left - age)}`;
  return `${Math.floor((1 - freePart(filesystem)) * 100)} % full${until}`;
}

function rateLine(filesystem: Filesystem): readonly string[] {
  const rate = fillRate(filesystem);
  const [first, last] = [filesystem.trend?.[0], filesystem.trend?.at(-1)];
  if (rate === undefined || first === undefined || last === undefined) return [];
  return [`it fills by ${size(rate)} a second, seen for ${duration((last.at - first.at) / 1000)}`];
}

/** Slots that nobody reads from, and that keep more than a few segments. */
function pinning(node: NodeEvidence | undefined): readonly ReplicationSlot[] {
  return (node?.postgres?.slots ?? []).filter(slot => !slot.active && (slot.retainedBytes ?? 0) > 67_108_864);
}

function slotLine(evidence: Evidence, slot: ReplicationSlot): string {
  const standby = nodeOfSlot(evidence, slot);
  return `slot ${slot.name}${standby === undefined ? '' : ` (${standby})`} is not read from and keeps ${size(slot.retainedBytes ?? 0)} of WAL`;
}

function nodeOfSlot(evidence: Evidence, slot: ReplicationSlot): string | undefined {
  return slot.nodeId === undefined ? undefined : evidence.nodes.find(each => each.row?.id === slot.nodeId)?.name;
}

function remedy(evidence: Evidence, {node, reading}: Disk): string {
  const names = pinning(node).map(slot => nodeOfSlot(evidence, slot) ?? slot.name);
  const steps = [
    ...(names.length > 0 ? [`bring ${names.join(', ')} back, or drop it from the monitor: its slot goes with it`] : []),
    ...(reading.leftovers.length > 0 ? [`remove backup/${reading.leftovers.join(', backup/')} if no copy runs`] : []),
    'look at PGDATA/log and the logs of Docker',
    'make the disk larger',
  ];
  return `${steps.join('; ')}. Never delete files in pg_wal`;
}
