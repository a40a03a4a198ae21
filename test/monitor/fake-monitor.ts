import {type AddressInfo, createServer, type Socket} from 'node:net';

/** What the fake does with a connection after its startup message. */
export type Welcome = 'trust' | 'password' | 'silent' | {code: string; message: string};

/**
 * A server that speaks as much of PostgreSQL's protocol as the monitor's watcher uses: refuses TLS, lets in or not, answers `listen` and
 * the reading with one JSON column, and notifies. The rest of the truth is in the lab's tests, against the real thing.
 */
export type FakeMonitor = {
  port: number;
  welcome: Welcome;
  /** The JSON that the next reading returns; a function sees the reading's parameters. An error instead is sent as one. */
  reading: unknown | ((parameters: (string | null)[]) => unknown);
  /** Readings answered so far; with `hold` they wait for release(). */
  readings: number;
  hold: boolean;
  release(): void;
  notify(channel: string, payload: string): void;
  notice(text: string): void;
  /** Cuts every connection. */
  drop(): void;
  startups: Map<string, string>[];
  statements: string[];
  close(): Promise<void>;
};

export class SqlError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export async function startFakeMonitor(): Promise<FakeMonitor> {
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let buffer = Buffer.alloc(0);
    let started = false;
    let parameters: (string | null)[] = [];
    socket.on('data', chunk => {
      buffer = Buffer.concat([buffer, chunk]);
      for (;;) {
        const header = started ? 1 : 0;
        if (buffer.length < header + 4) return;
        const end = header + buffer.readInt32BE(header);
        if (buffer.length < end) return;
        const type = started ? String.fromCharCode(buffer[0] ?? 0) : '';
        const body = buffer.subarray(header + 4, end);
        buffer = buffer.subarray(end);
        if (started) onMessage(type, body);
        else onStartup(body);
      }
    });

    const onStartup = (body: Buffer) => {
      if (body.readInt32BE(0) === 80_877_103) {
        socket.write('N');
        return;
      }
      started = true;
      const words = body.subarray(4).toString('utf8').split('\0');
      const settings = new Map<string, string>();
      for (let index = 0; index + 1 < words.length; index += 2)
        settings.set(words[index] ?? '', words[index + 1] ?? '');
      monitor.startups.push(settings);
      if (monitor.welcome === 'silent') return;
      if (monitor.welcome === 'password') socket.write(message('R', int32(3)));
      else if (monitor.welcome === 'trust') socket.write(letIn);
      else socket.write(errorMessage(monitor.welcome.code, monitor.welcome.message));
    };

    const onMessage = (type: string, body: Buffer) => {
      if (type === 'p') {
        const given = body.toString('utf8').replace(/\0$/, '');
        socket.write(given === 'open sesame' ? letIn : errorMessage('28P01', 'password authentication failed'));
      } else if (type === 'Q') {
        monitor.statements.push(body.toString('utf8').replace(/\0$/, ''));
        socket.write(
          Buffer.concat([message('C', Buffer.from('LISTEN\0')), message('C', Buffer.from('LISTEN\0')), ready]),
        );
      } else if (type === 'B') {
        parameters = bindParameters(body);
      } else if (type === 'S') {
        const answer = () => {
          monitor.readings += 1;
          socket.write(readingAnswer(monitor.reading, parameters));
        };
        if (monitor.hold) held.push(answer);
        else answer();
      }
    };
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));

  const monitor: FakeMonitor = {
    port: portOf(server.address()),
    welcome: 'trust',
    reading: undefined,
    readings: 0,
    hold: false,
    release() {
      monitor.hold = false;
      for (const answer of held.splice(0)) answer();
    },
    notify(channel, payload) {
      for (const socket of sockets)
        socket.write(message('A', Buffer.concat([int32(1), Buffer.from(`${channel}\0${payload}\0`)])));
    },
    notice(text) {
      for (const socket of sockets) socket.write(message('N', fields({S: 'WARNING', C: '01000', M: text})));
    },
    drop() {
      for (const socket of sockets) socket.destroy();
    },
    startups: [],
    statements: [],
    async close() {
      monitor.drop();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return monitor;
}

function readingAnswer(reading: unknown, parameters: (string | null)[]): Buffer {
  const value: unknown = typeof reading === 'function' ? reading(parameters) : reading;
  if (value instanceof SqlError) return Buffer.concat([errorMessage(value.code, value.message), ready]);
  const column = Buffer.concat([
    Buffer.from('reading\0'),
    int32(0),
    int16(0),
    int32(114),
    int16(-1),
    int32(-1),
    int16(0),
  ]);
  const json = Buffer.from(JSON.stringify(value));
  return Buffer.concat([
    message('1', Buffer.alloc(0)),
    message('2', Buffer.alloc(0)),
    message('T', Buffer.concat([int16(1), column])),
    message('D', Buffer.concat([int16(1), int32(json.length), json])),
    message('C', Buffer.from('SELECT 1\0')),
    ready,
  ]);
}

function bindParameters(body: Buffer): (string | null)[] {
  let at = body.indexOf(0) + 1;
  at = body.indexOf(0, at) + 1;
  at += 2 + 2 * body.readInt16BE(at);
  const count = body.readInt16BE(at);
  at += 2;
  const values: (string | null)[] = [];
  for (let index = 0; index < count; index += 1) {
    const length = body.readInt32BE(at);
    at += 4;
    values.push(length < 0 ? null : body.subarray(at, at + length).toString('utf8'));
    at += Math.max(0, length);
  }
  return values;
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function fields(values: Record<string, string>): Buffer {
  const parts = Object.entries(values).map(([key, value]) => `${key}${value}\0`);
  return Buffer.from(`${parts.join('')}\0`);
}

function errorMessage(code: string, text: string): Buffer {
  return message('E', fields({S: 'FATAL', V: 'FATAL', C: code, M: text}));
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const ready = message('Z', Buffer.from('I'));
const letIn = Buffer.concat([message('R', int32(0)), message('K', Buffer.concat([int32(1), int32(2)])), ready]);
