import {afterEach, beforeAll, describe, expect, test} from 'vitest';
import {loadCluster} from '../../source/config/load-cluster.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {closeRobotsAfterEach} from './close-robots.ts';
import {isHealthy, statesOf, tableIn} from './cluster-table.ts';
import {consoleProgram} from './console-program.ts';
import {openSshArguments, runOverSsh} from './open-ssh.ts';
import {remoteProcesses, untilNoRemoteProcess} from './remote-processes.ts';
import {openRobot, type Robot} from './robot.ts';

// The console where it is mostly run: on a machine of the cluster, inside `ssh -t`, far away, in tmux or not, on terminals of all kinds.

const lab = await sharedLab();
const tmux = ['tmux', '-L', 'pgaf-test', '-f', '/dev/null'];
const consoleOnHost = /dist\/cli\.js|^pgaf$/;
const ofTheConsole = /docker.* (logs|events|exec) |psql/;

closeRobotsAfterEach();
beforeAll(async () => {
  await lab.restore();
  await lab.fault('slow', 'vm1', 150);
  return async () => {
    await lab.restore();
  };
});
afterEach(async () => {
  await lab.exec('vm1', [...tmux, 'kill-server']);
  for (const {ssh} of await hosts()) await untilNoRemoteProcess(ssh, ofTheConsole);
});

async function hosts() {
  const cluster = await loadCluster({config: lab.configFile});
  if (!cluster.ok) throw new Error(cluster.problem.message);
  return cluster.value.hosts;
}

/** What a person types on vm1 to open the console there; the repository is at the same path on a machine of the lab. */
function consoleCommand(environment: Readonly<Record<string, string>>): string {
  const own = {HOME: '/tmp/home', XDG_STATE_HOME: '/tmp/home/state', ...environment};
  const variables = Object.entries(own).map(([name, value]) => `${name}=${value}`);
  return ['env', '-u', 'LC_ALL', ...variables, consoleProgram.node, consoleProgram.bundle, '--config', lab.configFile]
    .map(word => `'${word}'`)
    .join(' ');
}

/** A person's terminal with `ssh -t vm1 COMMAND` in it, under a shell that stays when ssh ends. */
async function openOnHost(command: string, term = 'xterm'): Promise<Robot> {
  const [first] = await hosts();
  if (first === undefined) throw new Error('the lab has no host');
  const ssh = ['ssh', '-tt', ...openSshArguments(first.ssh), command].map(word => `'${word.replaceAll("'", `'\\''`)}'`);
  const script = `echo before; ${ssh.join(' ')}; echo "code $?"; echo after; read -r line && echo "read $line"`;
  return openRobot({command: 'bash', args: ['--norc', '--noprofile', '-c', script], env: {TERM: term}});
}

async function expectTerminalAsBefore(robot: Robot): Promise<void> {
  await robot.waitFor(/^after$/m);
  expect(robot.modes.leftOver()).toEqual([]);
  expect(robot.screen()).toMatch(/^before$/m);
  robot.type('echoed\r');
  await robot.waitFor('read echoed');
}

function foreignBytes(robot: Robot): number[] {
  return [...robot.transcript()].filter(byte => byte > 0x7e || (byte < 0x20 && ![7, 8, 10, 13, 27].includes(byte)));
}

describe('inside ssh -t, 150 ms away', () => {
  test.each([
    {term: 'xterm', locale: 'C.UTF-8'},
    {term: 'screen-256color', locale: 'C.UTF-8'},
    {term: 'linux', locale: 'C'},
  ])('TERM=$term LANG=$locale reads the same and leaves the terminal clean', async ({term, locale}) => {
    const robot = await openOnHost(consoleCommand({LANG: locale}), term);
    await robot.waitFor(isHealthy, 30_000);
    expect(tableIn(robot.screen())).toEqual(statesOf(await lab.showState()));
    expect(robot.row(23)).toMatch(/enter node {2}l logs .* S switchover .*\? help/);
    robot.press('q');
    await expectTerminalAsBefore(robot);
    expect(robot.screen()).toMatch(/^code 0$/m);
    if (locale === 'C') expect(foreignBytes(robot)).toEqual([]);
  });

  test('in tmux, with LANG=C: the same, and it goes on when the connection is cut', async () => {
    const command = [...tmux, 'new-session', '-A', '-s', 'oncall', '"$CONSOLE"'].join(' ');
    const robot = await openOnHost(
      `export LANG=C CONSOLE=${shellWord(consoleCommand({LANG: 'C', TERM: 'screen-256color'}))}; ${command}`,
      'xterm-256color',
    );
    await robot.waitFor(isHealthy, 30_000);
    expect(tableIn(robot.screen())).toEqual(statesOf(await lab.showState()));
    expect([...robot.screen()].filter(character => character > '~')).toEqual([]);
    robot.press('?');
    await robot.waitFor(/everything known of the selected node/);
    await robot.close();

    const again = await openOnHost([...tmux, 'attach', '-t', 'oncall'].join(' '), 'xterm-256color');
    await again.waitFor(/everything known of the selected node/, 20_000);
    again.press('esc');
    await again.waitFor(isHealthy, 20_000);
    again.press('q');
    await expectTerminalAsBefore(again);
  });

  test('how long a key takes, beside what the line itself takes', async () => {
    const line = await openOnHost('stty -echo raw; echo ready; cat');
    await line.waitFor('ready', 20_000);
    const round = await median(line, ['1', '2', '3', '4', '5', '6', '7', '8']);
    const robot = await openOnHost(consoleCommand({LANG: 'C.UTF-8'}));
    await robot.waitFor(isHealthy, 30_000);
    const key = await median(robot, ['j', 'j', 'k', 'k', 'j', 'j', 'k', 'k']);
    console.log(`key to screen ${key.toFixed(0)} ms, an echo over the same line ${round.toFixed(0)} ms`);
    robot.press('q');
    await robot.waitFor(/^after$/m);
  });

  test('a cut connection ends the console on the machine, and what it ran on the others', async () => {
    const robot = await openOnHost(consoleCommand({LANG: 'C.UTF-8'}));
    await robot.waitFor(isHealthy, 30_000);
    const [first] = await hosts();
    if (first === undefined) throw new Error('the lab has no host');
    expect(await remoteProcesses(first.ssh, consoleOnHost)).not.toEqual([]);
    await robot.close();
    await untilNoRemoteProcess(first.ssh, consoleOnHost);
  });

  test('the machine shuts down in order: the console leaves the terminal as it was', async () => {
    const robot = await openOnHost(consoleCommand({LANG: 'C.UTF-8'}));
    await robot.waitFor(isHealthy, 30_000);
    const [first] = await hosts();
    if (first === undefined) throw new Error('the lab has no host');
    const [running] = await remoteProcesses(first.ssh, /^pgaf$/);
    await runOverSsh(first.ssh, `kill -HUP ${running?.pid}`);
    await expectTerminalAsBefore(robot);
    expect(robot.screen()).toMatch(/^code 129$/m);
  });
});

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The median of the times from each key to the next change of the screen, in ms. */
async function median(robot: Robot, keys: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (const key of keys) {
    const before = selectionOf(robot.screen());
    const pressedAt = performance.now();
    robot.press(key);
    times.push((await robot.waitFor(screen => selectionOf(screen) !== before)) - pressedAt);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

/** What a key changes: the row that is selected, or all of a screen without a table. */
function selectionOf(screen: string): string {
  return /^[▶>]pg_node\d/m.exec(screen)?.[0] ?? screen;
}
