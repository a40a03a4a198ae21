import type {DesiredCluster} from './desired-cluster.ts';
import type {Run} from './survey-host.ts';

/** What an address of the cluster is on one host. */
export type PeerSight = {
  address: string;
  /** The IP addresses that it stands for there; empty: none. */
  resolved: readonly string[];
  /** What those are called when they are asked back. */
  names: readonly string[];
  /** From where packets to it leave; undefined: not known. */
  leavesFrom: string | undefined;
};

/** Prints a fact a line, `fact address value…`; its arguments are the addresses. Without the tools it says nothing. */
export const peersScript = [
  'command -v getent >/dev/null || exit 0',
  'for address do',
  '  echo "asked $address"',
  '  for ip in $(getent ahosts "$address" | awk \'{print $1}\' | sort -u); do',
  '    echo "resolved $address $ip"',
  '    getent hosts "$ip" | awk -v address="$address" \'{$1 = ""; print "names", address, $0}\'',
  '    ip -o route get "$ip" 2>/dev/null | sed -n "s/.* src \\([^ ]*\\).*/from $address \\1/p"',
  '  done',
  'done',
].join('\n');

export function parsePeers(output: string): readonly PeerSight[] {
  const facts = output.split('\n').map(line => line.trim().split(/ +/));
  const asked = facts.flatMap(([fact, address]) => (fact === 'asked' && address !== undefined ? [address] : []));
  return asked.map(address => {
    const of = (fact: string) =>
      facts.flatMap(([each, about, ...values]) => (each === fact && about === address ? values : []));
    return {address, resolved: of('resolved'), names: of('names'), leavesFrom: of('from')[0]};
  });
}

/** How a host finds all hosts of the cluster, itself as well; nothing where it cannot say. */
export async function surveyPeers({monitor, nodes}: DesiredCluster, run: Run): Promise<readonly PeerSight[]> {
  const addresses = [...new Set([monitor, ...nodes].map(({address}) => address))];
  const answer = await run(['sh', '-c', peersScript, 'survey', ...addresses]);
  return answer.ok && answer.value.exitCode === 0 ? parsePeers(answer.value.stdout) : [];
}
