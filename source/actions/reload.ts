import type {ActionKind} from './action.ts';
import {allOf, containerIsReachable, mayChange, unavailable} from './availability.ts';
import {byExitStatus} from './by-exit-status.ts';
import {placeOf} from './cluster-facts.ts';
import {inContainer} from './commands.ts';
import {check} from './guards.ts';
import {nodeIdentity} from './identity.ts';

/** Has pg_autoctl and Postgres of a node read their configuration again: `pg_autoctl reload` in its container. The monitor is not needed. */
export const reload: ActionKind = {
  id: 'reload',
  usage: 'reload NODE',
  title: 'Reload',
  help: 'read the configuration and HBA rules of a node again',
  tier: 'reversible',
  of: request => ({
    kind: reload,
    request,
    title: `Reload of ${request.node ?? 'a node'}`,
    tier: 'reversible',
    available(situation) {
      const known = allOf(mayChange(situation), containerIsReachable(situation, request.node));
      const runs = placeOf(situation, request.node)?.inspected?.state === 'running';
      return known.available && !runs ? unavailable('its container does not run') : known;
    },
    preflight(situation) {
      const inspected = placeOf(situation, request.node)?.inspected;
      return [
        check('container', inspected?.state === 'running', 'its container runs', inspected?.state ?? 'not known'),
      ];
    },
    plan(situation) {
      const place = placeOf(situation, request.node);
      return {
        meaning: ['nothing is interrupted; settings that need a restart wait for one'],
        steps: place === undefined ? [] : [inContainer(situation, place, ['pg_autoctl', 'reload'])],
        confirmation: request.node ?? '',
        usualSeconds: 1,
        budgetSeconds: 30,
      };
    },
    verify: (_before, _now, steps) => byExitStatus(steps),
    identity: situation => nodeIdentity(situation, request.node),
  }),
};
