import {spawn} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {loadCluster} from '../../source/config/load-cluster.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {closeRobotsAfterEach} from './close-robots.ts';
import {isHealthy, tableIn} from './cluster-table.ts';
import {consoleEnvironment, consoleProgram, openConsole, temporaryFolder} from './console-program.ts';
import {runOverSsh} from './open-ssh.ts';
import {remoteProcesses, untilNoRemoteProcess} from './remote-processes.ts';
import {openRobot, type Robot} from './robot.ts';

// Sessions in real containers, over real sshds and dockers: bytes, keys, full-screen programs, losses, and that nothing is left behind.

const lab = await sharedLab();

closeRobotsAfterEach();

async function sshOf(host: string) {
  const cluster = await loadCluster({config: lab.configFile});
  if (!cluster.ok) throw new Error(cluster.problem.message);
  const found = cluster.value.hosts.find(each => each.name === host);
  if (found === undefined) throw new Error(`there is no ${host}`);
  return found.ssh;
}

async function openOnTheTable(home = temporaryFolder()): Promise<Robot> {
  const robot = openConsole({configuration: lab.configFile, home, columns: 100, rows: 30});
  await robot.waitFor(isHealthy, 20_000);
  return robot;
}

/** The shell of a node, at its prompt. */
async function shellIn(robot: Robot, node: string): Promise<void> {
  robot.press(':');
  await robot.waitFor(/enter run +tab complete/);
  robot.type(`shell ${node}\r`);
  await robot.waitFor(new RegExp(`\\[${node} (primary|standby|monitor)\\] \\S+\\$ *$`, 'm'));
}

/**
 * Resolves when a program on a host waits in the foreground of its terminal. less shows its screen and then begins to wait: a new window that it
 * hears of in between is followed at the next key only. The shell tells what it brings to the foreground before it does so.
 */
async function untilIdle(host: string, program: RegExp): Promise<void> {
  const ssh = await sshOf(host);
  const states = async () => {
    const pids = (await remoteProcesses(ssh, program)).map(({pid}) => pid);
    return (await runOverSsh(ssh, `ps -o stat= -p ${pids.join(',')}`)).stdout;
  };
  await expect.poll(states, {timeout: 20_000}).toMatch(/^S\S*\+\n$/);
}

/** Of a program that touches nothing of the person who runs the tests. */
function environment(home = temporaryFolder()) {
  return {PATH: process.env.PATH ?? '', ...consoleEnvironment(home)};
}

/** What the audit log in a home tells of sessions: what ran, and the exit status that it ended with. */
function auditedSessions(home: string) {
  const [file = ''] = readdirSync(join(home, 'state/pgaf')).filter(name => name.startsWith('audit-'));
  const lines = readFileSync(join(home, 'state/pgaf', file), 'utf8')
    .trimEnd()
    .split('\n');
  return lines
    .map(line => JSON.parse(line))
    .map(({event, action, target, steps: [step]}) => ({
      ...{event, action, target},
      ...{argv: step.argv.join(' '), exitCode: step.exitCode},
    }));
}

