import type {ActionKind, Situation} from './action.ts';
import {
  allOf,
  available,
  containerIsReachable,
  mayChange,
  monitorAnswers,
  nodeIsKnown,
  unavailable,
} from './availability.ts';
import {isInMaintenance, monitorOf, nodeNamed, placeOf, primaryOf} from './cluster-facts.ts';
import {inContainer} from './commands.ts';
import {withNode} from './guards.ts';
import {nodeIdentity} from './identity.ts';
import {nodeSettled} from './node-settled.ts';
import {stoppingGuards} from './stopping-guards.ts';

/**
 * Restarts Postgres of a node where its supervisor knows of it: `pg_autoctl do service restart postgres` in the container (a bare pg_ctl
 * would race with it). On a primary that ends in an election as often as not, when its keeper reports in between.
 */
export const restart: ActionKind = {
  id: 'restart',
  key: 'R',
  usage: 'restart NODE',
  title: 'Restart',
  help: 'stop and start Postgres on the selected node; its container stays',
  tier: 'service',
  of: request => ({
    kind: restart,
    request,
    title: `Restart of Postgres on ${request.node ?? 'a node'}`,
    tier: 'service',
    available(situation) {
      const {node: name} = request;
      const known = allOf(
        mayChange(situation),
        monitorAnswers(situation),
        nodeIsKnown(situation, name),
        containerIsReachable(situation, name),
      );
      const node = nodeNamed(situation, name);
      if (!known.available || node === undefined) return known;
      if (placeOf(situation, name)?.inspected?.state !== 'running') return unavailable('its container does not run');
      return isInMaintenance(node) ? unavailable('it is in maintenance: its keeper leaves Postgres alone') : available;
    },
    preflight: situation =>
      withNode(situation, request.node, (reading, node) =>
        stoppingGuards(situation, reading, node, {what: 'a restart', outage: '5 to 10 s'}),
      ),
    plan: situation => plan(situation, request.node ?? ''),
    verify: (before, now) => nodeSettled(before, now, request.node),
    identity: situation => nodeIdentity(situation, request.node),
  }),
};

function plan(situation: Situation, name: string) {
  const place = placeOf(situation, name);
  const reading = monitorOf(situation);
  const node = nodeNamed(situation, name);
  const isPrimary = reading !== undefined && node !== undefined && primaryOf(reading, node.group) === node;
  const argv = ['pg_autoctl', 'do', 'service', 'restart', 'postgres'];
  return {
    meaning: isPrimary
      ? [
          'Postgres stops, ends every session and open transaction, and starts again',
          'clients see 5 to 10 s without a writable primary; the monitor may elect, and any standby can come out as the primary',
        ]
      : [
          'Postgres stops, ends every session, and starts again',
          'the monitor has it catch up first; it is secondary again after about 5 s',
        ],
    steps: place === undefined ? [] : [inContainer(situation, place, argv, {PG_AUTOCTL_DEBUG: '1'})],
    confirmation: name,
    usualSeconds: isPrimary ? 10 : 6,
    budgetSeconds: 90,
  };
}
