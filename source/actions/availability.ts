import type {Availability, Situation} from './action.ts';
import {isReachable, monitorHost, monitorOf, nodeNamed, placeOf} from './cluster-facts.ts';

export const available: Availability = {available: true};

export function unavailable(reason: string): Availability {
  return {available: false, reason};
}

/** The first reason against it, or that there is none. */
export function allOf(...conditions: readonly Availability[]): Availability {
  return conditions.find(condition => !condition.available) ?? available;
}

/** Nothing that changes the cluster can be started in a read-only console. */
export function mayChange(situation: Situation): Availability {
  return situation.snapshot.cluster.readOnly ? unavailable('read-only') : available;
}

export function monitorAnswers(situation: Situation): Availability {
  if (monitorHost(situation) === undefined) return unavailable('no host has a monitor in the configuration');
  return monitorOf(situation) === undefined ? unavailable('the monitor is not reachable') : available;
}

/** What names no node means the only group there is; of several a node has to be named. */
export function hasOneGroup(situation: Situation): Availability {
  const groups = new Set(monitorOf(situation)?.nodes.map(node => node.group));
  return groups.size <= 1
    ? available
    : unavailable(`the formation has ${groups.size} groups: promote a node of the one that is meant`);
}

export function nodeIsKnown(situation: Situation, name: string | undefined): Availability {
  if (name === undefined) return unavailable('no node is selected');
  return nodeNamed(situation, name) === undefined ? unavailable(`the monitor knows no node ${name}`) : available;
}

/** A container whose host answers now. */
export function containerIsReachable(situation: Situation, name: string | undefined): Availability {
  const place = placeOf(situation, name);
  if (place === undefined) return unavailable(`no container of ${name ?? 'this node'} is in the configuration`);
  return isReachable(place) ? available : unavailable(`${place.host.name} is not reachable`);
}
