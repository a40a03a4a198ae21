import {spawnSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {closeRobotsAfterEach} from './close-robots.ts';
import {
  consoleEnvironment,
  consoleProgram,
  openConsole,
  temporaryFolder,
  unreachableConfiguration,
} from './console-program.ts';
import {openRobot, type Robot, type RobotOptions} from './robot.ts';

// What the console does to a terminal, and gives back. None of it needs a cluster: every host refuses the connection.

closeRobotsAfterEach();

const stackLine = /^\s+at .*[(:]\d+:\d+\)?$/m;
const shown = (screen: string) => /unknown/i.test(screen) && screen.includes('orders') && screen.includes('vm3');
/** A frame of the right size has the keys in its last row. */
const hasLastRow = (screen: string) => /\S/.test(screen.split('\n').at(-1) ?? '');

async function openUnreachable(more: Partial<RobotOptions> = {}): Promise<Robot> {
  const home = temporaryFolder();
  const robot = openConsole({configuration: unreachableConfiguration(home), home, ...more});
  await robot.waitFor(shown);
  return robot;
}

/** The console under a shell that tells whether the terminal's line settings are as before; without the console as session leader. */
async function openUnderShell(more: {node?: string; columns?: number; rows?: number} = {}): Promise<Robot> {
  const home = temporaryFolder();
  const script = [
    'echo before',
    'settings=$(stty -g)',
    `"$NODE" ${more.node ?? ''} "$BUNDLE" --config "$CONFIG"`,
    'echo "code $?"',
    '[ "$settings" = "$(stty -g)" ] && echo "settings as before"',
    'echo after',
    'read -r line && echo "read $line"',
  ].join('\n');
  const robot = openRobot({
    command: 'bash',
    // Interactive job control gives the console its own process group, as in a person's shell.
    args: ['--norc', '--noprofile', '-m', '-c', script],
    env: {
      ...consoleEnvironment(home),
      NODE: consoleProgram.node,
      BUNDLE: consoleProgram.bundle,
      CONFIG: unreachableConfiguration(home),
    },
    columns: more.columns ?? 80,
    rows: more.rows ?? 24,
  });
  await robot.waitFor(shown);
  return robot;
}

/** The console's own process, where a shell or a wrapper started it. */
function consolePid(robot: Robot): number {
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    if (!statusOf(pid).includes(`\nPPid:\t${robot.pid}\n`)) continue;
    return Number(pid);
  }
  throw new Error(`no child of ${robot.pid}\n${robot.picture()}`);
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

async function expectTerminalAsBefore(
  robot: Robot,
  code: number | RegExp,
  more: {stack?: boolean} = {},
): Promise<void> {
  await robot.waitFor('after');
  expect(robot.modes.leftOver()).toEqual([]);
  expect(robot.screen()).toMatch(/^before$/m);
  expect(robot.screen()).toMatch(code instanceof RegExp ? code : new RegExp(`^code ${code}$`, 'm'));
  expect(robot.screen()).toMatch(/^settings as before$/m);
  if (more.stack !== true) expect(robot.screen()).not.toMatch(stackLine);
  robot.type('echoed\r');
  await robot.waitFor('read echoed');
}

describe('not a terminal', () => {
  test.each([
    ['input', {stdin: 'pipe'}],
    ['output', {stdout: 'pipe'}],
  ] as const)('without a terminal as %s it says so and ends with 64', async (_name, {...pipes}) => {
    const home = temporaryFolder();
    const command = `"$NODE" "$BUNDLE" --config "$CONFIG" ${'stdin' in pipes ? '</dev/null' : '>output'}; echo "code $?"`;
    const robot = openRobot({
      command: 'bash',
      args: ['--norc', '--noprofile', '-c', command],
      env: {
        ...consoleEnvironment(home),
        NODE: consoleProgram.node,
        BUNDLE: consoleProgram.bundle,
        CONFIG: unreachableConfiguration(home),
      },
      cwd: home,
    });
    await robot.waitFor(/^code \d+$/m);
    expect(robot.screen()).toMatch(/^code 64$/m);
    expect(robot.screen()).toContain('terminal');
    expect(robot.screen()).not.toMatch(stackLine);
    if ('stdout' in pipes) expect(readFileSync(join(home, 'output'), 'utf8')).toBe('');
  });

  test('without any terminal the words go to standard error', () => {
    const home = temporaryFolder();
    const {status, stdout, stderr} = spawnSync(
      consoleProgram.node,
      [consoleProgram.bundle, '--config', unreachableConfiguration(home)],
      {env: {PATH: process.env.PATH, ...consoleEnvironment(home)}, encoding: 'utf8', timeout: 20_000},
    );
    expect(status).toBe(64);
    expect(stdout).toBe('');
    expect(stderr).toContain('terminal');
    expect(stderr).not.toMatch(stackLine);
  });
});

describe('the way out', () => {
  test('q ends it and leaves the terminal as it was', async () => {
    const robot = await openUnderShell();
    expect(robot.modes.alternateScreen()).toBe(true);
    expect(robot.screen()).not.toContain('before');
    robot.press('q');
    await expectTerminalAsBefore(robot, 0);
  });

  test('ctrl-c asks once and ends it at the second press', async () => {
    const robot = await openUnderShell();
    robot.press('ctrl-c');
    await robot.waitFor(/ctrl-c again|again to quit|once more/i);
    expect(robot.ended()).toBeUndefined();
    robot.press('ctrl-c');
    await expectTerminalAsBefore(robot, 0);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('%s ends it and leaves the terminal as it was', async (signal, code) => {
    const robot = await openUnderShell();
    process.kill(consolePid(robot), signal);
    await expectTerminalAsBefore(robot, code);
  });

  test('a defect ends it with a word, a code, and the terminal as it was', async () => {
    const hook = fileURLToPath(new URL('crash-on-signal.mjs', import.meta.url));
    const robot = await openUnderShell({node: `--import '${hook}'`});
    process.kill(consolePid(robot), 'SIGUSR2');
    await expectTerminalAsBefore(robot, 70, {stack: true});
    expect(robot.screen()).toContain('a defect made by the test');
  });

  test('the terminal is closed under it: it ends', async () => {
    const robot = await openUnreachable();
    robot.kill('SIGHUP');
    const {code, signal} = await robot.exit;
    expect([code, signal]).toSatisfy(([one, other]) => one === 129 || other === 1);
  });

  test('a terminal that reads no more does not keep it from ending', async () => {
    const robot = await openUnreachable({columns: 200, rows: 50});
    robot.stopReading();
    // Full repaints until neither the kernel nor the console can put more anywhere.
    for (let step = 0; step < 20; step += 1) robot.resize(step % 2 === 0 ? 199 : 200, 50);
    robot.kill('SIGTERM');
    const {code, signal} = await robot.exit;
    expect([code, signal]).toSatisfy(([one, other]) => one === 143 || other === 15);
  });
});

describe('the size', () => {
  test('follows the window, and everything is back after it was tiny', async () => {
    const robot = await openUnreachable({columns: 120, rows: 35});
    robot.resize(80, 24);
    await robot.waitFor(screen => shown(screen) && hasLastRow(screen));
    for (const [columns, rows] of [
      [40, 12],
      [20, 5],
      [5, 2],
      [1, 1],
    ] as const) {
      robot.resize(columns, rows);
    }
    robot.resize(120, 35);
    await robot.waitFor(screen => shown(screen) && hasLastRow(screen));
    expect(robot.ended()).toBeUndefined();
    robot.press('q');
    expect((await robot.exit).code).toBe(0);
  });

  test('opens in a window too narrow for the table without wrapping a row', async () => {
    const home = temporaryFolder();
    const robot = openConsole({configuration: unreachableConfiguration(home), home, columns: 30, rows: 8});
    await robot.waitFor(screen => screen.trim() !== '');
    robot.resize(80, 24);
    await robot.waitFor(screen => shown(screen) && hasLastRow(screen));
  });
});

describe('the kind of terminal', () => {
  test.each(['xterm', 'xterm-256color', 'screen-256color', 'tmux-256color', 'linux', 'vt220'])(
    'TERM=%s shows the same words and is restored',
    async term => {
      const robot = await openUnreachable({env: {TERM: term}});
      await robot.waitFor('vm1');
      expect(robot.screen()).toContain('pg_node2');
      robot.press('q');
      await robot.exit;
      expect(robot.modes.leftOver()).toEqual([]);
    },
  );

  test.each([
    {LANG: 'C', LC_ALL: undefined},
    {LANG: undefined, LC_ALL: undefined},
    {LANG: 'en_US.UTF-8', LC_ALL: 'POSIX'},
    {LANG: 'de_DE.ISO-8859-1', LC_ALL: undefined},
  ])('with the locale LANG=$LANG LC_ALL=$LC_ALL not one byte is outside ASCII', async env => {
    const robot = await openUnreachable({env});
    robot.press('?');
    await robot.waitUntilGone(shown);
    robot.press('esc');
    await robot.waitFor(shown);
    robot.press('q');
    await robot.exit;
    const foreign = [...robot.transcript()].filter(
      byte => byte > 0x7e || (byte < 0x20 && ![7, 8, 10, 13, 27].includes(byte)),
    );
    expect(foreign).toEqual([]);
  });

  test('with NO_COLOR there is no colour, and without it there is', async () => {
    const plain = await openUnreachable({env: {NO_COLOR: '1'}});
    expect([...plain.modes.coloursSeen()]).toEqual([]);
    const coloured = await openUnreachable();
    expect(coloured.modes.coloursSeen().size).toBeGreaterThan(0);
  });

  test('--no-color is the same', async () => {
    const robot = await openUnreachable({args: ['--no-color']});
    expect([...robot.modes.coloursSeen()]).toEqual([]);
  });

  test('CI in the environment changes nothing', async () => {
    await openUnreachable({env: {CI: 'true'}});
  });
});
