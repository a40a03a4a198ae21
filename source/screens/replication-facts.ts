import type {Assessment, NodeAssessment} from '../cluster/assessment.ts';
import {latest} from '../cluster/sample.ts';
import type {HostSnapshot, ReplicationRow, Snapshot} from '../cluster/snapshot.ts';
import type {LagPoint} from '../console/store.ts';
import {lagMarks, worstLag} from './lag-history-marks.ts';
import {bytesCell, bytesText, secondsCell} from './measures.ts';
import {type Section, sourceText} from './node-facts.ts';
import {cell, painted, type Row} from './row.ts';

const historyMs = 600_000;

/** How replication goes as the primary sees it: all standbys for the primary, its own row for a standby. */
export function replicationSection(
  snapshot: Snapshot,
  assessment: Assessment,
  node: NodeAssessment,
  history: ReadonlyMap<string, readonly LagPoint[]>,
  now: number,
  columns: number,
): Section {
  const primary = assessment.nodes.find(each => each.name === node.primary);
  const host: HostSnapshot | undefined = snapshot.hosts.find(
    each => each.name === primary?.host && each.node?.container === primary?.container,
  );
  const rows = latest(host?.postgres)?.value.replication ?? [];
  const own = node === primary ? rows : rows.filter(row => row.nodeId !== undefined && row.nodeId === node.id);
  return {
    title: primary === undefined || node === primary ? 'REPLICATION' : `REPLICATION as ${primary.name} sees it`,
    source: primary === undefined ? 'no primary known' : sourceText(host?.postgres, now),
    problem: undefined,
    facts:
      primary !== undefined && own.length === 0 && host?.postgres !== undefined
        ? [{label: 'connected', value: node === primary ? 'no standby' : 'no', tones: ['warning']}]
        : [],
    lines: [
      ...(own.length === 0 ? [] : tableRows(own, assessment, columns)),
      ...(node === primary ? [] : historyRows(node, history, now, columns)),
    ],
  };
}

function tableRows(rows: readonly ReplicationRow[], assessment: Assessment, columns: number): readonly Row[] {
  const names = rows.map(
    row => assessment.nodes.find(node => node.id !== null && node.id === row.nodeId)?.name ?? row.applicationName,
  );
  const nameWidth = Math.min(20, Math.max(8, ...names.map(name => name.length)));
  // Where there is no room for all three times, the one that counts for a promotion.
  const allTimes = columns >= nameWidth + 80;
  const byteHeaders = ['SENT', 'WRITE', 'FLUSH', 'REPLAY'].map(header => header.padStart(7)).join('');
  const timeHeaders = (allTimes ? ['WRITE', 'FLUSH', 'REPLAY'] : ['REPLAY']).map(header => header.padStart(7)).join('');
  return [
    [
      painted(
        `   ${cell('STANDBY', nameWidth)}  ${cell('STATE', 9)}  ${cell('SYNC', 9)}${byteHeaders} ${timeHeaders}`,
        'dim',
      ),
    ],
    ...rows.map((row, index): Row => {
      const bytes = [row.sentLagBytes, row.writeLagBytes, row.flushLagBytes, row.replayLagBytes];
      const times = [row.writeLagSeconds, row.flushLagSeconds, row.replayLagSeconds].slice(allTimes ? 0 : -1);
      return [
        {text: `   ${cell(names[index] ?? '?', nameWidth)}  `},
        painted(cell(row.state, 9), ...(row.state === 'streaming' ? [] : (['warning'] as const))),
        {text: `  ${cell(row.syncState, 9)}`},
        {text: bytes.map(value => bytesCell(value ?? null).padStart(7)).join('')},
        {text: ` ${times.map(value => secondsCell(value ?? null).padStart(7)).join('')}`},
      ];
    }),
  ];
}

function historyRows(
  node: NodeAssessment,
  history: ReadonlyMap<string, readonly LagPoint[]>,
  now: number,
  columns: number,
): readonly Row[] {
  const points = history.get(node.name) ?? [];
  const width = Math.min(60, columns - 46);
  if (points.length === 0 || width < 10) return [];
  return [
    [
      painted('   lag, 10 min     ', 'dim'),
      {text: lagMarks(points, width, now, historyMs)},
      painted(`  max ${bytesText(worstLag(points))}, now ${bytesText(node.lagBytes)}`, 'dim'),
    ],
  ];
}