/** Runs the built program with these bytes as its standard input. */
async function run(args: readonly string[], stdin: Uint8Array = new Uint8Array(), home = temporaryFolder()) {
  const child = spawn(consoleProgram.node, [consoleProgram.bundle, '--config', lab.configFile, ...args], {
    env: environment(home),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const collected = [child.stdout, child.stderr].map(stream => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return chunks;
  });
  child.stdin.end(stdin);
  const [code] = await once(child, 'close');
  const [stdout = Buffer.of(), stderr = Buffer.of()] = collected.map(chunks => Buffer.concat(chunks));
  return {code, stdout, stderr: stderr.toString()};
}

test('a full-screen program, job control, a large paste, and the exit status', async () => {
  const robot = await openOnTheTable();
  await shellIn(robot, 'pg_node2');
  robot.type('top\r');
  await robot.waitFor(/PID +USER[\s\S]*postgres/);
  expect(robot.modes.cursorVisible()).toBe(false);
  robot.resize(80, 20);
  await robot.waitFor(screen => screen.split('\n').length === 20 && /PID +USER[\s\S]*postgres/.test(screen));
  robot.type('q');
  await robot.waitFor(/\$ *$/m);
  robot.type('stty size\r');
  await robot.waitFor(/^20 80$/m);

  robot.type('sleep 5551\r');
  const ssh = await sshOf('vm2');
  await expect.poll(() => remoteProcesses(ssh, /sleep 5551/), {timeout: 20_000}).not.toEqual([]);
  robot.press('ctrl-z');
  await robot.waitFor(/Stopped +sleep 5551/);
  robot.type('fg\r');
  await robot.waitFor(/^sleep 5551$/m);
  await untilIdle('vm2', /^sleep 5551$/);
  robot.press('ctrl-c');
  await untilNoRemoteProcess(ssh, /sleep 5551/);

  // A key that docker would keep for itself brings the last line back at once.
  robot.type('echo $((6 * 7))\r');
  await robot.waitFor(/^42$/m);
  robot.press('ctrl-p');
  await robot.waitFor(/\$ echo \$\(\(6 \* 7\)\) *$/m);
  robot.press('ctrl-u');

  const line = `${'0123456789'.repeat(9)} äöü€`;
  const lines = Math.ceil(100_000 / Buffer.byteLength(line));
  robot.type('stty -echo; echo ready; wc -c; stty echo\r');
  await robot.waitFor(/^ready$/m);
  robot.paste(`${line}\n`.repeat(lines));
  robot.press('ctrl-d');
  await robot.waitFor(new RegExp(`^${(Buffer.byteLength(line) + 1) * lines}$`, 'm'), 20_000);

  // Modes that a program forgets to take back are not the console's.
  robot.type("printf '\\033[?1002h\\033[?1004h\\033(0'; exit 9\r");
  await robot.waitFor('the shell in pg_node2 ended with exit status 9');
  expect(robot.modes.mouse()).toBe('none');
  robot.press('q');
  expect((await robot.exit).code).toBe(0);
  expect(robot.modes.leftOver()).toEqual([]);
});

test('less and vi: move, search, follow the window, write and quit; the console is as it was, and the shell in the audit log', async () => {
  const home = temporaryFolder();
  const robot = await openOnTheTable(home);
  const table = tableIn(robot.screen());
  await shellIn(robot, 'pg_node1');
  robot.type('seq 1000 >/tmp/numbers; echo made\r');
  await robot.waitFor(/^made$/m);
  robot.type('less /tmp/numbers\r');
  await robot.waitFor(/^1\n2\n/);
  robot.type('G');
  await robot.waitFor(/^1000\n\(END\)$/m);
  robot.type('?^555$\r');
  await robot.waitFor(/^555\n556\n/);
  await untilIdle('vm1', /^less /);
  robot.resize(80, 20);
  await robot.waitFor(screen => screen.split('\n').length === 20 && /^555\n[\s\S]*\n573\n:$/.test(screen));
  robot.type('q');
  await robot.waitFor(/^made\n[\s\S]*\$ *$/m);

  robot.type('vi /tmp/numbers\r');
  await robot.waitFor(/^1\n2\n[\s\S]*"\/tmp\/numbers"/);
  const line = () => robot.row(robot.cursor().y);
  robot.type('jjj');
  await robot.waitFor(() => line() === '4');
  robot.type('/^321$\r');
  await robot.waitFor(() => line() === '321');
  robot.resize(100, 30);
  await robot.waitFor(screen => screen.split('\n').length === 30 && line() === '321');
  robot.type('osome words');
  await robot.waitFor(/^321\nsome words\n322$/m);
  robot.press('esc');
  robot.type(':wq\r');
  await robot.waitFor(/^made\n[\s\S]*\$ *$/m);
  robot.type('grep -n words /tmp/numbers\r');
  await robot.waitFor(/^322:some words$/m);

  robot.type('exit\r');
  await robot.waitFor(screen => screen.includes('the shell in pg_node1 has ended') && isHealthy(screen));
  expect(tableIn(robot.screen())).toEqual(table);
  const shell = {action: 'shell', target: 'pg_node1', argv: 'docker exec -it pg_node1 sh'};
  expect(auditedSessions(home)).toEqual([
    {event: 'begin', ...shell, exitCode: null},
    {event: 'end', ...shell, exitCode: 0},
  ]);
});

test('pipes: bytes as they are, both outputs apart, the exit status, read-only psql', async () => {
  const bytes = randomBytes(1_000_000);
  const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
  const copied = await run(['exec', 'pg_node1', '--', 'cat'], bytes);
  expect([copied.code, hash(copied.stdout)]).toEqual([0, hash(bytes)]);
  const counted = await run(['exec', 'pg_node1', '--', 'wc', '-c'], bytes);
  expect(counted.stdout.toString().trim()).toBe('1000000');

  const home = temporaryFolder();
  const apart = await run(['exec', 'vm1', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'], undefined, home);
  expect(apart).toMatchObject({code: 7, stdout: Buffer.from('out\n'), stderr: 'err\n'});
  const what = {
    action: 'exec',
    target: 'pg_node1',
    argv: expect.stringMatching(/^docker exec -i pg_node1 sh -c echo out/),
  };
  expect(auditedSessions(home)).toEqual([
    {event: 'begin', ...what, exitCode: null},
    {event: 'end', ...what, exitCode: 7},
  ]);
  expect(await run(['exec', 'pg_node1', '--', 'sh', '-c', 'kill -TERM $$'])).toMatchObject({code: 143});
  const refused = await run(['psql', 'pg_node1', '--', '-c', 'create table sessions ()']);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/cannot execute CREATE TABLE in a read-only transaction/),
  });
  const monitor = await run(['psql', 'monitor', '--', '-Atc', 'select count(*) from pgautofailover.node']);
  expect(monitor.stdout.toString()).toBe('3\n');
  const unknown = await run(['exec', 'pg_nod1', '--', 'true']);
  expect(unknown).toMatchObject({code: 64, stderr: expect.stringContaining('did you mean pg_node1?')});
});

