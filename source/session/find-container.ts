import {sameNodeName} from '../cluster/match-nodes.ts';
import {bad, good, type Outcome} from '../cluster/problem.ts';
import {closestWord} from '../config/closest-word.ts';
import type {HostConfiguration} from '../config/configuration.ts';
import type {SessionContainer} from './container-session.ts';

/** A node as the monitor calls it, and the configured container that it is. */
export type KnownNode = {name: string; host: string | null; container: string | null};

/**
 * The container that a word means: its own name, `monitor`, the name of a host (its node, or the monitor where it has no other), or what
 * the monitor calls the node. The problem suggests the closest one.
 */
export function findContainer(
  word: string,
  hosts: readonly HostConfiguration[],
  nodes: readonly KnownNode[] = [],
): Outcome<SessionContainer> {
  const all = containersOf(hosts);
  const ofNode = nodes.find(node => node.name === word);
  const found =
    all.find(each => each.container === word) ??
    all.find(each => ofNode !== undefined && each.host === ofNode.host && each.container === ofNode.container) ??
    all.find(each => each.host === word) ??
    all.find(each => sameNodeName(each.container, word)) ??
    (word === 'monitor' ? all.find(each => each.role === 'monitor') : undefined);
  if (found !== undefined) return good(found);
  const names = containerNames(hosts, nodes);
  const close = closestWord(word, names);
  return bad('configuration', `there is no node, container or host "${word}"`, {
    remedy: close === undefined ? `there are ${names.join(', ')}` : `did you mean ${close}?`,
  });
}

/** What can be said for a container, the nodes first. */
export function containerNames(
  hosts: readonly HostConfiguration[],
  nodes: readonly KnownNode[] = [],
): readonly string[] {
  const containers = containersOf(hosts);
  const known = nodes.filter(node => containers.some(each => each.container === node.container));
  return [
    ...new Set([
      ...known.map(node => node.name),
      ...containers.map(each => each.container),
      ...hosts.map(host => host.name),
    ]),
  ];
}

/** The nodes come before the monitor, so that a host with both means its node. */
function containersOf(hosts: readonly HostConfiguration[]): readonly SessionContainer[] {
  return [
    ...hosts.flatMap(({name: host, docker, node}) =>
      node === undefined ? [] : [{container: node.container, host, docker, role: 'node' as const, port: node.port}],
    ),
    ...hosts.flatMap(({name: host, docker, monitor}) => {
      if (monitor === undefined) return [];
      const {container, port, database} = monitor;
      return [{container, host, docker, role: 'monitor' as const, port, database}];
    }),
  ];
}
