import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import ssh2, {type Client, type ClientChannel} from 'ssh2';
import {describe, expect, test} from 'vitest';
import type {ContainerProgram} from '../../../source/simulator/program.ts';
import {closeAfterTest} from '../../ssh/hosts.ts';
import {until} from '../../ssh/until.ts';
import {watchedWorld} from '../host-shell/watched-world.ts';
import {type ServedHost, serve} from './console.ts';

const deadline = {deadlineMs: 10_000};

async function client({settings}: ServedHost): Promise<Client> {
  const connection = new ssh2.Client();
  connection.on('error', () => undefined);
  closeAfterTest({
    async close() {
      const closed = once(connection, 'close');
      connection.end();
      await closed;
    },
  });
  const privateKey = await readFile(settings.identityFiles[0] ?? '');
  connection.connect({host: settings.address, port: settings.port, username: settings.user, privateKey});
  await once(connection, 'ready');
  return connection;
}

function reading(channel: ClientChannel): () => string {
  let text = '';
  channel.on('data', (chunk: Buffer) => {
    text += String(chunk);
  });
  return () => text;
}

describe('a terminal on a host', () => {
  test('shell, docker exec -it, a window that changes, and the exit status', async () => {
    const world = watchedWorld();
    const sizes: string[] = [];
    const window: ContainerProgram = async ({terminal, stdin}) => {
      const note = () => sizes.push(`${terminal?.columns}x${terminal?.rows}`);
      note();
      const leave = terminal?.onResize(note);
      stdin.resume();
      await once(stdin, 'data');
      leave?.();
      return 7;
    };
    const connection = await client(await serve(world, 'vm1', {programs: () => window}));
    const opened = Promise.withResolvers<ClientChannel>();
    connection.shell({cols: 100, rows: 30, term: 'xterm-256color'}, (error, channel) =>
      error === undefined ? opened.resolve(channel) : opened.reject(error),
    );
    const channel = await opened.promise;
    const output = reading(channel);
    await until(() => output().includes('operator@vm1:~$ '));
    channel.write('docker exec -it pg_node1 window; echo status=$? term=$TERM\r');
    await until(() => sizes.length === 1);
    channel.setWindow(50, 120, 0, 0);
    await until(() => sizes.length === 2);
    expect(sizes).toEqual(['100x30', '120x50']);
    channel.write('q');
    await until(() => output().includes('\r\nstatus=7 term=xterm-256color\r\n'));
    const [exit, closed] = [once(channel, 'exit'), once(channel, 'close')];
    channel.write('exit 5\r');
    expect((await exit)[0]).toBe(5);
    await closed;
    await until(() => world.listening() === 1);
  });

  test('a signal ends the program, and the session says which', async () => {
    const world = watchedWorld();
    const connection = await client(await serve(world, 'vm1'));
    const opened = Promise.withResolvers<ClientChannel>();
    connection.exec('docker events', (error, channel) =>
      error === undefined ? opened.resolve(channel) : opened.reject(error),
    );
    const channel = await opened.promise;
    channel.resume();
    channel.stderr.resume();
    await until(() => world.listening() === 2);
    const exit = once(channel, 'exit');
    channel.signal('TERM');
    expect((await exit)[1]).toBe('SIGTERM');
    await until(() => world.listening() === 1);
  });
});

describe('a reader that does not read', () => {
  const line = 'x'.repeat(9999);
  const lines = 2000;

  test('holds the program back on both outputs, and gets every byte in the end', async () => {
    let written = 0;
    const flood: ContainerProgram = async ({stdout, stderr, signal}) => {
      for (let index = 0; index < lines && !signal.aborted; index += 1) {
        const stream = index % 2 === 0 ? stdout : stderr;
        written += line.length + 1;
        if (!stream.write(`${line}\n`)) await once(stream, 'drain', {signal});
      }
      return 0;
    };
    const host = (await serve(watchedWorld(), 'vm1', {programs: () => flood})).open();
    const process = await host.stream(['docker', 'exec', 'pg_node1', 'flood'], deadline);
    if (!process.ok) throw new Error(process.problem.message);
    let last = -1;
    // Held back: nothing more was written for two looks.
    await until(() => {
      const still = written === last && written > 0;
      last = written;
      return still;
    });
    expect(written).toBeLessThan((lines * line.length) / 2);
    const bytes = [process.value.stdout, process.value.stderr].map(stream => {
      let count = 0;
      stream.on('data', (chunk: Buffer) => {
        count += chunk.length;
      });
      return () => count;
    });
    expect(await process.value.ended).toMatchObject({exitCode: 0});
    expect(bytes.map(count => count())).toEqual([(lines / 2) * 10_000, (lines / 2) * 10_000]);
  });

  test('and goes away leaves nothing behind', async () => {
    const world = watchedWorld();
    let running = 0;
    const endless: ContainerProgram = async ({stdout, signal}) => {
      running += 1;
      const aborted = once(signal, 'abort');
      while (!signal.aborted) {
        if (!stdout.write(`${line}\n`)) await Promise.race([once(stdout, 'drain'), aborted]);
      }
      running -= 1;
      return 0;
    };
    const served = await serve(world, 'vm1', {programs: () => endless});
    const host = served.open();
    const process = await host.stream(['docker', 'exec', 'pg_node1', 'endless'], deadline);
    if (!process.ok) throw new Error(process.problem.message);
    await until(() => running === 1);
    process.value.close();
    await until(() => running === 0 && world.listening() === 1);

    const other = await host.stream(['docker', 'exec', 'pg_node1', 'endless'], deadline);
    if (!other.ok) throw new Error(other.problem.message);
    other.value.stdout.resume();
    await until(() => running === 1);
    world.faults.powerOff('vm1');
    await until(() => running === 0 && world.listening() === 1);
  });

  test('a program that fails inside costs its session, not the host', async () => {
    const broken: ContainerProgram = () => Promise.reject(new Error('a mistake'));
    const host = (await serve(watchedWorld(), 'vm1', {programs: () => broken})).open();
    const outcome = await host.run(['docker', 'exec', 'pg_node1', 'broken'], deadline);
    expect(outcome).toMatchObject({ok: true, value: {exitCode: 70, stderr: 'a mistake\n'}});
    expect(await host.run(['hostname'], deadline)).toMatchObject({ok: true, value: {exitCode: 0}});
  });
});
