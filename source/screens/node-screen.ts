import type {NodeAssessment} from '../cluster/assessment.ts';
import {clusterClock} from '../cluster/cluster-time.ts';
import type {ConsoleState} from '../console/store.ts';
import type {Appearance} from './appearance.ts';
import {eventRows} from './event-lines.ts';
import {oneFinding} from './finding-lines.ts';
import {levelTones} from './header.ts';
import {isMoving, statesText} from './node-columns.ts';
import {
  containerSection,
  diskSection,
  hostSection,
  monitorSection,
  postgresSection,
  type Section,
} from './node-facts.ts';
import {replicationSection} from './replication-facts.ts';
import {blankRow, painted, paragraph, type Row, spread, visibleRows} from './row.ts';

export type NodeView = Pick<ConsoleState, 'snapshot' | 'assessment' | 'now' | 'lagHistory'>;

const labelWidth = 16;
const shownEvents = 20;

/** Everything known of one node, each part with its source and age; scrolled, at most `height` rows. `limit` is how far it scrolls. */
export function nodeRows(
  view: NodeView,
  screen: {node: string; scroll: number},
  columns: number,
  height: number,
  appearance: Appearance,
): {rows: readonly Row[]; limit: number} {
  const node = view.assessment.nodes.find(each => each.name === screen.node);
  if (node === undefined) {
    return {
      rows: [[painted(` ${screen.node} is not known to the monitor or the configuration any more`, 'warning')]].slice(
        0,
        height,
      ),
      limit: 0,
    };
  }
  const title = titleRow(node, columns);
  const content = contentRows(view, node, columns, appearance);
  const {rows, scroll, limit} = visibleRows(content, Math.max(0, height - 2), screen.scroll);
  const below = content.length - scroll - rows.length;
  const more: Row = below > 0 ? [painted(`${below} more below `, 'dim')] : scroll > 0 ? [painted('end ', 'dim')] : [];
  return {rows: [spread(title, more, columns), blankRow, ...rows].slice(0, height), limit};
}

function titleRow(node: NodeAssessment, columns: number): Row {
  const primary = node.primary === node.name;
  const writes =
    node.writable === null
      ? 'whether it takes writes is not known'
      : node.writable
        ? 'takes writes'
        : 'takes no writes';
  return [
    {text: ' '},
    painted(node.name, 'bold'),
    {text: '  '},
    painted(
      statesText(node),
      ...(primary ? (['bold'] as const) : []),
      ...(isMoving(node) ? ([levelTones.changing] as const) : []),
    ),
    ...(columns >= 60 ? [painted(`  ${writes}`, ...(node.statesCurrent ? [] : (['dim'] as const)))] : []),
  ];
}

function contentRows(view: NodeView, node: NodeAssessment, columns: number, appearance: Appearance): readonly Row[] {
  const {snapshot, assessment, now} = view;
  const host = snapshot.hosts.find(each => each.name === node.host);
  const findings = assessment.findings.filter(finding => finding.node === node.name);
  const sections = [
    monitorSection(snapshot, node, now),
    postgresSection(host, now),
    replicationSection(snapshot, assessment, node, view.lagHistory, now, columns),
    containerSection(host, node, now),
    diskSection(host, now),
    hostSection(host, now),
  ];
  const events = snapshot.events.filter(event => event.nodeName === node.name).slice(-shownEvents);
  return [
    ...(findings.length === 0
      ? []
      : [
          heading('FINDINGS', undefined, columns),
          ...findings.flatMap(each => oneFinding(each, columns, 'full')),
          blankRow,
        ]),
    ...sections.flatMap(section => sectionRows(section, columns)),
    heading('EVENTS', undefined, columns),
    ...(events.length === 0
      ? [[painted('   none that was read', 'dim')]]
      : eventRows(events, clusterClock(snapshot, now), columns, appearance)),
  ];
}

function sectionRows({title, source, problem, facts, lines}: Section, columns: number): readonly Row[] {
  const width = columns - labelWidth - 3;
  return [
    heading(title, source, columns),
    ...(problem === undefined ? [] : problemRows(problem.message, problem.remedy, columns)),
    ...facts.flatMap(({label, value, tones}) =>
      paragraph(value, width).map(
        (text, index): Row => [
          painted(`   ${(index === 0 ? label : '').padEnd(labelWidth)}`, 'dim'),
          painted(text, ...(tones ?? [])),
        ],
      ),
    ),
    ...lines,
    blankRow,
  ];
}

function problemRows(message: string, remedy: string | undefined, columns: number): readonly Row[] {
  return [
    ...paragraph(message, columns, '   ').map((text): Row => [painted(text, 'warning')]),
    ...(remedy === undefined ? [] : paragraph(`do: ${remedy}`, columns, '   ').map((text): Row => [{text}])),
  ];
}

function heading(title: string, source: string | undefined, columns: number): Row {
  return spread([painted(` ${title}`, 'bold')], source === undefined ? [] : [painted(`${source} `, 'dim')], columns);
}
