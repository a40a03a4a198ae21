import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {embeddedCluster} from './embedded-cluster.ts';
import {ended, startPgafAt} from './run-pgaf.ts';

// What keeps a bootstrap from making anything; the embedded cluster can be looked at, and not made. What it makes is in test/bootstrap.

async function stage(cluster: Readonly<Record<string, unknown>> = {}) {
  const {config, folder} = await embeddedCluster({}, cluster);
  return {
    bootstrap: (...argv: string[]) => ended(startPgafAt(folder, 'bootstrap', ...argv, '--config', config)),
    audit(): readonly object[] {
      const file = join(folder, '.local/state/pgaf/audit-demo.jsonl');
      if (!existsSync(file)) return [];
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      return lines.map(line => JSON.parse(line));
    },
  };
}

test('one that a check refuses is written down with it, a mere plan is not', async () => {
  const {bootstrap, audit} = await stage({image: 'citusdata/pg_auto_failover:nowhere'});
  expect(await bootstrap('--plan')).toMatchObject({exitCode: 4});
  expect(audit()).toEqual([]);
  expect(await bootstrap('--yes')).toMatchObject({exitCode: 4});
  const message = expect.stringMatching(/^vm1: the image .*: no host has it; nothing was changed$/);
  expect(audit()).toMatchObject([{event: 'refused', outcome: 'refused', message, options: []}]);
});

test('so is one where nothing may be changed', async () => {
  const {bootstrap, audit} = await stage();
  expect(await bootstrap('--yes', '--read-only')).toMatchObject({exitCode: 4});
  expect(audit()).toMatchObject([{event: 'refused', message: 'read-only; nothing was changed'}]);
});
