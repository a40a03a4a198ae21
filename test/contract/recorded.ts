import {readFileSync, writeFileSync} from 'node:fs';
import {expect} from 'vitest';
import type {Cluster} from './cluster.ts';

/**
 * What is said has to be what a real cluster said when it was recorded: recorded/NAME.txt. With PGAF_CONTRACT=record the lab's tests
 * write these files; then look at what changed.
 */
export function expectRecorded(cluster: Cluster, name: string, text: string): void {
  const file = new URL(`recorded/${name}.txt`, import.meta.url);
  if (cluster.kind === 'real' && process.env.PGAF_CONTRACT === 'record') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}
