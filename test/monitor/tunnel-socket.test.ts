import {Duplex, PassThrough} from 'node:stream';
import {expect, test, vi} from 'vitest';
import {bad, good} from '../../source/cluster/problem.ts';
import {TunnelError, TunnelSocket} from '../../source/monitor/tunnel-socket.ts';

const soon = {timeout: 5000, interval: 5};

/** A channel whose two directions a test can see. */
function channel(): {stream: Duplex; sent: PassThrough; received: PassThrough} {
  const sent = new PassThrough();
  const received = new PassThrough();
  return {stream: Duplex.from({readable: received, writable: sent}), sent, received};
}

async function connected(stream: Duplex): Promise<TunnelSocket> {
  const socket = new TunnelSocket(async () => good(stream));
  await new Promise(resolve => socket.connect().once('connect', resolve));
  return socket;
}

test('carries bytes both ways, and their end', async () => {
  const {stream, sent, received} = channel();
  const socket = await connected(stream);
  socket.write('to the server');
  await vi.waitFor(() => expect(sent.read()?.toString()).toBe('to the server'), soon);
  let got = '';
  socket.on('data', chunk => {
    got += String(chunk);
  });
  received.write('to the client');
  await vi.waitFor(() => expect(got).toBe('to the client'), soon);
  received.end();
  await new Promise(resolve => socket.once('close', resolve));
});

test('a large answer that is read slowly arrives whole', async () => {
  const {stream, received} = channel();
  const socket = await connected(stream);
  const expected = Buffer.alloc(3_000_000, 'abcdefg');
  received.end(expected);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    chunks.push(chunk);
    await new Promise(setImmediate);
  }
  expect(Buffer.concat(chunks).equals(expected)).toBe(true);
});

test('a tunnel that can not be opened is an error that carries the reason', async () => {
  const socket = new TunnelSocket(async () => bad('refused', 'connection refused'));
  const error = await new Promise(resolve => socket.connect().once('error', resolve));
  expect(error).toBeInstanceOf(TunnelError);
  expect(error).toMatchObject({outcome: {problem: {kind: 'refused'}}});
});

test('a channel that breaks, or closes early, closes the socket; a write after that fails instead of waiting for ever', async () => {
  const {stream} = channel();
  const socket = await connected(stream);
  socket.on('error', () => undefined);
  stream.destroy();
  await new Promise(resolve => socket.once('close', resolve));
  await expect(
    new Promise((resolve, reject) => socket.write('x', error => (error ? reject(error) : resolve(undefined)))),
  ).rejects.toThrow();
});

test('a channel that closes without an end or an error closes the socket', async () => {
  const stream = new Duplex({read: () => undefined, write: (_chunk, _encoding, done) => done()});
  const socket = await connected(stream);
  stream.destroy();
  await new Promise(resolve => socket.once('close', resolve));
});

test('a channel that opens after the socket was destroyed is closed', async () => {
  const {stream} = channel();
  const opened = Promise.withResolvers<void>();
  const socket = new TunnelSocket(async () => {
    await opened.promise;
    return good(stream);
  });
  socket.on('error', () => undefined);
  socket.connect();
  socket.destroy();
  opened.resolve();
  await vi.waitFor(() => expect(stream.destroyed).toBe(true), soon);
});
