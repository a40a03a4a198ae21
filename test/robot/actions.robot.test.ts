import {expect, test} from 'vitest';
import {closeRobotsAfterEach} from './close-robots.ts';
import {isHealthy, select, showsPrimary} from './cluster-table.ts';
import {confirm, demoEachTest, typeLine} from './open-demo.ts';

closeRobotsAfterEach();
const openDemo = demoEachTest();
const deadline = 60_000;
/** Quick, and slow enough for every state on the way to be seen. */
const quick = ['--speed', '5'] as const;

test('maintenance of a standby: asked for, done on the monitor, and taken back with u', async () => {
  const robot = openDemo(...quick);
  await robot.waitFor(isHealthy, deadline);
  await select(robot, 'pg_node2');
  robot.press('M');
  await robot.waitFor('docker exec pg_node2 pg_autoctl enable maintenance');
  await confirm(robot, 'y');
  await robot.waitFor('pg_node2 is in maintenance on the monitor', deadline);
  robot.press('u');
  await robot.waitFor('docker exec pg_node2 pg_autoctl disable maintenance');
  await confirm(robot, 'y');
  await robot.waitFor('pg_node2 is secondary again', deadline);
  robot.press('esc');
  await robot.waitFor(isHealthy, deadline);
}, 120_000);

test('a node is promoted by what is typed; the list above the prompt says why another is not possible', async () => {
  const robot = openDemo(...quick);
  await robot.waitFor(isHealthy, deadline);
  robot.press(':');
  robot.type('prom');
  await robot.waitFor(/:promote NODE +not now: pg_node1 is the primary already/);
  robot.press('esc');
  await robot.waitUntilGone(/enter run +tab complete/);
  await typeLine(robot, 'promote pg_node3');
  await confirm(robot, 'y');
  await robot.waitFor(/pg_node3 is the primary on the monitor/, deadline);
  robot.press('esc');
  await robot.waitFor(screen => isHealthy(screen) && showsPrimary(screen, 'pg_node3'), deadline);
}, 120_000);

test('maintenance of the primary says that it is a failover, and is over when another node is the primary', async () => {
  const robot = openDemo();
  await robot.waitFor(isHealthy, deadline);
  robot.press('M');
  await robot.waitFor('enable maintenance --allow-failover');
  await confirm(robot, 'y');
  await robot.waitFor(/pg_node1 is in maintenance; pg_node[23] is the primary on the monitor/, deadline);
  expect(robot.screen()).toMatch(/no writes for \d+\.\d s, give or take 1 s/);
}, 120_000);

test('a switchover that would end in an outage is refused with its reason (R07), and leaves no event', async () => {
  const robot = openDemo(...quick);
  await robot.waitFor(isHealthy, deadline);
  await typeLine(robot, 'fault poweroff vm2');
  robot.press('S');
  await robot.waitFor('R07: quorum node pg_node2 would block the election', deadline);
  expect(robot.screen()).not.toContain('and press enter to start it');
}, 120_000);

test('quitting while an action runs asks, and :readonly keeps the next from being started', async () => {
  const robot = openDemo('--speed', '0.2');
  await robot.waitFor(isHealthy, deadline);
  robot.press('S');
  await confirm(robot, 'y');
  await robot.waitFor(/running \d/, deadline);
  robot.press('esc');
  await robot.waitFor('ROLE → ASSIGNED');
  expect(robot.screen()).toMatch(/switchover running/);
  robot.press('q');
  await robot.waitFor('Switchover is running');
  robot.press('esc');
  await robot.waitUntilGone('Quit?');
  await typeLine(robot, 'speed 10');
  await robot.waitFor(isHealthy, deadline);
  await typeLine(robot, 'readonly');
  await robot.waitFor('READ-ONLY');
  await select(robot, 'pg_node3');
  robot.press('P');
  await robot.waitFor('Promote pg_node3 is not possible: read-only');
}, 150_000);
