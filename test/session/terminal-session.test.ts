import {once} from 'node:events';
import {describe, expect, test} from 'vitest';
import {good} from '../../source/cluster/problem.ts';
import type {SessionProgram} from '../../source/session/container-session.ts';
import type {SessionRecord} from '../../source/session/session-record.ts';
import {sessionOnTerminal} from '../../source/session/terminal-session.ts';
import type {ContainerPrograms} from '../../source/simulator/program.ts';
import {run, serve} from '../simulator/host-server/console.ts';
import {watchedWorld} from '../simulator/host-shell/watched-world.ts';
import {until} from '../ssh/until.ts';
import {testTerminal} from './lent.ts';

/** A session on a test's terminal, in a container of a simulated host. */
async function start(
  program: SessionProgram,
  more: {readOnly?: boolean; programs?: ContainerPrograms; container?: string} = {},
) {
  const world = watchedWorld();
  const {programs, container = 'pg_node1', readOnly = false} = more;
  const served = await serve(world, 'vm1', programs === undefined ? {} : {programs});
  run(world);
  const connection = served.open();
  const terminal = testTerminal();
  let marks = 0;
  let time = 0;
  const recorded: SessionRecord[] = [];
  const end = sessionOnTerminal(terminal, {
    connection,
    place: {container, host: 'vm1', docker: ['docker'], role: 'node', port: 5432},
    program,
    cluster: {name: 'orders', environment: 'production', readOnly},
    type: 'xterm-256color',
    newMark: () => `mark${++marks}`,
    state: 'primary',
    nodes: ['pg_node1', 'pg_node2'],
    history: [],
    inLine: false,
    record(session) {
      recorded.push(session);
      return good(undefined);
    },
    now: () => (time += 1000),
  });
  return {
    recorded,
    world,
    terminal,
    end,
    connection,
    shows: (what: RegExp) => until(() => what.test(terminal.written())),
  };
}

const prompt = /\[pg_node1 primary\] \S+\$ $/;

describe('a shell in a container', () => {
  test('says where one is, shows the node and its role, follows the window, and passes its exit status on', async () => {
    const {recorded, terminal, end, shows} = await start({kind: 'shell'});
    await shows(prompt);
    expect(recorded).toMatchObject([{id: 'mark1', place: {container: 'pg_node1'}, terminal: true}]);
    expect(recorded[0]).not.toHaveProperty('ended');
    expect(terminal.written().split('\r\n')[0]).toBe(
      'pg_node1 on vm1, PROD orders, primary, shell, read-write; enter ~ . leaves',
    );
    terminal.type('stty size; echo $TERM\r');
    await shows(/24 80\r\nxterm-256color\r\n/);
    terminal.resize(120, 35);
    terminal.type('stty size\r');
    await shows(/35 120\r\n/);
    terminal.type('exit 7\r');
    expect(await end).toMatchObject({kind: 'exited', status: 7});
    expect(recorded[1]).toMatchObject({id: 'mark1', ended: {at: 2000, end: {kind: 'exited', status: 7}}});
  });

  test('gets what was typed before it was there, whole', async () => {
    const {terminal, end, shows} = await start({kind: 'shell'});
    terminal.type('echo éarly', ' bird\r', 'exit\r');
    await shows(/\r\néarly bird\r\n/);
    expect(await end).toMatchObject({kind: 'exited', status: 0});
  });

  test('ctrl-c, ctrl-z and ctrl-d are its own', async () => {
    const {terminal, end, shows} = await start({kind: 'shell'});
    await shows(prompt);
    terminal.type('sleep 100\r', '\x03');
    await shows(/\^C\r\n[^\n]*\$ $/);
    terminal.type('\x1a', 'echo $?\r');
    await shows(/\r\n130\r\n/);
    terminal.type('\x04');
    expect(await end).toMatchObject({kind: 'exited'});
  });

  test('is left by the escape, and gone there', async () => {
    const {world, terminal, end, shows} = await start({kind: 'shell'});
    await shows(prompt);
    const before = world.listening();
    terminal.type('\r', '~', '.');
    expect(await end).toMatchObject({kind: 'left'});
    await until(() => world.listening() < before);
  });

  test('that does not come up is left by the escape', async () => {
    const {world, terminal, end} = await start({kind: 'shell'});
    world.faults.freeze('vm1', 'dockerd');
    terminal.type('\r', '~', '.');
    expect(await end).toMatchObject({kind: 'left'});
  });

  test('ends with its container', async () => {
    const {world, end, shows} = await start({kind: 'shell'});
    await shows(prompt);
    world.faults.kill('pg_node1');
    expect(await end).toMatchObject({kind: 'exited', status: 137});
  });

  test('is lost with its host, which is said', async () => {
    const {world, end, shows} = await start({kind: 'shell'});
    await shows(prompt);
    world.faults.powerOff('vm1');
    expect(await end).toMatchObject({kind: 'lost', problem: {message: expect.stringContaining('vm1')}});
  });

  test('in a container that is not there is refused in docker’s words', async () => {
    const {recorded, end} = await start({kind: 'shell'}, {container: 'pg_nod'});
    expect(await end).toMatchObject({
      kind: 'lost',
      problem: {kind: 'container-missing', message: 'there is no container pg_nod on vm1'},
    });
    expect(recorded.at(-1)).toMatchObject({ended: {end: {kind: 'lost'}}});
  });
});

