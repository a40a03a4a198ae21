import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, expect, test} from 'vitest';
import {sharedLab} from '../lab/shared-lab.ts';
import {closeRobotsAfterEach} from './close-robots.ts';
import {isHealthy} from './cluster-table.ts';
import {openConsole, temporaryFolder} from './console-program.ts';

// A terminal that reads no more (a frozen emulator, ctrl-s, a link that stalls) stops nothing but the drawing.

const lab = await sharedLab();

closeRobotsAfterEach();
afterEach(async () => {
  await lab.restore();
});

test('what happens while the terminal stands still is noted at once, and on the screen as soon as it reads again', async () => {
  const home = temporaryFolder();
  const logFile = join(home, 'console.log');
  const robot = openConsole({
    configuration: lab.configFile,
    home,
    columns: 200,
    rows: 50,
    args: ['--log-file', logFile],
  });
  await robot.waitFor(isHealthy, 20_000);
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  const written = log().length;

  robot.stopReading();
  // Full repaints until neither the kernel nor the console can put more anywhere.
  for (let step = 0; step < 20; step += 1) robot.resize(step % 2 === 0 ? 199 : 200, 50);
  const bytes = robot.rawBytes();
  await lab.fault('kill', 'pg_node2');
  await expect.poll(() => log().slice(written), {timeout: 20_000}).toMatch(/"psql vm2","text":"[^"]*pg_node2/);
  await expect.poll(() => log().slice(written), {timeout: 20_000}).toMatch(/"verdict","text":"(?!healthy)/);
  expect(robot.rawBytes()).toBe(bytes);
  expect(isHealthy(robot.screen())).toBe(true);

  robot.startReading();
  await robot.waitFor(screen => /pg_node2/.test(screen) && !isHealthy(screen), 20_000);
  expect(robot.ended()).toBeUndefined();
  robot.press('q');
  expect((await robot.exit).code).toBe(0);
  expect(robot.modes.leftOver()).toEqual([]);
});
