import {canTakeWrites, type ReplicationState} from './replication-state.ts';
import type {ClusterEvent} from './snapshot.ts';

/** What the monitor's events tell about the group's primary. Times are the monitor's clock, milliseconds since 1970. */
export type History = {
  /** The outage of writes that goes on at the end of the events. */
  outage: Outage | undefined;
  /** The last one that has ended, with its end and who took over. */
  lastOutage: (Outage & {endedAt: number; to: string}) | undefined;
};

/** From the event after which no node could take writes. */
export type Outage = {
  /** The event that took the primary out of service. */
  beganAt: number;
  /** When writes ended: earlier than `beganAt` when the primary had been marked unhealthy before. */
  writesEndedAt: number;
  from: string;
  cause: 'switchover' | 'failover' | 'maintenance' | 'drop';
};

type NodeStates = {name: string; reported: ReplicationState; assigned: ReplicationState};

/** How many of the newest events are replayed: far more than any change has. */
const replayedEvents = 500;

/** The events change seldom and are looked at many times a second. */
const replayed = new WeakMap<readonly ClusterEvent[], ReadonlyMap<number, History>>();

/** The history of every group that has events; the same list of events (never mutated) is replayed once. */
export function historiesOf(events: readonly ClusterEvent[]): ReadonlyMap<number, History> {
  const known = replayed.get(events);
  if (known !== undefined) return known;
  const groups = Map.groupBy(events.slice(-replayedEvents), event => event.group);
  const histories = new Map([...groups].map(([group, own]) => [group, replayHistory(own, group)]));
  replayed.set(events, histories);
  return histories;
}

/** The events replayed, oldest first. Knows nothing of what happened before the first event. */
export function replayHistory(events: readonly ClusterEvent[], group: number): History {
  const states = new Map<number, NodeStates>();
  let writer: {id: number; name: string} | undefined;
  let unhealthySince: number | undefined;
  let outage: Outage | undefined;
  let lastOutage: History['lastOutage'];
  for (const event of events) {
    if (event.group !== group) continue;
    if (event.description.startsWith('Removing node')) states.delete(event.nodeId);
    else states.set(event.nodeId, {name: event.nodeName, reported: event.reportedState, assigned: event.assignedState});
    if (event.nodeId === writer?.id) unhealthySince = healthMark(event, unhealthySince);
    const next = writerOf(states, event.nodeId);
    if (next !== undefined) {
      if (outage !== undefined) lastOutage = {...outage, endedAt: event.at, to: next.name};
      if (next.id !== writer?.id) unhealthySince = undefined;
      outage = undefined;
    } else if (writer !== undefined) {
      outage = {
        beganAt: event.at,
        writesEndedAt: unhealthySince ?? event.at,
        from: writer.name,
        cause: causeOf(event.description),
      };
    }
    writer = next;
  }
  return {outage, lastOutage};
}

/** The node of the newest event first: one that was dropped by force leaves no event, and would else stay the writer for ever. */
function writerOf(states: ReadonlyMap<number, NodeStates>, newest: number): {id: number; name: string} | undefined {
  const latest = states.get(newest);
  if (latest !== undefined && writes(latest)) return {id: newest, name: latest.name};
  for (const [id, node] of states) if (writes(node)) return {id, name: node.name};
  return undefined;
}

function writes(node: NodeStates): boolean {
  return canTakeWrites(node.reported) && canTakeWrites(node.assigned);
}

function healthMark(event: ClusterEvent, since: number | undefined): number | undefined {
  if (event.description.includes('is marked as unhealthy')) return event.at;
  return event.description.includes('is marked as healthy') ? undefined : since;
}

function causeOf(description: string): Outage['cause'] {
  if (description.includes('user-initiated failover')) return 'switchover';
  if (description.includes('start_maintenance')) return 'maintenance';
  if (/remov|dropped/i.test(description)) return 'drop';
  return 'failover';
}
