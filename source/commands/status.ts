import {assess} from '../cluster/assess.ts';
import {statusDocument} from '../cluster/status-document.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import {collect} from '../console/collect.ts';
import type {CommandIo} from './command-io.ts';
import {exitStatus} from './exit-status.ts';
import {statusText} from './status-text.ts';

/** All sources have this long to answer; a host that drops packets is then named as the reason for what is missing. */
const firstLookMs = 3700;
const watchMs = 1000;

/** `pgaf status`: one look, or one a second with `watch`. The exit status is that of the last look (0 healthy … 69 nothing reachable). */
export async function status(
  cluster: ClusterConfiguration,
  options: {json: boolean; watch: boolean; readOnly: boolean},
  io: CommandIo,
): Promise<number> {
  const collector = collect(cluster, {now: Date.now, random: Math.random, ask: io.ask, readOnly: options.readOnly});
  const print = () => {
    const now = Date.now();
    const snapshot = collector.snapshot();
    const assessment = assess(snapshot, now);
    if (options.json)
      io.stdout(`${JSON.stringify(statusDocument(snapshot, assessment, now), null, options.watch ? 0 : 2)}\n`);
    else io.stdout(`${statusText(snapshot, assessment)}\n`);
    const reachable = snapshot.hosts.some(host => host.link !== undefined && 'value' in host.link);
    return reachable ? exitStatus(assessment.verdict.level) : 69;
  };
  try {
    await collector.settled(firstLookMs);
    let last = print();
    while (options.watch && !io.signal.aborted) {
      await io.sleep(watchMs);
      if (!io.signal.aborted) last = print();
    }
    return last;
  } finally {
    await collector.close();
  }
}
