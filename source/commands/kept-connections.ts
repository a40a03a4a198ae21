import type {HostConnection} from '../ssh/host-connection.ts';
import type {ConnectionEdges} from './connection-edges.ts';

/**
 * The same edges with every connection kept until `close`: a host that is tried twice is connected once, and asks for its passphrase once.
 * One that failed is tried anew.
 */
export function keptConnections(edges: ConnectionEdges): {edges: ConnectionEdges; close(): Promise<void>} {
  const connections = new Map<string, HostConnection>();
  const closing: Promise<void>[] = [];
  return {
    edges: {
      ...edges,
      open(settings) {
        const key = JSON.stringify(settings);
        const before = connections.get(key);
        const connection = before === undefined || isDown(before) ? edges.open(settings) : before;
        if (before !== undefined && before !== connection) closing.push(before.close());
        connections.set(key, connection);
        return {
          name: connection.name,
          link: () => connection.link(),
          subscribe: listener => connection.subscribe(listener),
          retryNow: () => connection.retryNow(),
          run: (argv, options) => connection.run(argv, options),
          stream: (argv, options) => connection.stream(argv, options),
          session: (argv, options) => connection.session(argv, options),
          forward: (host, port, deadlineMs) => connection.forward(host, port, deadlineMs),
          close: () => Promise.resolve(),
        };
      },
    },
    async close() {
      await Promise.all([...closing, ...[...connections.values()].map(connection => connection.close())]);
      connections.clear();
    },
  };
}

function isDown(connection: HostConnection): boolean {
  const link = connection.link();
  return link !== undefined && 'error' in link;
}
