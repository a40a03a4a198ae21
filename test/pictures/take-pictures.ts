import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {consoleEnvironment} from '../robot/console-program.ts';
import {confirm} from '../robot/open-demo.ts';
import {openRobot, type Robot} from '../robot/robot.ts';
import {drawSvg} from './draw-svg.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const columns = 110;
const rows = 30;

/**
 * The pictures of the README, by file name, and a recording (asciicast v2): the built console on the embedded cluster, driven by keys.
 * `speed`: simulated seconds a second for what is no incident.
 */
export async function takePictures(speed = 1): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const frames: string[] = [];
  let begin: number | undefined;
  const playing = inDemo(['--seed', '7', '--speed', String(speed)], play, files, (bytes, at) => {
    begin ??= at;
    frames.push(JSON.stringify([Number(((at - begin) / 1000).toFixed(3)), 'o', bytes.toString('utf8')]));
  });
  // What is known of an incident when it shows depends on how fast it goes.
  await Promise.all([playing, inDemo(['--seed', '7', '--scenario', 'power-cut'], playPowerCut, files)]);
  const head = JSON.stringify({version: 2, width: columns, height: rows, title: 'pgaf demo'});
  files.set('demo.cast', `${[head, ...frames].join('\n')}\n`);
  return files;
}

type Take = (name: string, title: string) => void;

async function inDemo(
  options: readonly string[],
  work: (robot: Robot, take: Take) => Promise<void>,
  files: Map<string, string>,
  onBytes: (bytes: Buffer, at: number) => void = () => undefined,
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'pgaf-pictures-'));
  const robot = openRobot({
    command: `${root}node_modules/node/bin/node`,
    args: [`${root}dist/cli.js`, 'demo', ...options],
    env: {...consoleEnvironment(home), COLORTERM: 'truecolor', TERM: 'xterm-256color', LANG: 'C.UTF-8', TZ: 'UTC'},
    columns,
    rows,
    onBytes,
  });
  try {
    await work(robot, (name, title) => files.set(`${name}.svg`, drawSvg({columns, rows, title, cell: robot.cell})));
    robot.press('ctrl-c', 'ctrl-c');
    await robot.exit;
  } finally {
    await robot.close();
    rmSync(home, {recursive: true, force: true});
  }
}

const healthy = (screen: string) => /HEALTHY/.test(screen) && /pg_node3 +secondary .* ok/.test(screen);

async function play(robot: Robot, take: Take): Promise<void> {
  await robot.waitFor(healthy);
  take('cluster', 'The cluster at a glance');
  robot.press('S');
  await robot.waitFor('(anything else: no)');
  take('switchover', 'A switchover, before it is confirmed');
  await confirm(robot, 'y');
  await robot.waitFor(/done after/, 30_000);
  robot.press('esc');
  await robot.waitFor(screen => healthy(screen) && screen.includes('ROLE → ASSIGNED'));
  robot.press('j', 'l');
  await robot.waitFor(/prepare_promotion/);
  // Of all that a container says, what it says of its states is the same every time.
  robot.press('/');
  await robot.waitFor('keep the filter');
  robot.type('new state "');
  robot.press('enter');
  await robot.waitUntilGone('keep the filter');
  await robot.waitFor(/assigned new state "primary"/);
  take('log', 'The log of the new primary, filtered');
}

async function playPowerCut(robot: Robot, take: Take): Promise<void> {
  await robot.waitFor(/fails over in/, 60_000);
  take('incident', 'The primary’s machine has lost its power');
}
