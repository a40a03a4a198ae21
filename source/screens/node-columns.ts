import type {NodeAssessment} from '../cluster/assessment.ts';
import {formatLsn} from '../cluster/lsn.ts';
import type {HostSnapshot} from '../cluster/snapshot.ts';
import type {Span} from '../terminal/span.ts';
import {stripLine} from '../terminal/strip.ts';
import type {Tone} from '../terminal/style.ts';
import {displayWidth, truncate, truncateStart} from '../terminal/width.ts';
import {hostClock} from './host-clock.ts';
import {ageCell, bytesCell, secondsCell} from './measures.ts';
import {problemWords} from './problem-words.ts';

/** One row of the node table with what its cells compare it to. */
export type NodeRow = {
  node: NodeAssessment;
  host: HostSnapshot | undefined;
  /** The timeline of the primary, when one is known. */
  primaryTimeline: number | null;
  isPrimary: boolean;
  /** The row above it is of another group. */
  startsGroup: boolean;
  /** Fields of this node that changed a moment ago. */
  changed: ReadonlySet<string>;
  now: number;
};

export type NodeColumn = {
  id: string;
  header: string;
  align: 'left' | 'right';
  /** Blanks before the column. */
  gap: number;
  width(nodes: readonly NodeAssessment[]): number;
  /** The field whose change marks the cell. */
  field?: keyof NodeAssessment;
  value(row: NodeRow): Span;
};

/** A report older than this, in seconds, says that the node's keeper is not there: a healthy one reports once a second. */
const freshReportSeconds = 5;
const widestName = 24;
/** pg_auto_failover promotes no standby that is further behind than this (the default of its own threshold). */
const promotableLagBytes = 16_777_216;

export const nodeColumns = {
  node: {
    id: 'node',
    header: 'NODE',
    align: 'left',
    gap: 0,
    width: nodes => contentWidth(nodes, nameText, 8, widestName),
    value: ({node, isPrimary}) => ({text: shortName(node.name), tone: isPrimary ? ['bold'] : []}),
  },
  group: {
    id: 'group',
    header: 'GRP',
    align: 'right',
    gap: 1,
    width: () => 3,
    value: ({node, startsGroup}) => ({
      text: node.group === null ? '?' : String(node.group),
      tone: startsGroup ? [] : 'dim',
    }),
  },
  role: {
    id: 'role',
    header: 'ROLE → ASSIGNED',
    align: 'left',
    gap: 2,
    width: () => 22,
    field: 'reportedState',
    value: ({node, isPrimary}) => ({text: statesText(node), tone: roleTones(node, isPrimary)}),
  },
  timeline: {
    id: 'timeline',
    header: 'TLI ',
    align: 'right',
    gap: 1,
    width: () => 4,
    field: 'timeline',
    value: ({node, primaryTimeline}) => {
      if (node.timeline === null) return {text: '? '};
      const differs = primaryTimeline !== null && node.timeline !== primaryTimeline;
      return differs ? {text: `${node.timeline}!`, tone: 'danger'} : {text: `${node.timeline} `, tone: oldTones(node)};
    },
  },
  lsn: {
    id: 'lsn',
    header: 'LSN',
    align: 'right',
    gap: 1,
    width: nodes => contentWidth(nodes, lsnText, 9, 17),
    value: ({node}) => ({text: lsnText(node), tone: oldTones(node)}),
  },
  lagBytes: {
    id: 'lagBytes',
    header: 'LAG ',
    align: 'right',
    gap: 1,
    width: () => 7,
    value: ({node, isPrimary}) => {
      if (isPrimary) return {text: '–   ', tone: 'dim'};
      const text = `${node.lagSource === 'monitor' ? '~' : ''}${bytesCell(node.lagBytes)}`;
      return {text, tone: (node.lagBytes ?? 0) >= promotableLagBytes ? 'warning' : []};
    },
  },
  lagSeconds: {
    id: 'lagSeconds',
    header: 'TIME',
    align: 'right',
    gap: 1,
    width: () => 5,
    value: ({node, isPrimary}) => (isPrimary ? {text: '–  ', tone: 'dim'} : {text: secondsCell(node.lagSeconds)}),
  },
  seen: {
    id: 'seen',
    header: 'SEEN ',
    align: 'right',
    gap: 1,
    width: () => 5,
    value: ({node}) => {
      const age = node.reportAgeSeconds;
      // Which of the last seconds it was says nothing, and would flicker.
      if (age !== null && age <= freshReportSeconds) return {text: `<${freshReportSeconds} s `};
      return age === null ? {text: `${ageCell(age)} `} : {text: `${ageCell(age)}!`, tone: 'warning'};
    },
  },
  connection: {
    id: 'connection',
    header: 'CONN',
    align: 'left',
    gap: 1,
    width: () => 11,
    field: 'health',
    value: row => connectionCell(row),
  },
  sync: {
    id: 'sync',
    header: 'SYNC',
    align: 'left',
    gap: 2,
    width: () => 9,
    field: 'syncState',
    value: ({node, isPrimary}) => (isPrimary ? {text: '–', tone: 'dim'} : {text: node.syncState ?? '?'}),
  },
  priority: {
    id: 'priority',
    header: 'PRIO',
    align: 'right',
    gap: 2,
    width: () => 4,
    field: 'candidatePriority',
    value: ({node}) => ({text: node.candidatePriority === null ? '?' : String(node.candidatePriority)}),
  },
  quorum: {
    id: 'quorum',
    header: 'QUORUM',
    align: 'left',
    gap: 2,
    width: () => 6,
    field: 'replicationQuorum',
    value: ({node}) => ({text: node.replicationQuorum === null ? '?' : node.replicationQuorum ? 'yes' : 'no'}),
  },
  host: {
    id: 'host',
    header: 'HOST',
    align: 'left',
    gap: 2,
    width: nodes => contentWidth(nodes, hostText, 6, 24),
    value: ({node}) => ({text: hostText(node)}),
  },
  container: {
    id: 'container',
    header: 'CONTAINER',
    align: 'left',
    gap: 2,
    width: () => 15,
    field: 'containerState',
    value: row => ({text: containerText(row), tone: containerTones(row.node)}),
  },
  address: {
    id: 'address',
    header: 'ADDRESS',
    align: 'left',
    gap: 2,
    width: nodes => contentWidth(nodes, addressText, 8, 30),
    value: ({node}) => ({text: addressText(node)}),
  },
  id: {
    id: 'id',
    header: 'ID',
    align: 'right',
    gap: 2,
    width: () => 3,
    value: ({node}) => ({text: node.id === null ? '?' : String(node.id)}),
  },
} satisfies Record<string, NodeColumn>;

