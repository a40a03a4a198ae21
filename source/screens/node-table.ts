import type {NodeAssessment} from '../cluster/assessment.ts';
import {fittingNodes, shownNodes} from '../console/node-filter.ts';
import type {ConsoleState} from '../console/store.ts';
import type {Span} from '../terminal/span.ts';
import {stripLine} from '../terminal/strip.ts';
import {displayWidth, truncate} from '../terminal/width.ts';
import {counted} from './measures.ts';
import {isMoving, type NodeColumn, type NodeRow, nodeColumns} from './node-columns.ts';
import {also, cell, painted, paragraph, type Row} from './row.ts';

/** What the table reads of the console's state. */
export type NodeTableView = Pick<
  ConsoleState,
  'snapshot' | 'assessment' | 'now' | 'changes' | 'selectedNode' | 'nodeFilter'
>;

/** A column that shows, with the width it has now. */
type Placed = {column: NodeColumn; width: number};

/**
 * The nodes, one row each, and under a node that can not be reached a line that says why, when there is room for all of them.
 * At most `height` rows with the header; more nodes than that scroll with the selection.
 */
export function nodeTableRows(view: NodeTableView, columns: number, height: number): readonly Row[] {
  if (view.assessment.nodes.length === 0) return [[painted(' no node is known yet', 'dim')]].slice(0, height);
  const nodes = shownNodes(view);
  // The columns stay where they are, whatever is filtered out.
  const placed = placeColumns(view.assessment.nodes, columns);
  const header: Row = [{text: ' '}, ...placed.map(each => headerCell(each))];
  const filter = filterWords(view);
  const room = Math.max(1, height - 1);
  if (nodes.length + filter.length > room) return [header, ...scrolledRows(view, nodes, placed, room)].slice(0, height);
  const problems = nodes.filter(node => node.error !== null).length;
  const explained = nodes.length + filter.length + problems <= room;
  return [
    header,
    ...nodeRows(view, nodes, 0, nodes.length).flatMap(row => [
      nodeRow(row, placed, view),
      ...(explained ? problemRows(row, columns) : []),
    ]),
    ...filter.map((text): Row => [painted(`   ${text}`, 'dim')]),
  ];
}

/** Rows that the table would like to have, so that every node and every problem shows. */
export function nodeTableHeight(view: NodeTableView): number {
  const nodes = shownNodes(view);
  const problems = nodes.filter(node => node.error !== null).length;
  return 1 + Math.max(1, nodes.length) + problems + filterWords(view).length;
}

/** That the table does not show all, and how to see them again. */
function filterWords({assessment, nodeFilter}: NodeTableView): readonly string[] {
  if (nodeFilter === undefined || nodeFilter.text === '') return [];
  const {nodes} = assessment;
  const fitting = fittingNodes(nodes, nodeFilter.text).length;
  const again = nodeFilter.editing ? '' : `, esc shows all`;
  return [`${fitting} of ${counted(nodes.length, 'node')} fit ${stripLine(nodeFilter.text)}${again}`];
}

/** The rows from one index up to another: only those that show are made. */
function nodeRows(
  view: NodeTableView,
  nodes: readonly NodeAssessment[],
  first: number,
  last: number,
): readonly NodeRow[] {
  const {snapshot, assessment, now} = view;
  const changed = changedFields(view.changes);
  return nodes.slice(first, last).map((node, index) => ({
    node,
    host: snapshot.hosts.find(host => host.name === node.host),
    primaryTimeline: assessment.nodes.find(each => each.name === node.primary)?.timeline ?? null,
    isPrimary: node.name === node.primary || node.writable === true,
    startsGroup: nodes[first + index - 1]?.group !== node.group,
    changed: changed.get(node.name) ?? nothing,
    now,
  }));
}

const nothing: ReadonlySet<string> = new Set();

/** `pg_node1.reportedState` and the like, by node. */
function changedFields(changes: NodeTableView['changes']): ReadonlyMap<string, ReadonlySet<string>> {
  const fields = new Map<string, Set<string>>();
  for (const key of changes.keys()) {
    const dot = key.lastIndexOf('.');
    const name = key.slice(0, dot);
    const known = fields.get(name);
    if (known === undefined) fields.set(name, new Set([key.slice(dot + 1)]));
    else known.add(key.slice(dot + 1));
  }
  return fields;
}

const {node, group, role, timeline, lsn, lagBytes, lagSeconds, seen, connection} = nodeColumns;
const basic: readonly NodeColumn[] = [node, group, role, timeline, lsn, lagBytes, lagSeconds, seen, connection];
/** What goes first in a window that is too narrow. */
const dispensable: readonly NodeColumn[] = [lsn, lagSeconds, timeline, seen, lagBytes, connection];
/** What comes in as the window grows, and the room that longer states and problems get. */
const {sync, priority, quorum, host, container, address, id} = nodeColumns;
const growth: ReadonlyArray<NodeColumn | {widen: NodeColumn; to: number}> = [
  sync,
  priority,
  quorum,
  host,
  container,
  {widen: role, to: 30},
  address,
  id,
  {widen: role, to: 37},
];
const narrowestRole = 10;

