import {current} from '../cluster/sample.ts';
import type {Situation} from './action.ts';
import {monitorOf, monitorPlace, nodeNamed, placeOf, primaryOf} from './cluster-facts.ts';

/** Proves which formation is meant: its primary (id, name, system identifier) and the monitor's container. */
export function formationIdentity(situation: Situation): string {
  const reading = monitorOf(situation);
  const primary = reading === undefined ? undefined : primaryOf(reading);
  return JSON.stringify([
    primary?.id,
    primary?.name,
    primary?.systemIdentifier,
    monitorPlace(situation)?.inspected?.id,
  ]);
}

/** Proves which node is meant: its id, system identifier, host and container. Not its role, which a failover may change meanwhile. */
export function nodeIdentity(situation: Situation, name: string | undefined): string {
  const node = nodeNamed(situation, name);
  const place = placeOf(situation, name);
  return JSON.stringify([
    node?.id,
    node?.name,
    node?.systemIdentifier,
    place?.host.name,
    place?.container,
    place?.inspected?.id,
  ]);
}

/** Proves which cluster is meant when nobody may answer for it: by its containers. */
export function containersIdentity({snapshot}: Situation): string {
  return JSON.stringify(
    snapshot.hosts.map(host => [
      host.name,
      ...[host.node, host.monitor].map(
        each => each && [each.container, current(host.containers)?.find(other => other.name === each.container)?.id],
      ),
    ]),
  );
}
