import type {ActionRun} from '../actions/action-run.ts';
import type {Assessment, Level, Verdict} from '../cluster/assessment.ts';
import {clusterClock} from '../cluster/cluster-time.ts';
import {environmentWord} from '../cluster/environment-word.ts';
import {latest} from '../cluster/sample.ts';
import type {Snapshot} from '../cluster/snapshot.ts';
import type {Span} from '../terminal/span.ts';
import type {Tone} from '../terminal/style.ts';
import type {Appearance} from './appearance.ts';
import {connectionSpan} from './connection-age.ts';
import {counted, stopwatchText} from './measures.ts';
import {painted, paragraph, type Row, rowWidth, spread} from './row.ts';

/** What the header reads of the console's state. */
export type HeaderView = {
  snapshot: Snapshot;
  assessment: Assessment;
  now: number;
  action: ActionRun | undefined;
};

/** How a level looks beside its word. */
export const levelTones: Readonly<Record<Level, Tone>> = {
  healthy: 'ok',
  degraded: 'warning',
  changing: 'warning',
  blocked: 'danger',
  down: 'danger',
  unknown: 'warning',
};

/**
 * The two rows that answer first: can the application write, and what is happening. A summary too long for the first row gets
 * the second one for itself, and the facts move up beside the level.
 */
export function headerRows(view: HeaderView, columns: number, appearance: Appearance): readonly Row[] {
  const {verdict} = view.assessment;
  const clock: Row = [{text: appearance.timeOfDay(clusterClock(view.snapshot, view.now))}, {text: ' '}];
  const identity = identityRow(view.snapshot, verdict);
  const summary = painted(verdict.summary, ...(verdict.level === 'healthy' ? [] : [levelTones[verdict.level]]));
  const room = columns - rowWidth(identity) - rowWidth(clock) - 3;
  if (rowWidth([summary]) <= room) {
    return [
      spread([...identity, {text: '  '}, summary], clock, columns),
      factsRow([{text: ' '}], factsOf(view, view.snapshot), stateSpans(view), columns),
    ];
  }
  const [line = '', ...more] = paragraph(verdict.summary, columns - 1, ' ', 2);
  const tones = summary.tone ?? [];
  const end = [...stateSpans(view), {text: ' '}, ...clock];
  const rooms = [
    columns - rowWidth(identity) - rowWidth(end) - 2,
    more.length > 0 ? 0 : columns - rowWidth([{text: line}]) - 1,
  ];
  const [beside = [], below = []] = distribute(factsOf(view, view.snapshot), rooms);
  return [
    spread([...identity, ...beside], end, columns),
    spread([{text: line, tone: tones}], below.length === 0 ? [] : [...below.slice(1), {text: ' '}], columns),
    ...more.map((text): Row => [{text, tone: tones}]),
  ];
}

/** One line for a window that has no room for a screen: the level, then what is known. */
export function tinyRows(view: HeaderView, columns: number, rows: number): readonly Row[] {
  const {verdict} = view.assessment;
  const [first = '', ...more] = paragraph(`${levelWord(verdict.level)} ${verdict.summary}`, columns, '', rows);
  const word = levelWord(verdict.level).slice(0, first.length);
  return [
    [painted(word, 'bold', levelTones[verdict.level]), {text: first.slice(word.length)}],
    ...more.map((text): Row => [{text}]),
  ].slice(0, rows);
}

function identityRow(snapshot: Snapshot, verdict: Verdict): Row {
  const {environment, name, formation} = snapshot.cluster;
  const word = environmentWord(environment);
  return [
    ...(word === undefined ? [{text: ' '}] : [painted(` ${word} `, 'bold', 'inverse'), {text: ' '}]),
    {text: `${name}/${formation}`},
    {text: '  '},
    painted(levelWord(verdict.level), 'bold', levelTones[verdict.level]),
  ];
}

function levelWord(level: Level): string {
  return level.toUpperCase();
}

/** A fact in its long and its short form; `rank` 1 stays longest when the window is narrow. */
type Fact = {rank: number; long: Row; short: Row};

function factsOf({assessment}: HeaderView, snapshot: Snapshot): readonly Fact[] {
  const {verdict, nodes} = assessment;
  const {groups} = verdict;
  const known = counted(nodes.length, 'node');
  return [
    fact(1, primaryRow(verdict)),
    synchronousFact(assessment, snapshot),
    fact(4, [{text: groups === undefined ? known : `${known} in ${groups.total} groups`}], [{text: known}]),
    toleranceFact(verdict),
  ];
}

