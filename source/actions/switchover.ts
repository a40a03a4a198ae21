import type {Action, ActionKind, Request, Situation} from './action.ts';
import {allOf, hasOneGroup, mayChange, monitorAnswers} from './availability.ts';
import {candidatesOf, monitorOf, primaryOf} from './cluster-facts.ts';
import {onMonitor} from './commands.ts';
import {electionGuards, withMonitor} from './guards.ts';
import {formationIdentity} from './identity.ts';
import {anotherPrimary, performTimesOut} from './new-primary.ts';
import {promotion} from './promotion.ts';

/**
 * Makes another node the primary: `pg_autoctl perform switchover` on the monitor; with `--to`, the promotion of that node. With three nodes
 * the monitor itself checks nothing (perform_failover, node_active_protocol.c), and an election waits for ever for a silent quorum node:
 * the guards stand here (R07).
 */
export const switchover: ActionKind = {
  id: 'switchover',
  key: 'S',
  usage: 'switchover [--to NODE]',
  title: 'Switchover',
  help: 'make the best standby the primary',
  tier: 'service',
  of: request => (request.node === undefined ? toTheBest(switchover, request) : promotion.of(request)),
};

function toTheBest(kind: ActionKind, request: Request): Action {
  return {
    kind,
    request,
    title: kind.title,
    tier: kind.tier,
    available: situation => allOf(mayChange(situation), monitorAnswers(situation), hasOneGroup(situation)),
    preflight: situation => withMonitor(situation, reading => electionGuards(situation, reading, primaryOf(reading))),
    plan,
    verify: (before, now) => anotherPrimary(before, now),
    identity: formationIdentity,
  };
}

function plan(situation: Situation) {
  const reading = monitorOf(situation);
  const primary = reading === undefined ? undefined : primaryOf(reading);
  const candidates = reading === undefined ? [] : candidatesOf(reading, primary);
  const best = candidates
    .filter(node => node.candidatePriority === candidates[0]?.candidatePriority)
    .map(node => node.name);
  const step = onMonitor(situation, ['perform', 'switchover', '--formation', situation.snapshot.cluster.formation]);
  return {
    meaning: [
      `${primary?.name ?? 'the primary'} stops taking writes; ${best.join(' or ') || 'no standby'} becomes the primary, the others follow it`,
      'clients see about 3 s without a writable primary; open transactions on the old primary are lost',
    ],
    steps: step === undefined ? [] : [{...step, tolerates: performTimesOut}],
    confirmation: primary?.name ?? '',
    usualSeconds: 3,
    budgetSeconds: 60,
  };
}
