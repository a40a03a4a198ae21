import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {embeddedCluster} from '../commands/embedded-cluster.ts';
import {closeRobotsAfterEach} from './close-robots.ts';
import {isHealthy} from './cluster-table.ts';
import {consoleEnvironment, consoleProgram, openConsole, unreachableConfiguration} from './console-program.ts';
import {openRobot, type Robot} from './robot.ts';

// The terminal handed to programs in containers, as a person has it: the built console on the embedded cluster.

closeRobotsAfterEach();

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pgaf-robot-'));
});
afterEach(() => rmSync(home, {recursive: true, force: true}));

const shellPrompt = /\[pg_node1 primary\] \S+\$ *$/m;

async function openDemo(...args: string[]): Promise<Robot> {
  const robot = openRobot({
    command: consoleProgram.node,
    args: [consoleProgram.bundle, 'demo', ...args],
    env: {...consoleEnvironment(home), TMPDIR: home},
    cwd: home,
    columns: 80,
    rows: 24,
  });
  await robot.waitFor(isHealthy, 20_000);
  return robot;
}

test('a shell: what was typed in one breath with its key arrives, the window is followed, and the screen comes back', async () => {
  const robot = await openDemo();
  // All of it in one read: the key, and what it opens gets the rest.
  robot.type('secho first word\r');
  await robot.waitFor(/^first word$/m);
  expect(robot.row(0)).toBe('pg_node1 on vm1, SIMULATED demo, primary, shell, read-write; enter ~ . leaves');
  expect(robot.modes.leftOver()).toEqual([]);
  robot.resize(100, 30);
  // What is typed may overtake the news of the size; not what is typed after an answer.
  robot.type('echo resized\r');
  await robot.waitFor(/^resized$/m);
  robot.type('stty size\r');
  await robot.waitFor(/^30 100$/m);
  robot.press('ctrl-c', 'ctrl-z');
  robot.type('exit 3\r');
  await robot.waitFor('the shell in pg_node1 ended with exit status 3');
  expect(isHealthy(robot.screen())).toBe(true);
  expect(robot.modes.alternateScreen()).toBe(true);
  robot.press('s');
  await robot.waitFor(shellPrompt);
  robot.type('\x04');
  await robot.waitFor('the shell in pg_node1 has ended');
  robot.press('q');
  expect((await robot.exit).code).toBe(0);
  expect(robot.modes.leftOver()).toEqual([]);
});

test('a paste of 100 kB arrives whole', async () => {
  const robot = await openDemo();
  robot.press('s');
  await robot.waitFor(shellPrompt);
  const line = `${'0123456789'.repeat(7)} äöü`;
  const lines = Math.ceil(100_000 / Buffer.byteLength(line));
  robot.type('wc -c\r');
  await robot.waitFor(/wc -c$/m);
  robot.paste(`${line}\n`.repeat(lines));
  robot.type('\x04');
  await robot.waitFor(new RegExp(`^${(Buffer.byteLength(line) + 1) * lines}$`, 'm'), 30_000);
});

