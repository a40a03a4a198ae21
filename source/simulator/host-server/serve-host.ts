import {once} from 'node:events';
import {createServer, type Socket} from 'node:net';
import ssh2, {type AuthContext, type ParsedKey} from 'ssh2';
import {createHost} from '../host-shell/host.ts';
import type {ContainerPrograms} from '../program.ts';
import type {World} from '../world.ts';
import {watchGate} from './gate.ts';
import {Link} from './link.ts';
import {serveSessions} from './session.ts';
import {type ConnectFromHost, serveTunnels} from './tunnels.ts';
import {type UnansweredSocket, unanswered} from './unanswered.ts';

export type HostServerOptions = {
  world: World;
  host: string;
  /** Private key in OpenSSH's format. */
  hostKey: string;
  /** The key that is let in, whatever the user's name: a line of authorized_keys. */
  userKey: string;
  /** Where the host's own connections go, for tunnels. */
  connect: ConnectFromHost;
  /** What runs inside containers. */
  programs: ContainerPrograms;
};

export type HostServer = {
  /** On 127.0.0.1. */
  port: number;
  /** Ends every connection and program; resolves when they are gone. */
  close(): Promise<void>;
};

/** How long programs may take to notice that their host is closed. */
const politeMs = 1000;

/**
 * The sshd of a host of the world, as a real SSH server. Without power, network or a living sshd it accepts TCP connections and says
 * nothing; connections from before a power cut are reset when the host is back.
 */
export async function serveHost(options: HostServerOptions): Promise<HostServer> {
  const {world, host} = options;
  const key = parseKey(options.userKey);
  const gate = watchGate(world, host);
  const simulated = createHost({world, host, programs: options.programs});
  const sockets = new Set<Socket>();
  const links = new Set<Link>();
  const programs = new Set<Promise<void>>();
  const track = (running: Promise<void>) => {
    programs.add(running);
    void running.then(() => programs.delete(running));
  };

  const ssh = new ssh2.Server(
    // Not a real sshd's habit: it would end a connection that a frozen host is to keep.
    {hostKeys: [options.hostKey], ident: 'OpenSSH_9.2p1 Debian-2+deb12u3', keepaliveInterval: aDayMs},
    connection => {
      // Every session and tunnel listens for its end.
      connection.setMaxListeners(0);
      connection.on('error', ignoreConnectionError);
      let user = '';
      connection.on('authentication', context => {
        user = context.username;
        authenticate(context, key);
      });
      connection.on('ready', () => {
        serveSessions(connection, user, (request, process) => simulated.run(user, request, process), track);
        serveTunnels(connection, options.connect);
      });
    },
  );

  const admit = (socket: Socket) => {
    const link = new Link(socket, gate);
    links.add(link);
    link.on('error', ignoreConnectionError);
    link.once('close', () => links.delete(link));
    // The type asks for a socket; the library uses it as a stream.
    Reflect.apply(ssh.injectSocket, ssh, [link]);
  };
  /** Sockets from before a power cut. */
  let dead: readonly Socket[] = [];
  /** Connections that came while the host did not answer. */
  const silent = new Map<Socket, UnansweredSocket>();
  const unsubscribe = gate.subscribe(state => {
    if (state === 'off') {
      dead = [...links].map(link => link.cut());
      for (const socket of dead) unanswered(socket);
    } else {
      for (const socket of dead) socket.resetAndDestroy();
      dead = [];
    }
    if (state !== 'open') return;
    for (const [socket, waiting] of silent) {
      waiting.answer();
      admit(socket);
    }
    silent.clear();
  });
  const server = createServer({noDelay: true}, socket => {
    sockets.add(socket);
    socket.on('error', ignoreConnectionError);
    socket.once('close', () => {
      sockets.delete(socket);
      silent.delete(socket);
    });
    if (gate.state() === 'open') admit(socket);
    else silent.set(socket, unanswered(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');

  return {
    port: address.port,
    async close() {
      unsubscribe();
      gate.close();
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      for (const link of [...links]) link.destroy();
      for (const socket of [...sockets]) socket.destroy();
      await closed;
      await withinMs(Promise.all(programs), politeMs);
    },
  };
}

const aDayMs = 86_400_000;

function parseKey(key: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(key);
  if (parsed instanceof Error) throw parsed;
  return parsed;
}

function authenticate(context: AuthContext, key: ParsedKey): void {
  const known = context.method === 'publickey' && context.key.data.equals(key.getPublicSSH());
  if (context.method !== 'publickey' || !known) {
    context.reject(['publickey']);
    return;
  }
  const {blob, signature, hashAlgo} = context;
  // Without a signature, the client asks whether the key would do.
  const proved = signature === undefined || (blob !== undefined && key.verify(blob, signature, hashAlgo) === true);
  if (proved) context.accept();
  else context.reject(['publickey']);
}

async function withinMs(done: Promise<unknown>, milliseconds: number): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, milliseconds);
  await Promise.race([done, limit.promise]);
  clearTimeout(timer);
}

/** A broken connection is told by its close. */
function ignoreConnectionError(): void {}
