import {formatLsn} from '../cluster/lsn.ts';
import {problemOf} from '../cluster/sample.ts';
import type {ClusterEvent} from '../cluster/snapshot.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import {collect} from '../console/collect.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import type {CommandIo} from './command-io.ts';
import {unreachableStatus} from './exit-status.ts';

const firstLookMs = 3700;

/** `pgaf events`: the monitor's last events, oldest first; with `follow` the new ones as they come. 69 when the monitor is not reachable. */
export async function events(
  cluster: ClusterConfiguration,
  options: {count: number; follow: boolean; json: boolean; readOnly: boolean},
  io: CommandIo,
): Promise<number> {
  const collector = collect(cluster, {now: Date.now, random: Math.random, ask: io.ask, readOnly: options.readOnly});
  let printed = 0;
  const print = (count: number) => {
    const fresh = collector.snapshot().events.filter(event => event.id > printed);
    for (const event of fresh.slice(-count)) io.stdout(`${options.json ? eventJson(event) : eventText(event)}\n`);
    printed = fresh.at(-1)?.id ?? printed;
  };
  try {
    await collector.settled(firstLookMs);
    const {monitor, hosts} = collector.snapshot();
    if (monitor === undefined || 'error' in monitor) {
      const link = hosts.find(host => host.monitor !== undefined)?.link;
      const problem = problemOf(monitor) ?? problemOf(link);
      io.stderr(
        `pgaf: the monitor can not be read: ${problem?.message ?? 'no answer yet'}\n${problem?.remedy === undefined ? '' : `  ${problem.remedy}\n`}`,
      );
      if (!options.follow) return unreachableStatus;
    }
    print(options.count);
    if (options.follow) {
      const unsubscribe = collector.subscribe(() => print(Number.POSITIVE_INFINITY));
      while (!io.signal.aborted) await io.sleep(60_000);
      unsubscribe();
    }
    return 0;
  } finally {
    await collector.close();
  }
}

function eventText(event: ClusterEvent): string {
  const time = new Date(event.at).toISOString().replace('T', ' ').slice(0, 23);
  const states = `${event.reportedState} -> ${event.assignedState}`;
  return `${time}Z  ${sanitizeLine(event.nodeName).padEnd(12)} ${states.padEnd(34)} ${sanitizeLine(event.description)}`;
}

/** One object a line, with the column names of `pgautofailover.event`. */
function eventJson(event: ClusterEvent): string {
  return JSON.stringify({
    eventid: event.id,
    eventtime: new Date(event.at).toISOString(),
    groupid: event.group,
    nodeid: event.nodeId,
    nodename: event.nodeName,
    reportedstate: event.reportedState,
    goalstate: event.assignedState,
    reportedtli: event.timeline,
    reportedlsn: event.lsn === undefined ? null : formatLsn(event.lsn),
    candidatepriority: event.candidatePriority,
    replicationquorum: event.replicationQuorum,
    description: event.description,
  });
}