test('psql refuses to write, and is left by the escape; any container can be named, and a wrong name is answered with the closest', async () => {
  const robot = await openDemo();
  robot.press('p');
  await robot.waitFor(/\[pg_node1 primary\] postgres=# *$/m);
  robot.type('create table x (a int);\r');
  await robot.waitFor('cannot execute CREATE TABLE in a read-only transaction');
  robot.press('enter', '~', '.');
  await robot.waitFor('psql in pg_node1 was left, and is hung up there');
  await typeLine(robot, 'shell pg_monitor');
  await robot.waitFor(/\[pg_monitor monitor\]/);
  robot.type('exit\r');
  await robot.waitFor('the shell in pg_monitor has ended');
  await typeLine(robot, 'shell vm9');
  await robot.waitFor(/there is no node, container or host "vm9": did you mean vm\d\?/);
  await typeLine(robot, "exec nosuch 'a b'");
  await robot.waitFor('nosuch in pg_node1 ended with exit status 126');
});

/** The console on an embedded cluster to which the test does what it wants, at the moment it wants. */
async function openOnCluster() {
  const {thread, config, folder} = await embeddedCluster();
  const robot = openConsole({configuration: config, home: folder});
  await robot.waitFor(isHealthy, 20_000);
  const command = async (line: string) => expect(await thread.ask({ask: 'command', line})).toMatchObject({ok: true});
  return {robot, thread, command};
}

test('a killed container and a dead host give the screen back, with the reason', async () => {
  const {robot, command} = await openOnCluster();
  await typeLine(robot, 'shell pg_node2');
  await robot.waitFor(/\[pg_node2 standby\]/);
  await command('kill pg_node2');
  await robot.waitFor(/the shell in pg_node2 ended with exit status 137/, 60_000);
  expect(robot.modes.alternateScreen()).toBe(true);
  await typeLine(robot, 'shell pg_node1');
  await robot.waitFor(/\[pg_node1 primary\]/);
  await command('poweroff vm1');
  await robot.waitFor(/the shell in pg_node1 is lost: .*vm1/, 60_000);
}, 150_000);

test('what became of the cluster meanwhile is said on the way back, and the prompt says what the node is now', async () => {
  const {robot, thread, command} = await openOnCluster();
  robot.press('j', 's');
  await robot.waitFor(/\[pg_node2 standby\]/);
  robot.type('sleep 100\r');
  await robot.waitFor('sleep 100');
  await command('poweroff vm1');
  await thread.ask({ask: 'step', seconds: 120});
  await robot.waitFor(/sleep 100\n\[pg_node2 primary\]/, 60_000);
  robot.type('exit\r');
  await robot.waitFor(/the shell in pg_node2 has ended; meanwhile .* > /, 10_000);
}, 120_000);

test('what became of the cluster in the last moment of a session is said as soon as it is read', async () => {
  const {robot, thread, command} = await openOnCluster();
  robot.press('j', 's');
  await robot.waitFor(/\[pg_node2 standby\]/);
  robot.type('sleep 100\rexit\r');
  await robot.waitFor('sleep 100');
  await command('poweroff vm1');
  await thread.ask({ask: 'step', seconds: 120});
  await robot.waitFor(/the shell in pg_node2 has ended; meanwhile .* > /);
});

test('a prompt for pg_autoctl: tab completes, the lines run, the arrow brings them back', async () => {
  const robot = await openDemo();
  robot.press('x');
  await robot.waitFor(/\[pg_node1\] pg_autoctl> *$/m);
  robot.type('sho\tstate\r');
  await robot.waitFor(/^pg_node3 \|[\s\S]*pg_autoctl> *$/m);
  robot.press('up');
  await robot.waitFor(/pg_autoctl> show state$/m);
  robot.press('ctrl-c', 'ctrl-d');
  await robot.waitFor('pg_autoctl in pg_node1 has ended');
});

test('where nothing may be changed there is no shell, and psql does not write', async () => {
  const robot = await openDemo('--read-only');
  robot.press('s');
  await robot.waitFor('a shell is refused: the cluster is read-only here');
  await typeLine(robot, 'psql --write');
  await robot.waitFor('psql --write is refused: the cluster is read-only here');
  robot.press('p');
  await robot.waitFor(/\[pg_node1 primary\] postgres=# *$/m);
  robot.type('\\q\r');
  await robot.waitFor('psql in pg_node1 has ended');
});

async function typeLine(robot: Robot, line: string): Promise<void> {
  robot.press(':');
  await robot.waitFor(/enter run +tab complete/);
  robot.type(line);
  await robot.waitFor(`:${line}`);
  robot.press('enter');
}

test('commands say by their exit status what was wrong before anything ran', async () => {
  const configuration = unreachableConfiguration(home);
  const status = (...args: string[]) =>
    spawnSync(consoleProgram.node, [consoleProgram.bundle, '--config', configuration, ...args], {
      env: {PATH: process.env.PATH ?? '', ...consoleEnvironment(home)},
      input: '',
      encoding: 'utf8',
    });
  expect(status('exec', 'pg_node1', '--', 'true')).toMatchObject({status: 69, stderr: expect.stringContaining('vm1')});
  expect(status('psql', 'pg_node1')).toMatchObject({status: 69});
  expect(status('shell')).toMatchObject({status: 64, stderr: expect.stringContaining('it is pgaf shell NODE')});
  expect(status('exec', 'pg_node1')).toMatchObject({status: 64});
  expect(status('shell', 'pg_node1', '--', 'ls')).toMatchObject({status: 64});
  expect(status('shell', 'pg_nod1')).toMatchObject({
    status: 64,
    stderr: expect.stringContaining('did you mean pg_node1?'),
  });
  expect(status('shell', 'pg_node1', '--write')).toMatchObject({status: 64});
  for (const words of [
    ['shell', 'vm1'],
    ['psql', 'vm1', '--write'],
    ['autoctl', 'vm1', '--', 'drop', 'node'],
  ]) {
    expect(status('--read-only', ...words)).toMatchObject({status: 4, stderr: expect.stringContaining('read-only')});
  }
});