/** `secondary`, or `secondary → catchingup` while the monitor wants something else. */
export function statesText(node: Pick<NodeAssessment, 'reportedState' | 'assignedState'>): string {
  if (node.reportedState === null) return '?';
  return node.reportedState === node.assignedState
    ? node.reportedState
    : `${node.reportedState} → ${node.assignedState ?? '?'}`;
}

/** Whether the node is on its way from one state to another. */
export function isMoving(node: Pick<NodeAssessment, 'reportedState' | 'assignedState'>): boolean {
  return node.reportedState !== null && node.reportedState !== node.assignedState;
}

/** The container's state, how long it has run by its host's own clock, and how often it was restarted. */
export function containerText({node, host, now}: Pick<NodeRow, 'node' | 'host' | 'now'>): string {
  if (node.containerState === null) return '?';
  const clock = hostClock(host, now);
  const runs = node.containerState === 'running' && node.containerStartedAt !== null && clock !== undefined;
  const age = runs ? ` ${ageCell((clock - (node.containerStartedAt ?? clock)) / 1000)}` : '';
  const restarts = (node.containerRestarts ?? 0) > 0 ? ` ×${node.containerRestarts}` : '';
  return `${node.containerState}${age}${restarts}`;
}

function connectionCell({node, host}: NodeRow): Span {
  if (node.error !== null) return {text: problemWords[node.error.kind], tone: 'warning'};
  if (node.host === null || host === undefined) return {text: 'not config.', tone: 'dim'};
  if (host.link === undefined) return {text: 'connecting', tone: 'dim'};
  if (node.health === 'bad') return {text: 'unhealthy', tone: 'warning'};
  if (host.postgres === undefined) return {text: 'ssh ok', tone: 'dim'};
  return {text: node.writable === true ? 'ok rw' : 'ok'};
}

function roleTones(node: NodeAssessment, isPrimary: boolean): readonly Tone[] {
  return [
    ...(isPrimary ? (['bold'] as const) : []),
    ...(isMoving(node) ? (['warning'] as const) : []),
    ...oldTones(node),
  ];
}

/** What is old or does not come from the monitor itself is dim. */
function oldTones(node: NodeAssessment): readonly Tone[] {
  return node.statesCurrent ? [] : ['dim'];
}

function containerTones(node: NodeAssessment): readonly Tone[] {
  return node.containerState === null || node.containerState === 'running' ? [] : ['warning'];
}

function lsnText(node: NodeAssessment): string {
  return node.lsn === null ? '?' : formatLsn(node.lsn);
}

function nameText(node: NodeAssessment): string {
  return node.name;
}

function hostText(node: NodeAssessment): string {
  return node.host ?? '?';
}

function addressText(node: NodeAssessment): string {
  return node.address === null ? '?' : node.port === null ? node.address : `${node.address}:${node.port}`;
}

/** A long name loses its middle: what tells nodes apart mostly stands at the end. */
function shortName(name: string): string {
  const clean = stripLine(name);
  if (displayWidth(clean) <= widestName) return clean;
  return `${truncate(clean, 12)}${truncateStart(clean, widestName - 12, '')}`;
}

/** The nodes are looked at again with every key, and only change with what is known of them. */
const measured = new WeakMap<readonly NodeAssessment[], Map<(node: NodeAssessment) => string, number>>();

function contentWidth(
  nodes: readonly NodeAssessment[],
  text: (node: NodeAssessment) => string,
  min: number,
  max: number,
): number {
  const widths = measured.get(nodes) ?? new Map<(node: NodeAssessment) => string, number>();
  measured.set(nodes, widths);
  const known = widths.get(text);
  if (known !== undefined) return known;
  const widest = nodes.reduce((width, node) => Math.max(width, displayWidth(stripLine(text(node)))), min);
  const width = Math.min(max, widest);
  widths.set(text, width);
  return width;
}
