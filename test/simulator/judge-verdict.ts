import {canTakeWrites} from '../../source/cluster/replication-state.ts';
import {current} from '../../source/cluster/sample.ts';
import type {Look} from './troubled-life.ts';

/**
 * For so many looks (seconds) a console may not know better. A report is believed for 10 s; a cut-off standby is shown as streaming by
 * its primary for 30 s, and is given up by the monitor after 20 s of silence and three failed health checks.
 */
const blind = {writes: 12, untold: 45, redundancy: 40, knowing: 20, health: 30};

type Claim = {says: string; isWrong: boolean; limit: number};

/** Compares each look with the truth; says what a console has claimed wrongly for longer than it can be blind. */
export function createJudge(): (look: Look) => readonly string[] {
  const wrongFor = new Map<string, number>();
  return look =>
    claims(look)
      .filter(({says, isWrong, limit}) => {
        const looks = isWrong ? (wrongFor.get(says) ?? 0) + 1 : 0;
        wrongFor.set(says, looks);
        return looks === limit + 1;
      })
      .map(({says}) => `${says} at ${look.at / 1000} s: ${describe(look)}`);
}

function claims(look: Look): readonly Claim[] {
  const {truth, world} = look;
  const {level, writable, primary, noWritesSeconds, toleratesFailures} = look.assessment.verdict;
  const writes = truth.writesPossible;
  // Without psql, and while nothing is written, a cut link shows when the primary gives the standby up.
  const open = look.snapshot.hosts.filter(host => truth.open.includes(host.node?.container ?? ''));
  const telling = open.every(host => (current(host.postgres)?.waitingForSyncRep ?? 0) > 0);
  const seesOpen = open.every(host => current(host.postgres) !== undefined);
  const split = truth.open.length > 1;
  const usual = isUsual(look) && world.truth().faults.length === 0;
  const within = telling ? blind.writes : blind.untold;
  return [
    {says: 'writes are possible', isWrong: (level === 'healthy' || writable === true) && !writes, limit: within},
    {says: 'writes are not possible', isWrong: writable === false && writes, limit: blind.writes},
    {says: 'down', isWrong: level === 'down' && writes && !split && (seesOpen || isClear(look)), limit: blind.writes},
    {
      says: 'blocked',
      isWrong: level === 'blocked' && truth.acknowledging.includes(primary ?? ''),
      limit: blind.writes,
    },
    {says: 'no writes for some time', isWrong: noWritesSeconds !== undefined && writes, limit: blind.writes},
    {
      says: 'the primary is another one',
      isWrong: writable === true && writes && !truth.acknowledging.includes(primary ?? ''),
      limit: blind.writes,
    },
    {says: 'healthy', isWrong: level === 'healthy' && !truth.redundant, limit: blind.redundancy},
    {
      says: 'a failure is tolerated',
      isWrong: (toleratesFailures ?? 0) > 0 && !truth.redundant,
      limit: blind.redundancy,
    },
    {
      says: 'what is tolerated is not known',
      isWrong: toleratesFailures === null && seesOpen && current(look.snapshot.monitor) !== undefined,
      limit: blind.writes,
    },
    {says: 'not known', isWrong: writable === null && seesAll(look) && isClear(look), limit: blind.knowing},
    {says: 'not healthy', isWrong: level !== 'healthy' && usual && truth.redundant, limit: blind.health},
  ];
}

/** Nothing is hidden from the console. */
function seesAll({snapshot}: Look): boolean {
  const hosts = snapshot.hosts.every(
    ({link, containers}) => current(link) !== undefined && current(containers) !== undefined,
  );
  return hosts && current(snapshot.monitor) !== undefined;
}

/** No node accepts writes that the monitor does not know, or takes out of service: whether these stay nobody can say. */
function isClear({truth, world}: Look): boolean {
  return truth.open.every(name => {
    const row = world.monitor.nodes().find(each => each.nodename === name);
    return row !== undefined && canTakeWrites(row.goalstate);
  });
}

/** Three nodes, each in a state to stay in and connected, with nothing left of an election. */
function isUsual(look: Look): boolean {
  const rows = look.world.monitor.nodes();
  // The monitor does not see that a standby whose WAL is forked (R28) receives nothing.
  const streaming = look.snapshot.hosts.flatMap(host => current(host.postgres)?.replication ?? []);
  return (
    seesAll(look) &&
    streaming.length === 2 &&
    rows.length === 3 &&
    rows.every(row => row.reportedstate === row.goalstate && ['primary', 'secondary'].includes(row.goalstate)) &&
    rows.every(row => row.candidatepriority > 0 && row.candidatepriority <= 100) &&
    look.truth.open.length === 1
  );
}

function describe({assessment, truth, world, lately}: Look): string {
  const {level, writable, summary} = assessment.verdict;
  const rows = world.monitor.nodes().map(row => `${row.nodename} ${row.reportedstate}/${row.goalstate}/${row.health}`);
  return [
    `${level} (${writable}), ${summary}`,
    `open ${truth.open.join(' ')}, acknowledging ${truth.acknowledging.join(' ')}, redundant ${truth.redundant}`,
    rows.join(', '),
    assessment.findings.map(finding => finding.code).join(' '),
    `faults: ${world.truth().faults.join(', ')}`,
    lately.join('; '),
  ].join(' | ');
}
