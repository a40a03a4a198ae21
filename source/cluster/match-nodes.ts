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
  for (const fit of [byEndpoint, byName, byAddress]) {
    const known = hostsByKey(configured, fit.ofHost);
    for (const row of rows) {
      if (taken.has(row)) continue;
      const host = known.get(fit.ofRow(row))?.find(each => !rowOf.has(each));
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
  const unconfigured = rows.filter(row => !taken.has(row)).sort((a, b) => a.id - b.id);
  if (unconfigured.length === 0) return matched;
  const known = hostsByKey(hosts, byAddress.ofHost);
  return [
    ...matched,
    ...unconfigured.map((row): NodeMatch => ({row, host: known.get(byAddress.ofRow(row))?.[0], container: undefined})),
  ];
}

/** Names that differ only in `-` and `_` are the same: Compose files and pg_auto_failover do not agree on them. */
export function sameNodeName(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

/** What a row and a host have in common when they fit: the row's only key is one of the host's. */
type Fit = {ofRow: (row: MonitorNode) => string; ofHost: (host: HostSnapshot) => readonly string[]};

const byAddress: Fit = {ofRow: row => row.host, ofHost: host => [host.address, host.name]};
const byEndpoint: Fit = {
  ofRow: row => `${row.host} ${row.port}`,
  ofHost: host => byAddress.ofHost(host).map(address => `${address} ${host.node?.port ?? ''}`),
};
const byName: Fit = {
  ofRow: row => plain(row.name),
  ofHost: host => [plain(host.node?.container ?? host.name), plain(host.name)],
};

/** Every host under each of its keys, in their own order. */
function hostsByKey(
  hosts: readonly HostSnapshot[],
  keysOf: Fit['ofHost'],
): ReadonlyMap<string, readonly HostSnapshot[]> {
  const known = new Map<string, HostSnapshot[]>();
  for (const host of hosts) {
    for (const key of new Set(keysOf(host))) {
      const others = known.get(key);
      if (others === undefined) known.set(key, [host]);
      else others.push(host);
    }
  }
  return known;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}
