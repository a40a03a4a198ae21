import type {Container} from '../cluster/snapshot.ts';

/** Those containers of a host that look like pg_auto_failover's, by their image or their name; running ones first. */
export function candidateContainers(containers: readonly Container[]): Container[] {
  const candidates = containers.filter(
    ({name, image}) => /pg_?auto_?failover/i.test(image) || /pg[_-]?(node|monitor|auto|\d)/i.test(name),
  );
  return candidates.toSorted(
    (a, b) => Number(b.state === 'running') - Number(a.state === 'running') || (a.name < b.name ? -1 : 1),
  );
}

/** What a container of this name is most likely for, when pg_autoctl in it does not say. */
export function likelyRole(name: string): 'node' | 'monitor' {
  return /monitor/i.test(name) ? 'monitor' : 'node';
}
