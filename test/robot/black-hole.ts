import {spawn} from 'node:child_process';
import {connect, type Socket} from 'node:net';
import {createInterface} from 'node:readline';

/** An address on loopback whose packets vanish: a connection attempt gets neither an answer nor an error. */
export type BlackHole = {address: string; port: number; close(): Promise<void>};

const listener = `
  const server = require('node:net').createServer(() => {});
  server.listen({host: '127.0.0.1', port: 0, backlog: 1}, () => console.log(server.address().port));
  process.stdin.resume().on('end', () => process.exit());
`;

/**
 * Makes one without root: a process that listens is stopped, and its queue of connections filled; from then on the kernel drops whoever
 * else knocks.
 */
export async function openBlackHole(): Promise<BlackHole> {
  const child = spawn(process.execPath, ['-e', listener], {stdio: ['pipe', 'pipe', 'inherit']});
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  const sockets: Socket[] = [];
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    child.kill('SIGKILL');
    await ended;
  };
  try {
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout)
        .once('line', resolve)
        .once('close', () => reject(new Error('the listener ended')));
    });
    const port = Number(line);
    child.kill('SIGSTOP');
    // The queue holds a few more than it was asked for; the first that stays unanswered says that it is full.
    while (await isAnswered(port, sockets));
    return {address: '127.0.0.1', port, close};
  } catch (error) {
    await close();
    throw error;
  }
}

function isAnswered(port: number, sockets: Socket[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({host: '127.0.0.1', port});
    sockets.push(socket);
    const timer = setTimeout(() => resolve(false), 200);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
    socket.once('error', error => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
