import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {closeRobotsAfterEach} from './close-robots.ts';
import {untilRead} from './cluster-table.ts';
import {consoleEnvironment, consoleProgram} from './console-program.ts';
import {openRobot, type Robot} from './robot.ts';

closeRobotsAfterEach();

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pgaf-robot-'));
});
afterEach(() => rmSync(home, {recursive: true, force: true}));

/** The built console on the embedded cluster; its temporary files go into `home`. */
function openDemo(...args: string[]): Robot {
  return openRobot({
    command: consoleProgram.node,
    args: [consoleProgram.bundle, 'demo', ...args],
    env: {...consoleEnvironment(home), TMPDIR: home},
    cwd: home,
    columns: 80,
    rows: 24,
  });
}

const table = (screen: string) =>
  [/HEALTHY/, /pg_node1 +primary/, /pg_node2 +secondary/, /pg_node3 +secondary/].every(part => part.test(screen));

test('is a living cluster: a switchover from the keyboard, and the promotion in the log of the new primary', async () => {
  const robot = openDemo();
  await robot.waitFor(table, 10_000);
  robot.press('S');
  await robot.waitFor(/Type y/);
  await untilRead(robot);
  robot.press('y');
  await robot.waitFor(/start it: +y/);
  robot.press('enter');
  await robot.waitFor(/done after/, 30_000);
  await robot.waitFor(/primary pg_node2/, 30_000);
  robot.press('esc');
  await robot.waitFor(/pg_node2 +primary/, 30_000);
  robot.press('j', 'l');
  await robot.waitFor(/prepare_promotion/, 10_000);
}, 90_000);

test('a power cut of the primary: when the monitor fails over, who takes over', async () => {
  const robot = openDemo('--scenario', 'power-cut', '--speed', '3');
  await robot.waitFor(table, 10_000);
  await robot.waitFor(/fails over in/, 60_000);
  await robot.waitFor(/pg_node[23] +primary|primary pg_node[23]/, 90_000);
}, 180_000);

test('leaves nothing behind when it is left, nor when it is ended', async () => {
  const quit = openDemo();
  await quit.waitFor(table, 10_000);
  expect(readdirSync(home).filter(name => name.startsWith('pgaf-demo-'))).toHaveLength(1);
  quit.press('q');
  expect((await quit.exit).code).toBe(0);
  expect(quit.modes.leftOver()).toEqual([]);
  expect(readdirSync(home).filter(name => name.startsWith('pgaf-demo-'))).toEqual([]);

  const ended = openDemo();
  await ended.waitFor(table, 10_000);
  ended.kill('SIGTERM');
  await ended.exit;
  expect(readdirSync(home).filter(name => name.startsWith('pgaf-demo-'))).toEqual([]);
});

test('a scenario that is not there is said as such, with the closest name', async () => {
  const robot = openDemo('--scenario', 'power-cutt');
  await robot.waitFor(/there is no scenario "power-cutt"; did you mean power-cut\?/);
  expect((await robot.exit).code).toBe(78);
});
