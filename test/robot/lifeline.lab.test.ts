import {expect, test} from 'vitest';
import {loadCluster} from '../../source/config/load-cluster.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {closeRobotsAfterEach} from './close-robots.ts';
import {openConsole, temporaryFolder} from './console-program.ts';
import {remoteProcesses, untilNoRemoteProcess} from './remote-processes.ts';
import type {Robot} from './robot.ts';

// Closing an SSH channel does not end what runs behind it: whatever the console starts on a host has to go by other means, also when the
// console has no chance to say good-bye.

closeRobotsAfterEach();

const ofTheLog = /docker.* logs /;
const ofTheConsole = /docker.* (logs|events|exec) |psql/;

async function hosts() {
  const cluster = await loadCluster({config: (await sharedLab()).configFile});
  if (!cluster.ok) throw new Error(cluster.problem.message);
  return cluster.value.hosts;
}

/** A console with the log of the first node open, and its `docker logs` seen on the host. */
async function openLogPane(): Promise<Robot> {
  const robot = openConsole({
    configuration: (await sharedLab()).configFile,
    home: temporaryFolder(),
    columns: 120,
    rows: 35,
  });
  await robot.waitFor(/pg_node1[\s\S]*pg_node2[\s\S]*pg_node3/, 20_000);
  robot.press('l');
  await robot.waitFor(/pg_node1@vm1|pg_node1.*vm1/, 20_000);
  await robot.waitFor(/following/i, 20_000);
  const [first] = await hosts();
  await expect.poll(() => first && remoteProcesses(first.ssh, ofTheLog), {timeout: 20_000}).not.toEqual([]);
  return robot;
}

test('leaving a log pane ends its docker logs, and nothing else', async () => {
  const robot = await openLogPane();
  robot.press('esc');
  for (const host of await hosts()) await untilNoRemoteProcess(host.ssh, ofTheLog);
  const [first] = await hosts();
  expect(first && (await remoteProcesses(first.ssh, ofTheConsole))).not.toEqual([]);
});

test('quitting ends everything on every host', async () => {
  const robot = await openLogPane();
  robot.press('ctrl-c');
  await robot.waitFor(/again/i);
  robot.press('ctrl-c');
  await robot.exit;
  for (const host of await hosts()) await untilNoRemoteProcess(host.ssh, ofTheConsole);
});

test('kill -9 ends everything on every host', async () => {
  const robot = await openLogPane();
  robot.kill('SIGKILL');
  await robot.exit;
  for (const host of await hosts()) await untilNoRemoteProcess(host.ssh, ofTheConsole);
});
