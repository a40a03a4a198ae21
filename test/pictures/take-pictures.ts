import {fileURLToPath} from 'node:url';
import {openRobot, type Robot} from '../robot/robot.ts';
import {drawSvg} from './draw-svg.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const columns = 110;
const rows = 30;

/** The pictures of the README, by file name, and a recording (asciicast v2): the built console on the embedded cluster, driven by keys. */
export async function takePictures(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const frames: string[] = [];
  let begin = 0;
  const robot = openRobot({
    command: `${root}node_modules/node/bin/node`,
    args: [`${root}dist/cli.js`, 'demo', '--seed', '7'],
    env: {COLORTERM: 'truecolor', TERM: 'xterm-256color', LANG: 'C.UTF-8', TZ: 'UTC'},
    columns,
    rows,
    onBytes: (bytes, at) => {
      begin ||= at;
      frames.push(JSON.stringify([Number(((at - begin) / 1000).toFixed(3)), 'o', bytes.toString('utf8')]));
    },
  });
  const take = (name: string, title: string) =>
    files.set(`${name}.svg`, drawSvg({columns, rows, title, cell: robot.cell}));
  try {
    await play(robot, take);
  } finally {
    robot.press('ctrl-c', 'ctrl-c');
    await robot.close();
  }
  const head = JSON.stringify({version: 2, width: columns, height: rows, title: 'pgaf demo'});
  files.set('demo.cast', `${[head, ...frames].join('\n')}\n`);
  return files;
}

async function play(robot: Robot, take: (name: string, title: string) => void): Promise<void> {
  await robot.waitFor(/HEALTHY/, 20_000);
  await robot.waitFor(/\bsync\b|\bquorum\b/i, 20_000);
  take('cluster', 'The cluster at a glance');
  robot.press('S');
  await robot.waitFor(/perform (failover|switchover|promotion)/);
  take('switchover', 'A switchover, before it is confirmed');
  robot.press('esc');
  await robot.waitFor(/HEALTHY/);
  robot.press('l');
  await robot.waitFor(/LOG|INFO/);
  take('log', 'The log of a container');
  robot.press('esc');
  await robot.waitFor(/HEALTHY/);
  robot.type(':');
  robot.type('fault poweroff vm1');
  robot.press('enter');
  await robot.waitFor(/fails over in/, 60_000);
  take('incident', 'The primary’s machine has lost its power');
  await robot.waitFor(/DEGRADED/, 90_000);
}
