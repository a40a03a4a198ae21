import type {DesiredCluster, DesiredContainer} from './desired-cluster.ts';

const begin = '# begin: written by pgaf bootstrap';
const end = '# end: written by pgaf bootstrap';

/**
 * What a bootstrap puts at the head of pg_hba.conf of a container; empty: nothing. What pg_auto_failover itself needs comes first, because
 * the first line that matches counts, and a line such as `host all all 10.0.0.0/8 scram-sha-256` would lock the monitor's health checks out.
 */
export function hbaLines(cluster: DesiredCluster, {container}: DesiredContainer): readonly string[] {
  const {network, hba, database, authentication, ssl} = cluster.settings;
  const type = ssl === 'none' ? 'host' : 'hostssl';
  if (container === cluster.monitor.container)
    return network === 'host'
      ? []
      : sources(cluster, cluster.nodes).map(from => `${type} pg_auto_failover autoctl_node ${from} ${authentication}`);
  const application = (database?.from ?? []).map(
    from => `${type} "${database?.name}" "${database?.user}" ${from} scram-sha-256`,
  );
  if (network === 'host' && hba.length === 0 && application.length === 0) return [];
  return [
    // It has no password, and has to get in with and without TLS.
    ...sources(cluster, [cluster.monitor]).map(from => `host all pgautofailover_monitor ${from} trust`),
    ...sources(cluster, cluster.nodes).map(
      from => `${type} all,replication pgautofailover_replicator ${from} ${authentication}`,
    ),
    ...application,
    ...hba.map(line => line.trim()),
  ];
}

/** The lines of a bootstrap that a pg_hba.conf has. */
export function linesIn(hba: string): readonly string[] {
  const lines = hba.split('\n').map(line => line.trim());
  const from = lines.indexOf(begin);
  const to = lines.indexOf(end);
  return from < 0 || to < from ? [] : lines.slice(from + 1, to);
}

/** The same as it stands in the file. */
export function hbaBlock(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${[begin, ...lines, end].join('\n')}\n`;
}

/**
 * Puts what it reads at the head of pg_hba.conf, in the place of what was put there before, and lets PostgreSQL read it; a file that has a
 * mistake is taken back. Waits for the server before: its arguments are the port, a database, and what has to succeed there.
 */
export const writeHbaScript = [
  'set -e',
  'port=$1 database=$2 hba=$PGDATA/pg_hba.conf',
  'psql() { command psql -X -A -t -q -p "$port" -d "$database" -c "$1"; }',
  'left=120; until psql "$3" >/dev/null 2>&1 || [ "$left" = 0 ]; do left=$((left - 1)); sleep 1; done',
  '[ "$left" -gt 0 ] || { echo "PostgreSQL does not answer" >&2; exit 1; }',
  'umask 077',
  `{ cat; sed '/^${begin}$/,/^${end}$/d' "$hba"; } >"$hba.new"`,
  'cp -p "$hba" "$hba.before"',
  'mv "$hba.new" "$hba"',
  "mistakes=$(psql 'select line_number, error from pg_hba_file_rules where error is not null') || mistakes='it could not be checked'",
  'if [ -n "$mistakes" ]; then mv "$hba.before" "$hba"; echo "pg_hba.conf was left as it is: $mistakes" >&2; exit 1; fi',
  'rm "$hba.before"',
  "psql 'select pg_reload_conf()' >/dev/null",
].join('\n');

/** Where these containers' connections come from. Behind a bridge, those of the same VM come from the bridge itself. */
function sources({settings}: DesiredCluster, containers: readonly DesiredContainer[]): readonly string[] {
  const addresses = [...new Set(containers.map(({address}) => withMask(address)))];
  return settings.network === 'host' ? addresses : [...addresses, 'samenet'];
}

/** An address as pg_hba.conf takes it: a host name has no mask. */
export function withMask(address: string): string {
  if (/^[\d.]+$/.test(address)) return `${address}/32`;
  return address.includes(':') ? `${address}/128` : address;
}
