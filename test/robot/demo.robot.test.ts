import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {closeRobotsAfterEach} from './close-robots.ts';
import {isHealthy} from './cluster-table.ts';
import {consoleEnvironment, consoleProgram} from './console-program.ts';
import {sessionMembers} from './local-processes.ts';
import {confirm, typeLine} from './open-demo.ts';
import {openRobot, type Robot} from './robot.ts';

closeRobotsAfterEach();

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pgaf-robot-'));
});
afterEach(() => rmSync(home, {recursive: true, force: true}));

/** The built console on the embedded cluster; its temporary files go into `home`. */
function openDemo(...args: string[]): Robot {
  return openPgaf('demo', ...args);
}

function openPgaf(...args: string[]): Robot {
  return openWith(home, ...args);
}

function openWith(temporary: string, ...args: string[]): Robot {
  return openRobot({
    command: consoleProgram.node,
    args: [consoleProgram.bundle, ...args],
    env: {...consoleEnvironment(home), TMPDIR: temporary},
    cwd: home,
    columns: 80,
    rows: 24,
  });
}

const table = (screen: string) =>
  [/HEALTHY/, /pg_node1 +primary/, /pg_node2 +secondary/, /pg_node3 +secondary/].every(part => part.test(screen));

test('is a living cluster: a switchover from the keyboard, and the promotion in the log of the new primary', async () => {
  const robot = openDemo('--speed', '5');
  await robot.waitFor(table);
  robot.press('S');
  await confirm(robot, 'y');
  await robot.waitFor(/done after/, 30_000);
  await robot.waitFor(/primary pg_node2/, 30_000);
  robot.press('esc');
  await robot.waitFor(/pg_node2 +primary/, 30_000);
  robot.press('j', 'l');
  await robot.waitFor(/prepare_promotion/);
}, 90_000);

test('a power cut of the primary: when the monitor fails over, who takes over', async () => {
  const robot = openDemo('--scenario', 'power-cut', '--speed', '3');
  // The power goes within the first second, which may be before all of it was seen.
  await robot.waitFor(/pg_node1 +primary/);
  await robot.waitFor(/fails over in/, 60_000);
  await typeLine(robot, 'step 60');
  await robot.waitFor(/pg_node[23] +primary|primary pg_node[23]/, 90_000);
}, 180_000);

test('the prompt plays a scenario, mends it and tells the truth; an unknown word is answered with the closest one', async () => {
  const robot = openDemo('--speed', '8');
  await robot.waitFor(table);
  await typeLine(robot, 'scenaro power-cut');
  await robot.waitFor('there is no :scenaro: did you mean :scenario?');
  await typeLine(robot, 'sc\tpow\t');
  await robot.waitFor(/pg_node1 silent for \d+ s: the monitor fails over in about \d+ s/, 60_000);
  await typeLine(robot, 'step 60');
  await robot.waitFor(/^ SIMULATED .* DEGRADED +primary pg_node[23]/, 60_000);
  await typeLine(robot, 'truth');
  await robot.waitFor(/faults in place +poweroff vm1/);
  robot.press('esc');
  await robot.waitUntilGone('faults in place');
  await typeLine(robot, 'fault poweron vm1');
  await typeLine(robot, 'step 60');
  await robot.waitFor(isHealthy, 60_000);
}, 180_000);

test('a drill: what is wrong is found and mended against the clock, and has a score in the end', async () => {
  const robot = openPgaf('drill', 'monitor-lost', '--speed', '8');
  await robot.waitFor('Something breaks in a few seconds');
  expect(robot.screen()).not.toContain('monitor is gone');
  robot.press('esc');
  await robot.waitFor(/the monitor does not answer.*\n? *.*R18/, 20_000);
  await typeLine(robot, 'diagnose R18');
  await robot.waitFor('R18 is noted');
  await typeLine(robot, 'fault start pg_monitor');
  await robot.waitFor(/The monitor is gone \(monitor-lost; the cause: R18\)[\s\S]*wrong moves +0 +0/, 30_000);
  robot.press('q');
  await robot.waitFor(isHealthy);
  robot.press('q');
  expect((await robot.exit).code).toBe(0);
  expect(robot.screen()).toMatch(/time to the right diagnosis +\d/);
}, 90_000);

test('leaves nothing behind when it is left, nor when it is ended', async () => {
  const quit = openDemo();
  await quit.waitFor(table);
  expect(readdirSync(home).filter(name => name.startsWith('pgaf-demo-'))).toHaveLength(1);
  quit.press('q');
  expect((await quit.exit).code).toBe(0);
  expect(quit.modes.leftOver()).toEqual([]);
  expect(readdirSync(home).filter(name => name.startsWith('pgaf-demo-'))).toEqual([]);
  expect(sessionMembers(quit.pid)).toEqual([]);

  const ended = openDemo();
  await ended.waitFor(table);
  ended.kill('SIGTERM');
  await ended.exit;
  expect(readdirSync(home).filter(name => name.startsWith('pgaf-demo-'))).toEqual([]);
});

test('what one that was killed left behind the next one takes away, and nothing of one that runs', async () => {
  const folders = () => readdirSync(home).filter(name => name.startsWith('pgaf-demo-'));
  const killed = openDemo();
  await killed.waitFor(table);
  const abandoned = folders();
  killed.kill('SIGKILL');
  await killed.exit;
  expect(folders()).toEqual(abandoned);
  const first = openDemo();
  await first.waitFor(table);
  const own = folders();
  expect(own).toHaveLength(1);
  expect(own).not.toEqual(abandoned);
  const second = openPgaf('drill', 'power-cut');
  await second.waitFor('Something breaks in a few seconds');
  expect(folders()).toEqual(expect.arrayContaining(own));
});

test('one that cannot be started says why, and that it is not the configuration', async () => {
  const robot = openWith(join(home, 'nowhere'), 'demo');
  await robot.waitFor(/the simulated cluster can not be started: its keys can not be kept in/);
  await robot.waitFor(/set TMPDIR to another folder/);
  expect((await robot.exit).code).toBe(70);
});

test('a scenario that is not there is said as such, with the closest name', async () => {
  const robot = openDemo('--scenario', 'power-cutt');
  await robot.waitFor(/there is no scenario "power-cutt"; did you mean power-cut\?/);
  expect((await robot.exit).code).toBe(78);
});