describe('bytes', () => {
  const everyByte = Uint8Array.from({length: 256}, (_, index) => index).filter(byte => byte !== 0x7e);

  test('pass both ways as they are, in any pieces', async () => {
    const echo: ContainerPrograms =
      () =>
      async ({stdin, stdout}) => {
        const received: Buffer[] = [];
        for await (const chunk of stdin) {
          received.push(Buffer.from(chunk));
          if (Buffer.concat(received).length >= everyByte.length) break;
        }
        stdout.write(Buffer.concat(received));
        return 0;
      };
    const {terminal, end} = await start({kind: 'exec', words: ['echo']}, {programs: echo});
    terminal.type(everyByte.subarray(0, 100), everyByte.subarray(100, 101), everyByte.subarray(101));
    expect(await end).toMatchObject({kind: 'exited', status: 0});
    const shown = terminal.bytes();
    expect(shown.subarray(shown.length - everyByte.length)).toEqual(Buffer.from(everyByte));
  });

  test('of a large paste arrive whole at a program that reads slowly', async () => {
    const paste = Buffer.from('0123456789 abcdef\r'.repeat(6000));
    let received = Buffer.alloc(0);
    const slow: ContainerPrograms =
      () =>
      async ({stdin}) => {
        while (received.length < paste.length) {
          const chunk: Buffer | null = stdin.read(Math.min(4096, Math.max(1, stdin.readableLength)));
          if (chunk === null) await once(stdin, 'readable');
          else received = Buffer.concat([received, chunk]);
          await new Promise(setImmediate);
        }
        return 0;
      };
    const {terminal, end} = await start({kind: 'exec', words: ['slow']}, {programs: slow});
    for (let at = 0; at < paste.length; at += 4096) terminal.type(paste.subarray(at, at + 4096));
    expect(await end).toMatchObject({kind: 'exited', status: 0});
    expect(received.equals(paste)).toBe(true);
  });

  test('a terminal that takes nothing holds the program back, and loses none of its output', async () => {
    const lines = 3000;
    let written = 0;
    const flood: ContainerPrograms =
      () =>
      async ({stdout, signal}) => {
        for (; written < lines; written += 1) {
          if (!stdout.write(`${String(written).padStart(4000, '.')}\n`)) await once(stdout, 'drain', {signal});
        }
        return 0;
      };
    const {terminal, end} = await start({kind: 'exec', words: ['flood']}, {programs: flood});
    await until(() => terminal.written().includes('flood, read-write'));
    terminal.stall(true);
    let last = -1;
    await until(() => {
      const still = written === last && written > 0;
      last = written;
      return still;
    });
    expect(written).toBeLessThan(lines);
    terminal.stall(false);
    await end;
    expect(terminal.written()).toContain(`${String(lines - 1).padStart(4000, '.')}`);
    expect(terminal.bytes().filter(byte => byte === 0x0a).length).toBe(lines + 1);
  });
});

describe('psql in a container', () => {
  test('refuses to write, in PostgreSQL’s words, unless it is to write', async () => {
    const {terminal, end, shows} = await start({kind: 'psql', write: false, words: []});
    await shows(/\[pg_node1 primary\] postgres=# $/);
    terminal.type('create table x ();\r', 'show default_transaction_read_only;\r');
    await shows(/ERROR: {2}cannot execute CREATE TABLE in a read-only transaction\r\n[\s\S]* on\r\n/);
    terminal.type('\x04');
    expect(await end).toMatchObject({kind: 'exited', status: 0});

    const writing = await start({kind: 'psql', write: true, words: []});
    await writing.shows(/\[pg_node1 primary READ-WRITE\] postgres=# $/);
    writing.terminal.type('show default_transaction_read_only;\r', '\\q\r');
    await writing.shows(/ off\r\n/);
    await writing.end;
  });
});

describe('the prompt of pg_autoctl', () => {
  const autoctlPrompt = /\[pg_node1\] pg_autoctl> \x1b\[\d+G$/;

  test('completes, runs what is typed, remembers it, and is left by ctrl-d', async () => {
    const {terminal, end, shows} = await start({kind: 'autoctl', words: []});
    await shows(autoctlPrompt);
    terminal.type('sho', '\t', 'sta', '\t', 'te', '\r');
    await shows(/pg_node2 \|[\s\S]*pg_autoctl> \x1b\[\d+G$/);
    terminal.type('\x1b[A', '\r');
    await until(() => terminal.written().split('Assigned State').length === 3);
    terminal.type('nonsense', '\x03', 'exit', '\r');
    expect(await end).toMatchObject({kind: 'exited', status: 0});
    expect(terminal.written()).toContain('^C');
  });

  test('only shows where nothing may be changed', async () => {
    const {terminal, end, shows} = await start({kind: 'autoctl', words: []}, {readOnly: true});
    await shows(autoctlPrompt);
    terminal.type('perform failover\r');
    await shows(/pg_autoctl perform failover is refused: the cluster is read-only here\r\n/);
    terminal.type('version\r');
    await shows(/pg_autoctl version/);
    terminal.type('\r', '~', '.');
    await end;
  });
});