test('commands on a terminal: as in the console, and the terminal is given back, also when they are ended', async () => {
  const shell = async () => {
    const robot = openRobot({
      command: consoleProgram.node,
      args: [consoleProgram.bundle, '--config', lab.configFile, 'shell', 'pg_node1'],
      env: consoleEnvironment(temporaryFolder()),
    });
    await robot.waitFor(/^\[pg_node1 \w+\] \S+\$ *$/m, 20_000);
    return robot;
  };
  const left = await shell();
  left.type('printf "\\033[?2004h\\033[?1000h"; exit 5\r');
  expect((await left.exit).code).toBe(5);
  expect(left.modes.leftOver()).toEqual([]);

  const ended = await shell();
  ended.type('printf "\\033[?1049h\\033[?1002h"\r');
  await expect.poll(() => ended.modes.mouse()).toBe('drag');
  ended.kill('SIGTERM');
  expect((await ended.exit).code).toBe(143);
  expect(ended.modes.leftOver()).toEqual([]);
});

const left = /PGAF_SESSION|sleep 55\d\d/;

test('kill -9 leaves nothing behind, on the host or in the container: of a shell with jobs, of pipes, and of one that nobody reads any more', async () => {
  const ssh = await sshOf('vm2');
  const robot = await openOnTheTable();
  await shellIn(robot, 'pg_node2');
  robot.type('sleep 5561 & sleep 5562\r');
  const children = [
    spawn(
      consoleProgram.node,
      [consoleProgram.bundle, '--config', lab.configFile, 'exec', 'pg_node2', '--', 'sleep', '5563'],
      {env: environment(), stdio: ['ignore', 'ignore', 'inherit']},
    ),
    spawn(
      consoleProgram.node,
      [consoleProgram.bundle, '--config', lab.configFile, 'exec', 'pg_node2', '--', 'sh', '-c', 'sleep 5564; :'],
      {env: environment(), stdio: ['pipe', 'ignore', 'inherit']},
    ),
  ];
  try {
    for (const name of ['5561', '5562', '5563', '5564']) {
      await expect.poll(() => remoteProcesses(ssh, new RegExp(`sleep ${name}`)), {timeout: 20_000}).not.toEqual([]);
    }
  } finally {
    robot.kill('SIGKILL');
    for (const child of children) child.kill('SIGKILL');
  }
  await untilNoRemoteProcess(ssh, left, 20_000);

  const unread = spawn(
    consoleProgram.node,
    [consoleProgram.bundle, '--config', lab.configFile, 'exec', 'pg_node2', '--', 'yes', '5565'],
    {env: environment(), stdio: ['ignore', 'pipe', 'inherit']},
  );
  const ended = once(unread, 'exit');
  await once(unread.stdout, 'data');
  unread.stdout.destroy();
  expect((await ended)[0]).toBe(141);
  await untilNoRemoteProcess(ssh, /yes 5565/, 20_000);
});

/** The cluster is at rest again after the test. */
function restoreAfterwards(): void {
  onTestFinished(async () => {
    await lab.restore();
  }, 120_000);
}

test('a killed container and a frozen docker give the screen back', async () => {
  restoreAfterwards();
  const robot = await openOnTheTable();
  await shellIn(robot, 'pg_node3');
  await lab.fault('kill', 'pg_node3');
  await robot.waitFor(/the shell in pg_node3 ended with exit status 137/, 20_000);

  await lab.fault('freeze', 'vm2', 'dockerd');
  robot.press(':');
  await robot.waitFor(/enter run +tab complete/);
  robot.type('shell pg_node2\r');
  await robot.waitFor(/^pg_node2 on vm2/m);
  robot.press('enter', '~', '.');
  await robot.waitFor(/the shell in pg_node2 was left/);
  await lab.fault('thaw');
  await untilNoRemoteProcess(await sshOf('vm2'), left, 30_000);
});

test('a cut network ends a session here with its reason, and there once the host can be reached again', async () => {
  restoreAfterwards();
  const robot = await openOnTheTable();
  await shellIn(robot, 'pg_node2');
  robot.type('sleep 5571\r');
  const ssh = await sshOf('vm2');
  await expect.poll(() => remoteProcesses(ssh, /sleep 5571/), {timeout: 20_000}).not.toEqual([]);
  await lab.fault('partition', 'vm2');
  await robot.waitFor(/the shell in pg_node2 is lost: .*vm2/, 60_000);
  expect(robot.modes.alternateScreen()).toBe(true);
  await lab.fault('heal');
  await untilNoRemoteProcess(ssh, /sleep 5571/, 60_000);
});
