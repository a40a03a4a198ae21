import type {Action, ActionKind} from '../actions/action.ts';

/** An action that is no word of the registry: what it does comes out of the configuration and of what the hosts have, and not of a request. */
export function bootstrapAction(
  what: Omit<ActionKind, 'of'>,
  parts: Omit<Action, 'kind' | 'request' | 'title' | 'tier'>,
  title = what.title,
): Action {
  const action: Action = {kind: {...what, of: () => action}, request: {}, title, tier: what.tier, ...parts};
  return action;
}
