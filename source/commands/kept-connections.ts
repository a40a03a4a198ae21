import type {HostConnection} from '../ssh/host-connection.ts';
import type {ConnectionEdges} from './connection-edges.ts';

/**
 * The same edges with every connection kept until `close`: a host that is tried twice is connected once, and asks for its passphrase once.
 */
export function keptConnections(edges: ConnectionEdges): {edges: ConnectionEdges; close(): Promise<void>} {
  const connections = new Map<string, HostConnection>();
  return {
    edges: {
      ...edges,
      open(settings) {
        const key = JSON.stringify(settings);
        const connection = connections.get(key) ?? edges.open(settings);
        connections.set(key, connection);
        return {
          name: connection.name,
          link: () => connection.link(),
          subscribe: listener => connection.subscribe(listener),
          retryNow: () => connection.retryNow(),
          run: (argv, options) => connection.run(argv, options),
          stream: (argv, options) => connection.stream(argv, options),
          forward: (host, port, deadlineMs) => connection.forward(host, port, deadlineMs),
          close: () => Promise.resolve(),
        };
      },
    },
    async close() {
      await Promise.all([...connections.values()].map(connection => connection.close()));
      connections.clear();
    },
  };
}
