import {appendFileSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {closeRobotsAfterEach} from '../robot/close-robots.ts';
import {isHealthy} from '../robot/cluster-table.ts';
import {openConsole} from '../robot/console-program.ts';
import {confirm} from '../robot/open-demo.ts';
import {until} from '../ssh/until.ts';
import {embeddedCluster} from './embedded-cluster.ts';
import {ended, startPgafAt} from './run-pgaf.ts';

closeRobotsAfterEach();

test('pgaf audit tells what was done, by whom and what came of it; what has no end is unfinished', async () => {
  const {config, folder} = await embeddedCluster({speed: 5});
  const pgaf = (...argv: string[]) => ended(startPgafAt(folder, ...argv, '--config', config));
  const none = await pgaf('audit');
  expect(none).toMatchObject({exitCode: 0, stdout: '', stderr: expect.stringContaining('nothing is written in')});

  const following = startPgafAt(folder, 'audit', '-f', '--config', config);
  let followed = '';
  following.stdout?.on('data', chunk => {
    followed += String(chunk);
  });
  await pgaf('maintenance', 'on', 'pg_node1', '--yes');
  await pgaf('maintenance', 'on', 'pg_node3', '--yes');
  await until(() => /Maintenance of pg_node3.*\n {4}done after/.test(followed), 10_000);
  following.kill('SIGTERM');
  expect((await ended(following)).exitCode).toBe(0);
  expect(followed).toMatch(/Maintenance of pg_node3.*\n {4}UNFINISHED/);

  const file = join(folder, '.local/state/pgaf/audit-demo.jsonl');
  const [last = '{}'] = (await pgaf('audit', '--json', '-n', '1')).stdout.trim().split('\n');
  const begun = {...JSON.parse(last), event: 'begin', id: 'left', outcome: null, message: 'with \u001b[31mcolour'};
  appendFileSync(file, `${JSON.stringify(begun)}\nnot JSON\n`);
  const {stdout, stderr, exitCode} = await pgaf('audit');
  const runs = stdout.split(/^(?=\d{4}-)/m);
  expect(runs).toHaveLength(3);
  expect(runs[0]).toMatch(
    /Z {2}Maintenance of pg_node1 in demo\/default, by \S+ on \S+\n {4}refused: .*--allow-failover/,
  );
  expect(runs[1]).toMatch(
    /done after .*: pg_node3 is in maintenance on the monitor\n {4}root@vm3: docker exec pg_node3 pg_autoctl enable maintenance\n/,
  );
  expect(runs[2]).toMatch(/UNFINISHED: .*: with colour/);
  expect(stderr).toContain('a line of');
  expect(exitCode).toBe(0);
  const one = (await pgaf('audit', '-n', '1', '--json')).stdout.trim().split('\n');
  expect(one.map(line => JSON.parse(line).id)).toEqual(['left']);
}, 90_000);

test('the console writes to the same log', async () => {
  const cluster = await embeddedCluster({speed: 5});
  const robot = openConsole({configuration: cluster.config, home: cluster.folder});
  await robot.waitFor(isHealthy, 20_000);
  robot.press('S');
  await confirm(robot, 'y');
  await robot.waitFor(/done after/, 30_000);
  const lines = readFileSync(join(cluster.folder, 'state/pgaf/audit-demo.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    {event: 'begin', action: 'switchover'},
    {event: 'end', action: 'switchover', outcome: 'done'},
  ]);
});
