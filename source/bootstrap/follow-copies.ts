import {setTimeout as sleep} from 'node:timers/promises';
import type {ApplyEdges} from './apply.ts';
import {baseBackupQuery, copiedFrom, type Progress, parseBaseBackups, progressWords} from './base-backups.ts';
import type {DesiredCluster} from './desired-cluster.ts';

/** Calls the listener whenever a copy got further, or waits for what it begins with; returns the unsubscriber. */
export type Copies = {subscribe(listener: () => void): () => void; stop(): void};

const lookEveryMs = 1000;
const sayEveryMs = 5000;
const deadlineMs = 5000;

/** Says how far the standbys are that are being copied, as the primary tells it, until it is stopped. */
export function followCopies(cluster: DesiredCluster, edges: ApplyEdges): Copies {
  const listeners = new Set<() => void>();
  const ending = new AbortController();
  const look = async (): Promise<string | undefined> => {
    const node = cluster.nodes.find(each => each.container === copiedFrom(edges.monitor()));
    const host = node === undefined ? undefined : edges.host(node.host);
    if (node === undefined || host === undefined) return undefined;
    const psql = ['psql', '-X', '-A', '-t', '-q', '-p', String(node.port), '-d', 'postgres', '-c', baseBackupQuery];
    const answer = await host.run([...edges.docker(node.host), 'exec', node.container, ...psql], {deadlineMs});
    return answer.ok && answer.value.exitCode === 0 ? answer.value.stdout : undefined;
  };
  const follow = async () => {
    let before: readonly Progress[] = [];
    let lookedAt = edges.now();
    const saidAt = new Map<string, number>();
    while (!ending.signal.aborted) {
      const output = await look();
      const now = edges.now();
      if (output !== undefined) {
        const copies = parseBaseBackups(output, edges.monitor(), before, (now - lookedAt) / 1000);
        const moved = copies.filter(each => each.bytes !== before.find(({what}) => what === each.what)?.bytes);
        const goesOn = moved.length > 0 || copies.some(each => each.waitsForCheckpoint);
        if (goesOn) for (const listener of listeners) listener();
        for (const copy of moved) {
          if (ending.signal.aborted || now - (saidAt.get(copy.what) ?? Number.NEGATIVE_INFINITY) < sayEveryMs) continue;
          saidAt.set(copy.what, now);
          edges.say(`  ${progressWords(copy)}`, copy);
        }
        before = copies;
        lookedAt = now;
      }
      await sleep(lookEveryMs);
    }
  };
  const following = follow();
  following.catch(error => edges.say(`  how far the copies are cannot be told: ${String(error)}`));
  return {
    subscribe: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => ending.abort(),
  };
}
