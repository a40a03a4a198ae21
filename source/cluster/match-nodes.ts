import type {HostSnapshot, MonitorNode} from './snapshot.ts';

/** One node of the cluster as the monitor registered it, as the configuration has it, or both. */
export type NodeMatch =
  | {row: MonitorNode; host: HostSnapshot | undefined; container: string | undefined}
  | {row: undefined; host: HostSnapshot; container: string};

/**
 * Puts the monitor's rows and the configured hosts together: first by address and port, then by name (of the container or the host),
 * then by address alone. Configured nodes come first, in their own order; then those that only the monitor knows, by id.
 */
export function matchNodes(rows: readonly MonitorNode[], hosts: readonly HostSnapshot[]): readonly NodeMatch[] {
  const configured = hosts.filter(host => host.node !== undefined);
  const rowOf = new Map<HostSnapshot, MonitorNode>();
  const taken = new Set<MonitorNode>();
  for (const fits of [sameEndpoint, sameName, sameAddress]) {
    for (const row of rows) {
      if (taken.has(row)) continue;
      const host = configured.find(each => !rowOf.has(each) && fits(row, each));
      if (host === undefined) continue;
      rowOf.set(host, row);
      taken.add(row);
    }
  }
  const matched = configured.map((host): NodeMatch => {
    const container = host.node?.container ?? host.name;
    const row = rowOf.get(host);
    return row === undefined ? {row, host, container} : {row, host, container};
  });
  const unconfigured = rows
    .filter(row => !taken.has(row))
    .sort((a, b) => a.id - b.id)
    .map((row): NodeMatch => {
      const host = hosts.find(each => sameAddress(row, each));
      return {row, host, container: undefined};
    });
  return [...matched, ...unconfigured];
}

/** Names that differ only in `-` and `_` are the same: Compose files and pg_auto_failover do not agree on them. */
export function sameNodeName(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function sameEndpoint(row: MonitorNode, host: HostSnapshot): boolean {
  return row.port === host.node?.port && sameAddress(row, host);
}

function sameName(row: MonitorNode, host: HostSnapshot): boolean {
  return sameNodeName(row.name, host.node?.container ?? host.name) || sameNodeName(row.name, host.name);
}

function sameAddress(row: MonitorNode, host: HostSnapshot): boolean {
  return row.host === host.address || row.host === host.name;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}
