import type {Finding} from './assessment.ts';
import {duration} from './duration.ts';
import type {Evidence} from './evidence.ts';
import {current} from './sample.ts';

/** Clocks that differ by no more than this are called the same: a reading takes that long at worst. Milliseconds. */
const toleratedSkew = 2000;

/** Clocks of hosts that differ (reference R51): ages do not depend on them, but logs merged by time do. */
export function skewFindings(evidence: Evidence): readonly Finding[] {
  const offsets = clockOffsets(evidence).sort((a, b) => a.offset - b.offset);
  const slowest = offsets[0];
  const fastest = offsets.at(-1);
  if (slowest === undefined || fastest === undefined || fastest.offset - slowest.offset <= toleratedSkew) return [];
  const difference = duration((fastest.offset - slowest.offset) / 1000);
  return [
    {
      code: 'R51',
      severity: 'info',
      node: null,
      title: `clocks differ by ${difference}: ${fastest.host} is ahead of ${slowest.host}`,
      evidence: offsets.map(({host, offset}) => `${host}: ${signed(offset)} against this machine`),
      remedy: 'set the time on both hosts (chrony); until then, logs merged by time are out of order',
    },
  ];
}

/** Each host's clock against this machine's at the moment of its reading, in milliseconds. */
function clockOffsets(evidence: Evidence): {host: string; offset: number}[] {
  const offsets = evidence.snapshot.hosts.flatMap(host => {
    const reading = current(host.postgres);
    if (reading === undefined || host.postgres === undefined) return [];
    return [{host: host.name, offset: reading.serverTime - host.postgres.at}];
  });
  const monitorHost = evidence.snapshot.hosts.find(host => host.monitor !== undefined)?.name;
  const monitor = current(evidence.snapshot.monitor);
  if (monitor !== undefined && evidence.snapshot.monitor !== undefined && monitorHost !== undefined) {
    if (!offsets.some(({host}) => host === monitorHost)) {
      offsets.push({host: monitorHost, offset: monitor.serverTime - evidence.snapshot.monitor.at});
    }
  }
  return offsets.filter(({offset}) => Number.isFinite(offset));
}

function signed(milliseconds: number): string {
  return `${milliseconds < 0 ? '-' : '+'}${duration(Math.abs(milliseconds) / 1000)}`;
}
