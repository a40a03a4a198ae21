import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {operatorPassword} from '../lab/accounts.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {closeRobotsAfterEach} from '../robot/close-robots.ts';
import {consoleEnvironment, consoleProgram, openConsole, temporaryFolder} from '../robot/console-program.ts';
import {openRobot, type Robot} from '../robot/robot.ts';
import {changedConfiguration} from './lab-configuration.ts';
import {runPgaf} from './run-pgaf.ts';

// What can be wrong between the person and the cluster. Each has to be a sentence that says what to do, by every way of looking.

const lab = await sharedLab();
const stackLine = /^\s+at .*[(:]\d+:\d+\)?$/m;

closeRobotsAfterEach();

/** The words of a command as one paragraph, so that a test does not depend on where lines are broken. */
async function wordsOf(...argv: string[]): Promise<{exitCode: number | null; words: string}> {
  const {exitCode, stdout, stderr} = await runPgaf(...argv);
  expect(`${stdout}${stderr}`).not.toMatch(stackLine);
  return {exitCode, words: inOneLine(`${stdout}\n${stderr}`)};
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function newKey(folder: string, name: string): string {
  const file = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  return file;
}

function fingerprintOf(publicKeyFile: string): string {
  const [, fingerprint = ''] = execFileSync('ssh-keygen', ['-lf', publicKeyFile], {encoding: 'utf8'}).split(' ');
  return fingerprint;
}

function hostKeyOf(host: string): string {
  return fingerprintOf(join(lab.directory, host, 'etc/ssh/ssh_host_ed25519_key.pub'));
}

describe('a key that the server does not know', () => {
  test('is named, with where to put it', async () => {
    const folder = temporaryFolder();
    const key = newKey(folder, 'wrong');
    const config = changedConfiguration(lab, folder, host => ({...host, identityFile: key}));
    const check = await wordsOf('config', 'check', '--config', config);
    expect(check.words).toContain(`does not let root in: tried key ${key} (${fingerprintOf(`${key}.pub`)})`);
    expect(check.words).toContain('add one of these keys to ~root/.ssh/authorized_keys');
    expect(check.exitCode).toBe(69);
    const status = await wordsOf('status', '--config', config);
    expect(status.words).toContain('vm3 (');
    expect(status.words).toContain(`does not let root in: tried key ${key}`);
    expect(status.exitCode).toBe(69);
  });
});

describe('the host key', () => {
  test('unknown, and nobody to ask: the fingerprint, and how to compare it; nothing is trusted', async () => {
    const folder = temporaryFolder();
    const knownHostsFile = join(folder, 'known_hosts');
    writeFileSync(knownHostsFile, '');
    const config = changedConfiguration(lab, folder, host => ({...host, knownHostsFile}));
    for (const argv of [['config', 'check'], ['status']]) {
      const {exitCode, words} = await wordsOf(...argv, '--config', config);
      expect(words).toMatch(/the host key of vm1 \(10[.0-9]+:22\) is not known: ssh-ed25519/);
      expect(words).toContain(hostKeyOf('vm1'));
      expect(words).toContain('compare it with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on that machine');
      expect(exitCode).toBe(69);
    }
    expect(readFileSync(knownHostsFile, 'utf8')).toBe('');
  });

  test('unknown, in the console: no leaves it unknown, yes adds it and the table comes', async () => {
    const folder = temporaryFolder();
    const knownHostsFile = join(folder, 'known_hosts');
    writeFileSync(knownHostsFile, '');
    const config = changedConfiguration(lab, folder, host => ({...host, knownHostsFile}));
    const robot = openConsole({configuration: config, home: folder, columns: 100, rows: 30});
    for (let question = 0; question < 3; question += 1) await answer(robot, 'no');
    await robot.waitFor(/host key/);
    expect(readFileSync(knownHostsFile, 'utf8')).toBe('');
    robot.press('r');
    for (let question = 0; question < 3; question += 1) {
      await robot.waitFor('Unknown host key');
      const asked = inOneLine(dialogIn(robot.screen()));
      expect(asked).toContain(hostKeyOf(/vm\d/.exec(asked)?.[0] ?? 'none'));
      await answer(robot, 'yes');
    }
    await robot.waitFor(/HEALTHY/, 20_000);
    expect(readFileSync(knownHostsFile, 'utf8').match(/ssh-ed25519/g)).toHaveLength(3);
  });

  test('changed: both fingerprints, where the old one stands, and no question', async () => {
    const folder = temporaryFolder();
    const other = newKey(folder, 'other');
    const knownHostsFile = join(folder, 'known_hosts');
    const [type = '', key = ''] = readFileSync(`${other}.pub`, 'utf8').split(' ');
    writeFileSync(
      knownHostsFile,
      lab
        .hosts()
        .map(({address}) => `${address} ${type} ${key}\n`)
        .join(''),
    );
    const config = changedConfiguration(lab, folder, host => ({...host, knownHostsFile}));
    const expected = `has changed: known ${fingerprintOf(`${other}.pub`)}, offered ${hostKeyOf('vm1')}`;
    for (const argv of [['config', 'check'], ['status']]) {
      const {exitCode, words} = await wordsOf(...argv, '--config', config);
      expect(words).toContain(expected);
      expect(words).toContain(`ssh-keygen -f ${knownHostsFile} -R`);
      expect(words).toContain('somebody may be listening');
      expect(exitCode).toBe(69);
    }
    const robot = openConsole({configuration: config, home: folder, columns: 100, rows: 30});
    await robot.waitFor(/host key/);
    expect(robot.screen()).not.toContain('Unknown host key');
    robot.press('j', 'enter');
    await robot.waitFor(screen => inOneLine(screen).includes(hostKeyOf('vm2')));
    expect(inOneLine(robot.screen())).toContain(fingerprintOf(`${other}.pub`));
  });
});

describe('the password', () => {
  test('wrong: refused, asked for again, and the right one opens the table', async () => {
    const folder = temporaryFolder();
    const key = newKey(folder, 'wrong');
    const config = changedConfiguration(lab, folder, host =>
      host.name === 'vm1' ? {...host, user: 'operator', identityFile: key} : undefined,
    );
    const robot = openConsole({configuration: config, home: folder, columns: 100, rows: 30});
    await answer(robot, 'wrong', 'of operator on vm1');
    await answer(robot, operatorPassword, 'That was not right');
    await robot.waitFor(/pg_node1 {2,}.* ok/, 20_000);
    expect(robot.screen()).not.toContain(operatorPassword);
  });

  test('wrong each time: what was tried and what to do, on the terminal of a command', async () => {
    const folder = temporaryFolder();
    const key = newKey(folder, 'wrong');
    const config = changedConfiguration(lab, folder, host =>
      host.name === 'vm1' ? {...host, user: 'operator', identityFile: key} : undefined,
    );
    const robot = openRobot({
      command: consoleProgram.node,
      args: [consoleProgram.bundle, 'config', 'check', '--config', config],
      env: consoleEnvironment(folder),
      columns: 200,
      rows: 50,
      cwd: folder,
    });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await robot.waitFor(screen => screen.match(/Password of operator on vm1/g)?.length === attempt, 20_000);
      robot.type('wrong');
      robot.press('enter');
    }
    await robot.waitFor(/not tried/, 20_000);
    expect(inOneLine(robot.screen())).toMatch(/does not let operator in: tried .*keyboard-interactive \(refused\)/);
    expect(robot.screen()).toContain('->');
    expect(robot.screen()).not.toMatch(stackLine);
  });
});

