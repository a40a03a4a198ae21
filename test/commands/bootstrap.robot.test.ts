import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {loadCluster} from '../../source/config/load-cluster.ts';
import {collect} from '../../source/console/collect.ts';
import {askNobody} from '../../source/ssh/ask.ts';
import {closeAfterTest} from '../ssh/hosts.ts';
import {embeddedCluster} from './embedded-cluster.ts';
import {ended, startPgafAt} from './run-pgaf.ts';

// What keeps a bootstrap from making anything; the embedded cluster can be looked at, and not made. What it makes is in test/bootstrap.

async function stage(cluster: Readonly<Record<string, unknown>> = {}) {
  const {config, folder} = await embeddedCluster({}, cluster);
  return {
    config,
    bootstrap: (...argv: string[]) => ended(startPgafAt(folder, 'bootstrap', ...argv, '--config', config)),
    audit(): readonly object[] {
      const file = join(folder, '.local/state/pgaf/audit-demo.jsonl');
      if (!existsSync(file)) return [];
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      return lines.map(line => JSON.parse(line));
    },
  };
}

/** Another console that acts on the cluster; resolves with what ends that. */
async function act(config: string): Promise<() => Promise<void>> {
  const cluster = await loadCluster({config});
  if (!cluster.ok) throw new Error(cluster.problem.message);
  const other = closeAfterTest(
    collect(cluster.value, {now: Date.now, random: Math.random, ask: askNobody, readOnly: false}),
  );
  await other.settled(20_000);
  expect((await other.lock('ann@bastion')).kind).toBe('held');
  return () => other.close();
}

test('one is refused while another console acts, and written down; forced it is not', async () => {
  const {config, bootstrap, audit} = await stage();
  const end = await act(config);
  const {exitCode, stderr} = await bootstrap('--yes', '--rolling');
  const reason =
    /another console is acting on this formation: ann@bastion from 127\.0\.0\.1, for \d+ s; nothing was changed/;
  expect(stderr).toMatch(reason);
  expect(exitCode).toBe(4);
  const refused = {event: 'refused', title: 'Bootstrap --rolling', message: expect.stringMatching(reason)};
  expect(audit()).toMatchObject([refused]);
  await bootstrap('--yes', '--force');
  expect(audit()).toMatchObject([refused, {event: 'begin', forced: true}, {event: 'end'}]);
  await end();
  await bootstrap('--yes');
  expect(audit().at(-2)).toMatchObject({event: 'begin', forced: false});
});

test('one that a check refuses is written down with it, a mere plan is not', async () => {
  const {bootstrap, audit} = await stage({image: 'citusdata/pg_auto_failover:nowhere'});
  expect(await bootstrap('--plan')).toMatchObject({exitCode: 4});
  expect(audit()).toEqual([]);
  expect(await bootstrap('--yes')).toMatchObject({exitCode: 4});
  const message = expect.stringMatching(
    /^vm1: the image .*: no host has it, and it cannot be pulled: .*; nothing was changed$/,
  );
  expect(audit()).toMatchObject([{event: 'refused', outcome: 'refused', message, options: []}]);
});

test('so is one where nothing may be changed', async () => {
  const {bootstrap, audit} = await stage();
  expect(await bootstrap('--yes', '--read-only')).toMatchObject({exitCode: 4});
  expect(audit()).toMatchObject([{event: 'refused', message: 'read-only; nothing was changed'}]);
});
