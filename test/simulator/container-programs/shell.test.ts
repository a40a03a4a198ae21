import {beforeEach, describe, expect, test, vi} from 'vitest';
import {containerProgram} from '../../../source/simulator/container-programs/container-program.ts';
import type {World} from '../../../source/simulator/world.ts';
import {settledWorld} from '../stage.ts';
import {run, start} from './run-program.ts';

const soon = {timeout: 10_000, interval: 5};
let world: World;

beforeEach(() => {
  world = settledWorld(3);
});

describe('sh -c', () => {
  const sh = async (script: string) => run(world, ['sh', '-c', script]);

  test.each([
    ['echo hello', 'hello\n'],
    [`echo 'a  b' "$PGDATA" c\\ d`, 'a  b /var/lib/postgres/pgaf c d\n'],
    ['false || echo no && echo yes', 'no\nyes\n'],
    ['true; echo $?; false; echo $?', '0\n1\n'],
    ['echo $NOTHING$' + '{OTHER:-standard}', 'standard\n'],
    ['X=1 env | grep X=', 'X=1\n'],
    ['ps aux | grep walsender | wc -l', '2\n'],
    ['cat /nowhere 2>/dev/null; echo done', 'done\n'],
    ['psql -Atc "select 1" | head -n 1', '1\n'],
    ['sed -n 4p /x 2>&1 | cat', 'sh: 1: sed: not found\n'],
  ])('%s', async (script, out) => {
    expect((await sh(script)).out).toBe(out);
  });

  test('ends with the status of its last command', async () => {
    expect(await sh('nothing-of-this-name')).toEqual({
      status: 127,
      out: '',
      error: 'sh: 1: nothing-of-this-name: not found\n',
    });
    expect((await sh('exit 7')).status).toBe(7);
    expect((await sh("echo 'open")).status).toBe(2);
  });
});

test('names from outside find programs only', () => {
  for (const name of ['constructor', '__proto__', 'toString', '', '/', 'sed'])
    expect(containerProgram(name)).toBeUndefined();
  expect(containerProgram('/usr/bin/psql')).toBe(containerProgram('psql'));
});

test('df and ps show the disk of the host and what runs', async () => {
  world.faults.fillDisk('vm1', 0.97);
  expect((await run(world, ['df', '-h'])).out).toContain('97% /var/lib/postgres');
  world.faults.killKeeper('pg_node1');
  expect((await run(world, ['ps'])).out).not.toContain('node active');
});

describe('the prompt', () => {
  test('runs commands and programs that read keys themselves, and goes on after them', async () => {
    const shell = start(world, ['bash'], {terminal: true});
    const shows = (text: string | RegExp) => vi.waitFor(() => expect(shell.output()).toMatch(text), soon);
    await shows(/postgres@\w{12}:\/var\/lib\/postgres\$ $/);
    shell.type('psql nowhere\r');
    await shows(/psql: error: .*database "nowhere" does not exist\r\n/);
    shell.type('psql\r');
    await shows(/postgres=# $/);
    shell.type('select 40 + 2;\rselect 42;\r');
    await shows(/ 42\r\n/);
    shell.type('\\q\r');
    await shows(/\\q\r\n.*postgres@\w{12}:\/var\/lib\/postgres\$ $/s);
    shell.type('sleep 1000\r');
    await shows(/sleep 1000\r\n$/);
    shell.type('\x03');
    await shows(/\^C\r\n.*\$ $/s);
    shell.type('echo $?\r');
    await shows(/130\r\n/);
    shell.type('\x04');
    expect(await shell.ended).toBe(0);
  });

  test('what a program reads is not read again by the shell, and Ctrl-C ends it', async () => {
    const shell = start(world, ['sh'], {terminal: true});
    shell.type('grep two\rone\rtwo\r\x04');
    await vi.waitFor(() => expect(shell.output()).toMatch(/two\r\ntwo\r\n.*\$ $/s), soon);
    shell.type('wc -l\rone\r\x03');
    await vi.waitFor(() => expect(shell.output()).toMatch(/\^C\r\n.*\$ $/s), soon);
    shell.type('exit $?\r');
    expect(await shell.ended).toBe(130);
    expect(shell.output()).not.toContain('not found');
  });

  test('keys typed ahead are for the program that reads next', async () => {
    const shell = start(world, ['sh'], {terminal: true});
    shell.type('sleep 5\rpsql\rselect 6 as ahead;\r\\q\rexit 3\r');
    await vi.waitFor(() => expect(shell.output()).toMatch(/sleep 5\r\n$/), soon);
    world.advance(6000);
    expect(await shell.ended).toBe(3);
    expect(shell.output()).toContain(' ahead \r\n');
  });
});
