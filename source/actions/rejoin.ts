import type {ActionKind, Availability, Check, Plan, Situation, Step} from './action.ts';
import {allOf, available, containerIsReachable, mayChange, monitorAnswers, unavailable} from './availability.ts';
import {type Place, placeOf} from './cluster-facts.ts';
import {check, monitorIsFresh, warning, withMonitor} from './guards.ts';
import {nodeIdentity} from './identity.ts';
import {joined, joiningGuards, joiningSteps, nodeIn} from './joining.ts';
import {isStopped, stopContainer} from './leaving.ts';

/**
 * Brings a node back that was dropped and whose data still exists. pg_autoctl takes that data as it is, without a rewind (R15): what was
 * written there and nowhere else keeps it from following, and then it has to be copied anew.
 */
export const rejoin: ActionKind = {
  id: 'rejoin',
  usage: 'rejoin NODE',
  title: 'Rejoin',
  help: 'bring a dropped node back with the data it has',
  tier: 'reversible',
  of: ({node: name}) => ({
    kind: rejoin,
    request: {...(name === undefined ? {} : {node: name})},
    title: `Rejoin ${name ?? 'a node'}`,
    tier: 'reversible',
    available: situation =>
      allOf(
        mayChange(situation),
        monitorAnswers(situation),
        containerIsReachable(situation, name),
        isUnknown(situation, name),
      ),
    preflight: situation => withMonitor(situation, () => withPlace(situation, name, place => guards(situation, place))),
    plan: situation => plan(situation, name),
    verify(_before, now) {
      const place = placeOf(now, name);
      return place === undefined
        ? {state: 'unchanged', message: `no container of ${name} is in the configuration`}
        : joined(now, place);
    },
    identity: situation => nodeIdentity(situation, name),
  }),
};

function isUnknown(situation: Situation, name: string | undefined): Availability {
  const place = placeOf(situation, name);
  const node = place === undefined ? undefined : nodeIn(situation, place);
  if (node?.assignedState === 'dropped')
    return unavailable(`the monitor still has ${node.name}, as dropped: :drop ${node.name} --lost first`);
  if (node !== undefined) return unavailable(`${node.name} is in the cluster: it is ${node.reportedState}`);
  return place?.inspected === undefined
    ? unavailable(`docker has no container ${place?.container ?? name}`)
    : available;
}

function withPlace(
  situation: Situation,
  name: string | undefined,
  checks: (place: Place) => readonly Check[],
): readonly Check[] {
  const place = placeOf(situation, name);
  return place === undefined
    ? [{...check('target', false, 'its container is in the configuration', `there is none of ${name}`), absolute: true}]
    : checks(place);
}

function guards(situation: Situation, place: Place): readonly Check[] {
  return [
    monitorIsFresh(situation),
    ...joiningGuards(situation, place),
    warning(
      'data',
      false,
      'its data is a part of the history of the primary',
      `that shows when it starts; if not, it does not follow, and :reclone ${place.container} copies it anew (R28)`,
    ),
  ];
}

function plan(situation: Situation, name = ''): Plan {
  const place = placeOf(situation, name);
  return {
    meaning: [
      `${name} registers with the monitor and follows the primary, from where its data ends`,
      'its candidate priority and replication quorum are those of its command again, 50 and on unless it says otherwise',
    ],
    steps: place === undefined ? [] : [...ended(situation, place), ...joiningSteps(situation, place)],
    confirmation: name,
    usualSeconds: 10,
    budgetSeconds: 4 * 3600,
  };
}

/** One that docker starts again and again is stopped first, so that its files are at rest. */
function ended(situation: Situation, place: Place): readonly Step[] {
  return isStopped(situation, place) ? [] : [stopContainer(situation, place)];
}
