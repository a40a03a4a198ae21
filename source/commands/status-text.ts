import type {Assessment, Finding, NodeAssessment} from '../cluster/assessment.ts';
import {formatLsn} from '../cluster/lsn.ts';
import {current, problemOf} from '../cluster/sample.ts';
import type {Snapshot} from '../cluster/snapshot.ts';
import {sanitizeLine} from '../logs/sanitize.ts';

/** `pgaf status` for a person: the verdict first, then the nodes, then what is wrong, each with what to do. No line break at the end. */
export function statusText(snapshot: Snapshot, assessment: Assessment): string {
  const {verdict} = assessment;
  const title = `${snapshot.cluster.name}/${snapshot.cluster.formation}  ${verdict.level.toUpperCase()}  ${verdict.summary}`;
  return [
    title,
    monitorLine(snapshot),
    '',
    ...nodeTable(assessment.nodes),
    ...hostLines(snapshot),
    ...findingLines(assessment.findings),
  ]
    .map(sanitizeLine)
    .join('\n');
}

function monitorLine(snapshot: Snapshot): string {
  const host = snapshot.hosts.find(each => each.monitor !== undefined);
  const name = host === undefined ? 'monitor' : `monitor ${host.monitor?.container}@${host.name}`;
  const reading = current(snapshot.monitor);
  if (reading !== undefined) {
    const standbys = reading.synchronousStandbyNames === '' ? 'asynchronous' : reading.synchronousStandbyNames;
    return `${name} ${reading.version}, number_sync_standbys ${reading.formation.numberSyncStandbys}, ${standbys}`;
  }
  return `${name} not reachable: ${(problemOf(snapshot.monitor) ?? problemOf(host?.link))?.message ?? 'no answer yet'}`;
}

const columns: readonly {header: string; right?: boolean; value(node: NodeAssessment): string}[] = [
  {header: 'NODE', value: node => node.name},
  {header: 'ROLE', value: states},
  {header: 'WRITES', value: node => (node.writable === null ? '?' : node.writable ? 'yes' : 'no')},
  {header: 'TLI', right: true, value: node => unknown(node.timeline)},
  {header: 'LSN', right: true, value: node => (node.lsn === null ? '?' : formatLsn(node.lsn))},
  {
    header: 'LAG',
    right: true,
    value: node =>
      node.writable === true
        ? '-'
        : node.lagBytes === null
          ? '?'
          : `${node.lagBytes} B${node.lagSource === 'monitor' ? '~' : ''}`,
  },
  {header: 'HEALTH', value: node => node.health},
  {
    header: 'SEEN',
    right: true,
    value: node => (node.reportAgeSeconds === null ? '?' : `${Math.round(node.reportAgeSeconds)} s`),
  },
  {header: 'SYNC', value: node => node.syncState ?? '-'},
  {
    header: 'CONTAINER',
    value: node =>
      node.container === null ? '?' : `${node.container}@${node.host ?? '?'} ${node.containerState ?? '?'}`,
  },
];

function states(node: NodeAssessment): string {
  if (node.reportedState === null) return '?';
  const text =
    node.reportedState === node.assignedState
      ? node.reportedState
      : `${node.reportedState} -> ${node.assignedState ?? '?'}`;
  return node.statesCurrent ? text : `${text} (old)`;
}

function unknown(value: number | null): string {
  return value === null ? '?' : String(value);
}

function nodeTable(nodes: readonly NodeAssessment[]): readonly string[] {
  const rows = [columns.map(column => column.header), ...nodes.map(node => columns.map(column => column.value(node)))];
  const widths = columns.map((_, index) => Math.max(...rows.map(row => (row[index] ?? '').length)));
  return rows.map(row => {
    const cells = columns.map((column, index) => {
      const cell = row[index] ?? '';
      return column.right === true ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0);
    });
    return `  ${cells.join('  ')}`.trimEnd();
  });
}

function hostLines(snapshot: Snapshot): readonly string[] {
  const away = snapshot.hosts.flatMap(host => {
    const problem =
      problemOf(host.link) ?? (host.link === undefined ? {message: `${host.name} has not answered yet`} : undefined);
    return problem === undefined ? [] : [`  ${host.name}: ${problem.message}`];
  });
  return away.length === 0 ? [] : ['', ...away];
}

function findingLines(findings: readonly Finding[]): readonly string[] {
  const marks = {critical: '!!', warning: '! ', info: '  '};
  return findings.flatMap(finding => [
    '',
    `${marks[finding.severity]} ${finding.code}  ${finding.title}`,
    ...finding.evidence.map(line => `     ${line}`),
    `     do: ${finding.remedy}`,
  ]);
}