function placeColumns(nodes: readonly NodeAssessment[], columns: number): readonly Placed[] {
  const grouped = nodes.some(node => node.group !== nodes[0]?.group);
  let placed: readonly Placed[] = basic
    .filter(column => grouped || column !== group)
    .map(column => ({column, width: column.width(nodes)}));
  for (const column of dispensable) {
    if (widthOf(placed) <= columns) break;
    const least = widthOf(placed) - role.width() + Math.min(role.width(), 18);
    if (least <= columns) break;
    placed = placed.filter(each => each.column !== column);
  }
  const excess = widthOf(placed) - columns;
  if (excess > 0) placed = resize(placed, role, Math.max(narrowestRole, role.width() - excess));
  for (const step of growth) {
    const grown =
      'widen' in step ? resize(placed, step.widen, step.to) : [...placed, {column: step, width: step.width(nodes)}];
    if (widthOf(grown) <= columns) placed = grown;
  }
  return placed;
}

function resize(placed: readonly Placed[], column: NodeColumn, width: number): readonly Placed[] {
  return placed.map(each => (each.column === column ? {...each, width} : each));
}

function widthOf(placed: readonly Placed[]): number {
  return placed.reduce((sum, {column, width}) => sum + column.gap + width, 1);
}

function headerCell({column, width}: Placed): Span {
  return painted(' '.repeat(column.gap) + cell(column.header, width, column.align), 'dim');
}

function nodeRow(row: NodeRow, placed: readonly Placed[], view: NodeTableView): Row {
  const selected = row.node.name === (view.selectedNode ?? view.assessment.nodes[0]?.name);
  const cells = cover(placed, row).flatMap(each => cellSpans(each, row));
  const spans = selected ? cells.map(span => also(span, 'bold')) : cells;
  return [selected ? painted('▶', 'bold') : {text: ' '}, ...spans];
}

/** While a node moves, two long state names matter more than its timeline and position: they may cover those cells. */
function cover(placed: readonly Placed[], row: NodeRow): readonly Placed[] {
  const at = placed.findIndex(each => each.column === role);
  const own = placed[at];
  const wanted = own === undefined ? 0 : displayWidth(stripLine(role.value(row).text));
  if (own === undefined || !isMoving(row.node) || wanted <= own.width) return placed;
  // Another timeline is worse news than any state.
  const sameTimeline = row.primaryTimeline === null || row.node.timeline === row.primaryTimeline;
  const covered: readonly NodeColumn[] = sameTimeline ? [timeline, lsn] : [];
  let width = own.width;
  let next = at + 1;
  while (width < wanted && covered.some(column => column === placed[next]?.column)) {
    width += (placed[next]?.column.gap ?? 0) + (placed[next]?.width ?? 0);
    next += 1;
  }
  return [...placed.slice(0, at), {...own, width}, ...placed.slice(next)];
}

function cellSpans({column, width}: Placed, row: NodeRow): Row {
  const span = column.value(row);
  const text = truncate(stripLine(span.text), width);
  const filling = ' '.repeat(width - displayWidth(text));
  const changed = [column.field, ...(column === role ? ['assignedState'] : [])].some(
    field => field !== undefined && row.changed.has(field),
  );
  // Only the value is marked, not the blanks that align it.
  const marked = changed ? also({...span, text: text.trimEnd()}, 'underline') : {...span, text: text.trimEnd()};
  const blanks = ' '.repeat(text.length - text.trimEnd().length);
  const gap = ' '.repeat(column.gap);
  return column.align === 'right'
    ? [{text: gap + filling}, marked, {text: blanks}]
    : [{text: gap}, marked, {text: blanks + filling}];
}

function problemRows(row: NodeRow, columns: number): readonly Row[] {
  const {error} = row.node;
  if (error === null) return [];
  return paragraph(`└ ${error.message}`, columns, '   ', 1).map(text => [painted(text, 'warning')]);
}

/** A part of the rows around the selected one; the last line counts what is above and below. */
function scrolledRows(
  view: NodeTableView,
  nodes: readonly NodeAssessment[],
  placed: readonly Placed[],
  room: number,
): readonly Row[] {
  const shown = Math.max(1, room - 1);
  const selected = Math.max(
    0,
    nodes.findIndex(node => node.name === view.selectedNode),
  );
  const first = Math.max(0, Math.min(selected - Math.floor(shown / 2), nodes.length - shown));
  const last = first + shown;
  const rest = [
    ...(first > 0 ? [`${first} more above`] : []),
    ...(last < nodes.length ? [`${nodes.length - last} more below`] : []),
    ...(view.nodeFilter === undefined ? ['/ filters'] : filterWords(view)),
  ].join(', ');
  const marked = nodeRows(view, nodes, first, last).map(row => nodeRow(row, placed, view));
  return room > 1 ? [...marked, [painted(`   … ${rest}`, 'dim')]] : marked;
}
