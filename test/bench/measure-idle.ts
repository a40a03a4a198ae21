import {atRest, type ClusterUnderTest} from './cluster-under-test.ts';
import {showsWholeTable} from './screen-marks.ts';
import {type Subject, whileOpen} from './subject.ts';

/** What a program costs while nothing happens. */
export type IdleCost = {
  cpuPercent: number;
  bytesPerSecond: number;
  residentMegabytes: number;
  proportionalMegabytes: number;
  /** Transactions a second on the monitor, and connections to it, more than without the program. */
  transactionsPerSecond: number;
  connections: number;
  /** Scans of the monitor's event table a second: nobody but a console reads it, so this counts reads without noise. */
  eventScansPerSecond: number;
};

/** What runs on the monitor anyway: the nodes' reports and the health checks, and whatever else looks at it. */
type MonitorLoad = Pick<IdleCost, 'transactionsPerSecond' | 'connections' | 'eventScansPerSecond'>;

const settleSeconds = 3;

/**
 * Watches a program that shows its first screen for some seconds without touching it. The monitor's load without it is taken before and
 * after, half as long each.
 */
export async function measureIdle(
  cluster: ClusterUnderTest,
  subject: Subject,
  nodeNames: readonly string[],
  seconds: number,
): Promise<IdleCost> {
  await atRest(cluster);
  const before = await measureMonitorLoad(cluster, seconds / 2);
  const cost = await costOf(cluster, subject, nodeNames, seconds);
  const after = await measureMonitorLoad(cluster, seconds / 2);
  return {
    ...cost,
    transactionsPerSecond:
      cost.transactionsPerSecond - (before.transactionsPerSecond + after.transactionsPerSecond) / 2,
    connections: cost.connections - before.connections,
    eventScansPerSecond: cost.eventScansPerSecond - before.eventScansPerSecond,
  };
}

function costOf(
  cluster: ClusterUnderTest,
  subject: Subject,
  nodeNames: readonly string[],
  seconds: number,
): Promise<IdleCost> {
  return whileOpen(subject, 120, 35, async robot => {
    await robot.waitFor(showsWholeTable(nodeNames), 20_000);
    // What a start costs is not what idling costs.
    await pause(settleSeconds);
    const cpu = await subject.cpuSeconds(robot);
    const bytes = robot.rawBytes();
    const start = performance.now();
    const load = await measureMonitorLoad(cluster, seconds);
    const elapsed = (performance.now() - start) / 1000;
    const written = robot.rawBytes() - bytes;
    const used = (await subject.cpuSeconds(robot)) - cpu;
    const {resident, proportional} = await subject.memory(robot);
    return {
      ...load,
      cpuPercent: (used / elapsed) * 100,
      bytesPerSecond: written / elapsed,
      residentMegabytes: resident / 1e6,
      proportionalMegabytes: proportional / 1e6,
    };
  });
}

async function measureMonitorLoad(cluster: ClusterUnderTest, seconds: number): Promise<MonitorLoad> {
  const before = await monitorCounters(cluster);
  await pause(seconds);
  const after = await monitorCounters(cluster);
  const elapsed = (after.at - before.at) / 1000;
  return {
    transactionsPerSecond: (after.transactions - before.transactions) / elapsed,
    eventScansPerSecond: (after.eventScans - before.eventScans) / elapsed,
    connections: after.connections,
  };
}

type Counters = {transactions: number; eventScans: number; connections: number; at: number};

async function monitorCounters(cluster: ClusterUnderTest): Promise<Counters> {
  const [row] = await cluster.query(
    `select xact_commit + xact_rollback as transactions,
            (select seq_scan + idx_scan from pg_stat_user_tables
              where schemaname = 'pgautofailover' and relname = 'event') as "eventScans",
            (select count(*) from pg_stat_activity where datname = current_database()) as connections
       from pg_stat_database where datname = current_database()`,
  );
  const count = (name: string) => Number(row?.[name]);
  return {
    transactions: count('transactions'),
    eventScans: count('eventScans'),
    connections: count('connections'),
    at: performance.now(),
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000));
}
