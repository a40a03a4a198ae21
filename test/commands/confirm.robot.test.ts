import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {spawn} from '@lydell/node-pty';
import {expect, test} from 'vitest';
import {closeRobotsAfterEach} from '../robot/close-robots.ts';
import {consoleEnvironment, consoleProgram} from '../robot/console-program.ts';
import {openRobot, type Robot} from '../robot/robot.ts';
import {until} from '../ssh/until.ts';
import {embeddedCluster} from './embedded-cluster.ts';

// An action as a command, and the person at the terminal who is asked.

closeRobotsAfterEach();

type Cluster = Awaited<ReturnType<typeof embeddedCluster>>;

function open({config, folder}: Cluster, ...argv: string[]): Robot {
  return openRobot({
    command: consoleProgram.node,
    args: [consoleProgram.bundle, ...argv, '--config', config],
    env: consoleEnvironment(folder),
    cwd: folder,
    columns: 120,
    rows: 50,
  });
}

test('types y, and it runs', async () => {
  const robot = open(await embeddedCluster({speed: 5}), 'maintenance', 'on', 'pg_node3');
  await robot.waitFor('Start it? [y/N]', 15_000);
  robot.type('y');
  robot.press('enter');
  await robot.waitFor('done after', 30_000);
  expect((await robot.exit).code).toBe(0);
});

test('in production types the name of the node; y is a no, and nothing is changed', async () => {
  const cluster = await embeddedCluster({speed: 5}, {environment: 'production'});
  const no = open(cluster, 'switchover');
  await no.waitFor('Type pg_node1 to start it', 15_000);
  no.type('y');
  no.press('enter');
  await no.waitFor('it was not confirmed; nothing was changed');
  expect((await no.exit).code).toBe(4);
  const yes = open(cluster, 'switchover');
  await yes.waitFor('Type pg_node1 to start it', 15_000);
  yes.type('pg_node1');
  yes.press('enter');
  await yes.waitFor('done after', 30_000);
  expect((await yes.exit).code).toBe(0);
});

test('what was typed before the question, or pasted, confirms nothing', async () => {
  const cluster = await embeddedCluster();
  const early = open(cluster, 'maintenance', 'on', 'pg_node3');
  early.type('y\r');
  await early.waitFor('Start it? [y/N]', 15_000);
  early.press('enter');
  expect((await early.exit).code).toBe(4);
  const pasted = open(cluster, 'maintenance', 'on', 'pg_node3');
  await pasted.waitFor('Start it? [y/N]', 15_000);
  pasted.paste('y\n');
  await pasted.waitFor('it was not confirmed');
  expect((await pasted.exit).code).toBe(4);
  expect(pasted.modes.leftOver()).toEqual([]);
});

test('ctrl-C is a no', async () => {
  const robot = open(await embeddedCluster(), 'switchover');
  await robot.waitFor('Start it? [y/N]', 15_000);
  robot.press('ctrl-c');
  await robot.waitFor('it was not confirmed; nothing was changed');
  expect((await robot.exit).code).toBe(4);
});

test('a terminal that hangs up while it runs: what is known of it is written down', async () => {
  const cluster = await embeddedCluster();
  const terminal = spawn(
    consoleProgram.node,
    [consoleProgram.bundle, 'switchover', '--yes', '--config', cluster.config],
    {env: {...consoleEnvironment(cluster.folder), PATH: process.env.PATH ?? ''}, cwd: cluster.folder},
  );
  let screen = '';
  await new Promise<void>(resolve => {
    terminal.onData(text => {
      screen += text;
      if (/primary -> draining/.test(screen)) resolve();
    });
  });
  // node-pty closes its end of the terminal: the kernel hangs up on all that runs in it.
  if ('destroy' in terminal && typeof terminal.destroy === 'function') terminal.destroy();
  // It may do so more than once.
  terminal.kill('SIGHUP');
  const file = join(cluster.folder, 'state/pgaf/audit-demo.jsonl');
  const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');
  await until(() => lines().length === 2, 40_000);
  expect(lines().map(line => JSON.parse(line).outcome)).toEqual([null, 'unknown']);
});
