import {isDeepStrictEqual} from 'node:util';
import {beforeAll, expect, test} from 'vitest';
import {movePrimary} from '../lab/move-primary.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {closeRobotsAfterEach} from './close-robots.ts';
import {isHealthy, select, showsPrimary, statesOf, tableIn} from './cluster-table.ts';
import {openConsole, temporaryFolder} from './console-program.ts';
import {confirm} from './open-demo.ts';
import type {Robot} from './robot.ts';

// The console's main job on a real cluster with the monitor's own timeouts, on the smallest screen: what a person sees and presses.

const lab = await sharedLab();
const patience = 120_000;

closeRobotsAfterEach();
// A primary on vm3 would go down together with the monitor, and nobody would be left to tell of a failover.
beforeAll(() => movePrimary(lab, 'pg_node1'));

test('the table, a switchover from the keyboard, and the promotion in the log of the new primary', async () => {
  const robot = await openOnTheTable();
  expect(tableIn(robot.screen())).toEqual(statesOf(await lab.showState()));
  expect(robot.row(0)).toMatch(/ LAB +\S+\/default +HEALTHY +primary pg_node1 /);

  robot.press('S');
  await robot.waitFor('Type y and press enter to start it');
  expect(robot.screen()).toContain('docker exec pg_monitor pg_autoctl perform switchover --formation default');
  await confirm(robot, 'y');
  await robot.waitFor(/^ Switchover +running/m);
  await robot.waitFor(/^ Switchover +✔ done after/m, patience);
  const [, promoted = ''] = /^ (pg_node[23]) is the primary on the monitor/m.exec(robot.screen()) ?? [];
  expect((await lab.showState()).find(node => node.nodename === promoted)?.current_group_state).toBe('primary');

  robot.press('esc');
  await robot.waitFor(screen => showsPrimary(screen, promoted) && isHealthy(screen), patience);
  await untilItAgrees(robot);

  await select(robot, promoted);
  robot.press('l');
  await robot.waitFor(new RegExp(`^ ${promoted} +${promoted}@vm[23] +following`, 'm'));
  robot.press('/');
  await robot.waitFor('filter:');
  robot.type('now "primary"');
  await robot.waitFor('filter: now "primary"');
  robot.press('enter');
  await robot.waitFor(/filter now "primary"[\s\S]*INFO +Transition complete: current state is now "primary"/);
  robot.press('esc');
  await robot.waitUntilGone('filter now "primary"');
  robot.press('esc');
  await robot.waitFor(isHealthy);
  robot.press('q');
  expect((await robot.exit).code).toBe(0);
  expect(robot.modes.leftOver()).toEqual([]);
});

test('a power cut of the primary: when the monitor fails over, who takes over, and healthy again', async () => {
  await movePrimary(lab, 'pg_node1');
  const robot = await openOnTheTable();
  await lab.fault('poweroff', 'vm1');
  try {
    await robot.waitFor(/pg_node1 silent for \d+ s: the monitor fails over in about \d+ s/, patience);
    expect(robot.row(0)).not.toContain('HEALTHY');
    await robot.waitFor(screen => showsPrimary(screen, 'pg_node2') || showsPrimary(screen, 'pg_node3'), patience);
    await robot.waitFor(/DEGRADED/, patience);
    await untilItAgrees(robot);
    await lab.fault('poweron', 'vm1');
    await robot.waitFor(isHealthy, patience);
    await untilItAgrees(robot);
  } finally {
    await lab.restore();
  }
});

async function openOnTheTable(): Promise<Robot> {
  const robot = openConsole({configuration: lab.configFile, home: temporaryFolder()});
  await robot.waitFor(isHealthy, 20_000);
  return robot;
}

/** Waits for the monitor's tool and the table to say the same, as they do whenever nothing has moved between the two looks. */
async function untilItAgrees(robot: Robot): Promise<void> {
  const both = async () => ({table: tableIn(robot.screen()), monitor: statesOf(await lab.showState())});
  await expect.poll(both, {timeout: 20_000}).toSatisfy(({table, monitor}) => isDeepStrictEqual(table, monitor));
}