function primaryRow({primary, level, groups}: Pick<Verdict, 'primary' | 'level' | 'groups'>): Row {
  if (groups?.unwell === 0) return [{text: counted(groups.total, 'group')}];
  if (groups !== undefined) return [{text: `group ${groups.worst} `}, ...primaryRow({primary, level})];
  if (primary !== null) return [{text: 'primary '}, painted(primary, 'bold')];
  return level === 'unknown' ? [{text: 'primary ?'}] : [painted('no primary', 'danger')];
}

function fact(rank: number, long: Row, short: Row = long): Fact {
  return {rank, long, short};
}

function synchronousFact({nodes, verdict}: Assessment, snapshot: Snapshot): Fact {
  const reading = latest(snapshot.monitor)?.value;
  // The names that the monitor computes are those of group 0; that there are some is the same for all.
  const names = reading?.synchronousStandbyNames;
  const group = verdict.groups?.worst;
  if (names === undefined) return fact(2, [{text: 'sync ?'}]);
  if (names === '') return fact(2, [painted('asynchronous', ...(nodes.length > 1 ? ['warning' as const] : []))]);
  const needed = Number(/^\s*(?:ANY|FIRST)?\s*(\d+)\s*\(/i.exec(names)?.[1] ?? 1);
  const standbys = nodes.filter(node => node.name !== verdict.primary && (group === undefined || node.group === group));
  const known = standbys.some(node => node.syncState !== null);
  const synchronous = standbys.filter(node => node.syncState === 'sync' || node.syncState === 'quorum').length;
  const tone: readonly Tone[] = known && synchronous < needed ? ['danger'] : [];
  return fact(
    2,
    [
      painted(
        `${known ? synchronous : '?'} sync standby${known && synchronous === 1 ? '' : 's'}, ${needed} needed`,
        ...tone,
      ),
    ],
    [painted(`sync ${known ? synchronous : '?'}/${needed}`, ...tone)],
  );
}

function toleranceFact({toleratesFailures: tolerates, groups}: Verdict): Fact {
  if (tolerates === null) return fact(3, [{text: 'tolerance ?'}]);
  if (tolerates <= 0)
    return fact(3, [painted('survives no further loss', 'warning')], [painted('survives no loss', 'warning')]);
  return fact(
    3,
    [{text: `${groups === undefined ? '' : 'each '}survives the loss of ${counted(tolerates, 'node')}`}],
    [{text: tolerates === 1 ? 'survives 1 loss' : `survives ${tolerates} losses`}],
  );
}

/** What must never be dropped: an action that runs, read-only, and how old the facts are. */
function stateSpans({snapshot, action, now}: HeaderView): Row {
  const running = action?.phase === 'running' && action.startedAt !== undefined ? action.startedAt : undefined;
  return separated([
    ...(running === undefined
      ? []
      : [
          painted(
            `${action?.action.title.toLowerCase()} running ${stopwatchText(clusterClock(snapshot, now) - running)}`,
            'warning',
          ),
        ]),
    ...(snapshot.cluster.readOnly ? [painted('READ-ONLY', 'bold')] : []),
    connectionSpan(snapshot, now),
  ]);
}

function separated(spans: readonly Span[]): Row {
  return spans
    .flatMap(span => [span, {text: '  '}])
    .slice(0, -1)
    .concat({text: ' '});
}

/** The short forms of the facts in the room that two rows have left: each where it fits first, the most important ones first. */
function distribute(facts: readonly Fact[], rooms: readonly number[]): readonly Row[] {
  const rows: Row[] = rooms.map(() => []);
  for (const each of [...facts].sort((one, other) => one.rank - other.rank)) {
    const addition: Row = [{text: '   '}, ...each.short];
    const at = rooms.findIndex((room, index) => rowWidth(rows[index] ?? []) + rowWidth(addition) <= room);
    if (at >= 0) rows[at] = [...(rows[at] ?? []), ...addition];
  }
  return rows;
}

/** As many facts as fit, the long forms first, then the short ones, then without the least important. */
function factsRow(start: Row, facts: readonly Fact[], end: Row, columns: number): Row {
  for (let dropped = 0; dropped <= facts.length; dropped += 1) {
    const kept = facts.filter(each => each.rank <= facts.length - dropped);
    for (const form of ['long', 'short'] as const) {
      const row = [...start, ...kept.flatMap(each => [...each[form], {text: '   '}]).slice(0, -1)];
      if (rowWidth(row) + rowWidth(end) + 2 <= columns) return spread(row, end, columns);
    }
  }
  return spread(start, end, columns);
}
