import type {ActionKind, Situation} from './action.ts';
import {allOf, mayChange, monitorAnswers, nodeIsKnown, unavailable} from './availability.ts';
import {isPrimaryLike, monitorOf, nodeNamed, primaryOf} from './cluster-facts.ts';
import {onMonitor} from './commands.ts';
import {electionGuards, withNode} from './guards.ts';
import {formationIdentity, nodeIdentity} from './identity.ts';
import {anotherPrimary, performTimesOut} from './new-primary.ts';

/** Makes one node the primary: `pg_autoctl perform promotion` on the monitor, with the guards of a switchover and those of its target. */
export const promotion: ActionKind = {
  id: 'promote',
  key: 'P',
  usage: 'promote NODE',
  title: 'Promote',
  help: 'make the selected node the primary',
  tier: 'service',
  of(request) {
    const {node: name} = request;
    return {
      kind: promotion,
      request,
      title: `Promote ${name ?? 'a node'}`,
      tier: 'service',
      available(situation) {
        const known = allOf(mayChange(situation), monitorAnswers(situation), nodeIsKnown(situation, name));
        const node = nodeNamed(situation, name);
        if (!known.available || node === undefined) return known;
        return isPrimaryLike(node) && node.assignedState === 'primary'
          ? unavailable(`${node.name} is the primary already`)
          : known;
      },
      preflight: situation =>
        withNode(situation, name, (reading, target) =>
          electionGuards(situation, reading, primaryOf(reading, target.group), target),
        ),
      plan: situation => plan(situation, name),
      verify: (before, now) => anotherPrimary(before, now, name),
      identity: situation => `${formationIdentity(situation)} ${nodeIdentity(situation, name)}`,
    };
  },
};

function plan(situation: Situation, name = '') {
  const reading = monitorOf(situation);
  const primary = reading === undefined ? undefined : primaryOf(reading, nodeNamed(situation, name)?.group);
  const {formation} = situation.snapshot.cluster;
  const step = onMonitor(situation, ['perform', 'promotion', '--formation', formation, '--name', name]);
  return {
    meaning: [
      `${primary?.name ?? 'the primary'} stops taking writes; ${name} becomes the primary, the others follow it`,
      'clients see about 3 s without a writable primary; open transactions on the old primary are lost',
    ],
    steps: step === undefined ? [] : [{...step, tolerates: performTimesOut}],
    confirmation: name,
    usualSeconds: 3,
    budgetSeconds: 60,
  };
}
