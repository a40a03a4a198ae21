import type {Robot} from '../robot/robot.ts';
import type {ClusterUnderTest} from './cluster-under-test.ts';
import type {Subject} from './subject.ts';

/** What a program costs while nothing happens. */
export type IdleCost = {
  cpuPercent: number;
  bytesPerSecond: number;
  residentMegabytes: number;
  proportionalMegabytes: number;
  /** Transactions a second on the monitor, and connections to it, more than without the program. */
  transactionsPerSecond: number;
  connections: number;
};

/** What runs on the monitor anyway: the nodes' reports and the health checks. */
export type MonitorLoad = {transactionsPerSecond: number; connections: number};

/** The monitor's load over some seconds of a cluster at rest. */
export async function measureMonitorLoad(cluster: ClusterUnderTest, seconds: number): Promise<MonitorLoad> {
  const before = await monitorCounters(cluster);
  await pause(seconds);
  const after = await monitorCounters(cluster);
  return {
    transactionsPerSecond: (after.transactions - before.transactions) / ((after.at - before.at) / 1000),
    connections: after.connections,
  };
}

/** Watches a program that shows its first screen for some seconds without touching it. */
export async function measureIdle(
  cluster: ClusterUnderTest,
  subject: Subject,
  robot: Robot,
  seconds: number,
  without: MonitorLoad,
): Promise<IdleCost> {
  const cpu = await subject.cpuSeconds(robot);
  const bytes = robot.rawBytes();
  const start = performance.now();
  const load = await measureMonitorLoad(cluster, seconds);
  const elapsed = (performance.now() - start) / 1000;
  const written = robot.rawBytes() - bytes;
  const used = (await subject.cpuSeconds(robot)) - cpu;
  const {resident, proportional} = await subject.memory(robot);
  return {
    cpuPercent: (used / elapsed) * 100,
    bytesPerSecond: written / elapsed,
    residentMegabytes: resident / 1e6,
    proportionalMegabytes: proportional / 1e6,
    transactionsPerSecond: load.transactionsPerSecond - without.transactionsPerSecond,
    connections: load.connections - without.connections,
  };
}

async function monitorCounters(
  cluster: ClusterUnderTest,
): Promise<{transactions: number; connections: number; at: number}> {
  const [row] = await cluster.query(
    `select xact_commit + xact_rollback as transactions,
            (select count(*) from pg_stat_activity where datname = current_database()) as connections
       from pg_stat_database where datname = current_database()`,
  );
  return {
    transactions: Number(row?.transactions),
    connections: Number(row?.connections),
    at: performance.now(),
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000));
}