describe('docker', () => {
  test('a container that is not there: what is there instead', async () => {
    const folder = temporaryFolder();
    const config = changedConfiguration(lab, folder, host =>
      host.name === 'vm2' ? {...host, node: {...host.node, container: 'pg_node9'}} : host,
    );
    const check = await wordsOf('config', 'check', '--config', config);
    expect(check.words).toContain('there is no container pg_node9 on vm2');
    expect(check.words).toContain('it has pg_node2; correct the name in the configuration');
    expect(check.exitCode).toBe(1);
    const status = await wordsOf('status', '--config', config);
    expect(status.words).toContain('no container pg_node9 on vm2');
    expect(status.words).toContain('correct its name in the configuration');
    expect(status.exitCode).toBe(1);
  });

  test('no permission: which command gives it', async () => {
    const folder = temporaryFolder();
    const config = changedConfiguration(lab, folder, host => ({...host, user: 'nodocker'}));
    for (const argv of [['config', 'check'], ['status']]) {
      const {exitCode, words} = await wordsOf(...argv, '--config', config);
      expect(words).toContain('no permission to use docker on vm1');
      expect(words).toContain('on vm1: sudo usermod -aG docker');
      expect(exitCode).toBe(1);
    }
  });
});

describe('the monitor', () => {
  afterEach(async () => {
    await lab.restore();
  });

  test('stopped: its port is closed, and the command that starts it', async () => {
    await lab.fault('stop', 'pg_monitor');
    const check = await wordsOf('config', 'check', '--config', lab.configFile);
    expect(check.words).toMatch(/pg_monitor on vm3 is exited/);
    expect(check.words).toContain('docker start pg_monitor');
    expect(check.exitCode).toBe(1);
    const status = await wordsOf('status', '--config', lab.configFile);
    expect(status.words).toMatch(/monitor pg_monitor@vm3 not reachable: .*pg_monitor/);
    expect(status.words).toContain('docker start pg_monitor');
    const robot = openConsole({configuration: lab.configFile, home: temporaryFolder(), columns: 100, rows: 30});
    await robot.waitFor(/docker start pg_monitor/, 20_000);
    expect(robot.row(0)).not.toContain('HEALTHY');
  });

  test('without such a formation: which there are', async () => {
    for (const argv of [['config', 'check'], ['status']]) {
      const {exitCode, words} = await wordsOf(...argv, '--config', lab.configFile, '--formation', 'absent');
      expect(words).toContain('the monitor has no formation "absent"');
      expect(words).toContain('set formation to one of: default');
      expect(exitCode).not.toBe(0);
    }
  });

  test('a formation that no node has joined yet is empty, not broken', async () => {
    const autoctl = (...argv: string[]) => lab.dockerExec('vm3', 'pg_monitor', ['pg_autoctl', ...argv]);
    await autoctl('create', 'formation', '--formation', 'empty', '--kind', 'pgsql', '--dbname', 'postgres');
    try {
      const check = await wordsOf('config', 'check', '--config', lab.configFile, '--formation', 'empty');
      expect(check.words).toContain('no nodes in formation empty yet');
      const status = await wordsOf('status', '--config', lab.configFile, '--formation', 'empty');
      expect(status.words).toContain('the monitor knows no node in formation empty');
      expect(status.words).toContain('a new cluster: create its nodes');
      expect(status.exitCode).not.toBe(0);
    } finally {
      await autoctl('drop', 'formation', '--formation', 'empty');
    }
  });
});

