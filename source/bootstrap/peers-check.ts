import type {DesiredCluster} from './desired-cluster.ts';
import {failed, type HostCheck, passed, warned} from './host-check.ts';
import type {HostSurvey} from './host-survey.ts';
import type {PeerSight} from './survey-peers.ts';

const title = 'it knows the other VMs, and they see it where they expect it';

/**
 * Whether a host finds the others by their addresses and is seen by them under its own: pg_hba.conf lets nodes in by address, or by a name that
 * has to lead back to itself (PostgreSQL docs, 21.1).
 */
export function peersCheck(
  cluster: DesiredCluster,
  {host, peers}: HostSurvey,
  surveys: readonly HostSurvey[],
): HostCheck {
  const {address: own} = [cluster.monitor, ...cluster.nodes].find(each => each.host === host) ?? {};
  const others = peers.filter(({address}) => address !== own);
  const unknown = others.filter(({resolved}) => resolved.length === 0).map(({address}) => address);
  if (unknown.length > 0)
    return failed(
      host,
      'peers',
      title,
      `it does not know ${unknown.join(', ')}`,
      `put ${unknown.length === 1 ? 'it' : 'them'} into the DNS or /etc/hosts of ${host}, or give the hosts' addresses as numbers`,
    );
  const oneWay = others.filter(({address, names}) => !isNumber(address) && !names.includes(address));
  if (oneWay.length > 0)
    return warned(
      host,
      'peers',
      title,
      oneWay.map(({address, names}) => `${address} asked back is ${names[0] ?? 'nothing'}`).join(', '),
      'pg_hba.conf takes a name only where the address leads back to it: mend the DNS or /etc/hosts, or give addresses as numbers',
    );
  const seen = seenAs(own, host, surveys);
  const strange = cluster.settings.network === 'host' && seen.size > 0 ? others.find(isElsewhere(seen)) : undefined;
  return strange === undefined
    ? passed(host, 'peers', title, others.length === 0 ? 'not known' : `as ${[...seen].join(', ') || own}`)
    : warned(
        host,
        'peers',
        title,
        `what it sends to ${strange.address} comes from ${strange.leavesFrom}, not from ${[...seen].join(' or ')}`,
        `give the address that the others see: \`address\` of ${host} in the configuration`,
      );
}

/** What the others take a host's address for. */
function seenAs(address: string | undefined, host: string, surveys: readonly HostSurvey[]): ReadonlySet<string> {
  const sights = surveys.filter(each => each.host !== host).flatMap(({peers}) => peers);
  return new Set(sights.filter(sight => sight.address === address).flatMap(({resolved}) => resolved));
}

function isElsewhere(seen: ReadonlySet<string>): (sight: PeerSight) => boolean {
  return ({leavesFrom}) => leavesFrom !== undefined && !seen.has(leavesFrom);
}

function isNumber(address: string): boolean {
  return /^[\d.]+$/.test(address) || address.includes(':');
}
