import type {Finding} from './assessment.ts';
import {clusterClock} from './cluster-time.ts';
import {duration} from './duration.ts';
import type {Evidence} from './evidence.ts';
import {current, type Sample} from './sample.ts';

/** Clocks that differ by no more than this are called the same: a reading takes that long at worst. Milliseconds. */
const toleratedSkew = 2000;

/** Clocks of hosts that differ (reference R51): ages do not depend on them, but logs merged by time do. */
export function skewFindings(evidence: Evidence): readonly Finding[] {
  const offsets = clockOffsets(evidence).sort((a, b) => a.offset - b.offset);
  const slowest = offsets[0];
  const fastest = offsets.at(-1);
  // What a reading takes is longer on clocks that run faster.
  const tolerated = toleratedSkew * Math.max(1, evidence.snapshot.time?.pace ?? 1);
  if (slowest === undefined || fastest === undefined || fastest.offset - slowest.offset <= tolerated) return [];
  const difference = duration((fastest.offset - slowest.offset) / 1000);
  const reference = evidence.snapshot.time === undefined ? 'this machine' : 'simulated time';
  return [
    {
      code: 'R51',
      severity: 'info',
      node: null,
      title: `clocks differ by ${difference}: ${fastest.host} is ahead of ${slowest.host}`,
      evidence: offsets.map(({host, offset}) => `${host}: ${signed(offset)} against ${reference}`),
      remedy: 'set the time on both hosts (chrony); until then, logs merged by time are out of order',
    },
  ];
}

/** Each host's clock against the cluster's time at the moment of its reading, in milliseconds. */
function clockOffsets({snapshot}: Evidence): {host: string; offset: number}[] {
  const offsetOf = (sample: Sample<{serverTime: number}> | undefined) => {
    const reading = current(sample);
    if (sample === undefined || reading === undefined) return undefined;
    // Before that, time ran otherwise.
    if (snapshot.time !== undefined && sample.at < snapshot.time.steadySince) return undefined;
    const offset = reading.serverTime - clusterClock(snapshot, sample.at);
    return Number.isFinite(offset) ? offset : undefined;
  };
  const offsets = new Map<string, number>();
  const note = (host: string | undefined, offset: number | undefined) => {
    if (host !== undefined && offset !== undefined && !offsets.has(host)) offsets.set(host, offset);
  };
  for (const host of snapshot.hosts) note(host.name, offsetOf(host.postgres));
  note(snapshot.hosts.find(host => host.monitor !== undefined)?.name, offsetOf(snapshot.monitor));
  return [...offsets].map(([host, offset]) => ({host, offset}));
}

function signed(milliseconds: number): string {
  return `${milliseconds < 0 ? '-' : '+'}${duration(Math.abs(milliseconds) / 1000)}`;
}