test.each([
  ['clusters:\n  - name: orders\n    hosts: [\n', /cluster\.yaml:\d+:\d+: not valid YAML/],
  ['clusters:\n  - name: orders\n    hosst: []\n', /cluster\.yaml:3:5: unknown key `hosst`.*did you mean `hosts`/],
])('a malformed configuration: file, line and what was expected', async (text, expected) => {
  const folder = temporaryFolder();
  const config = join(folder, 'cluster.yaml');
  writeFileSync(config, text);
  for (const argv of [['config', 'check'], ['status'], ['events']]) {
    const {exitCode, words} = await wordsOf(...argv, '--config', config);
    expect(words).toMatch(expected);
    expect(exitCode).toBe(78);
  }
});

/** The text of the dialog on the screen, without what is typed into it; empty when there is none. */
function dialogIn(screen: string): string {
  const lines = [...screen.matchAll(/│ (.*?) *│/g)].map(([, text = '']) => text);
  return lines.slice(0, -1).join('\n');
}

/** Answers the question that the console asks, once it looks as expected, and waits until it is gone. */
async function answer(robot: Robot, text: string, expected = ''): Promise<void> {
  await robot.waitFor(screen => dialogIn(screen) !== '' && dialogIn(screen).includes(expected), 20_000);
  const asked = dialogIn(robot.screen());
  const before = robot.screen();
  robot.type(text);
  await robot.waitFor(screen => screen !== before);
  robot.press('enter');
  await robot.waitUntilGone(screen => dialogIn(screen) === asked, 20_000);
}
