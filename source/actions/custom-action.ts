import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {CustomAction} from '../config/configuration.ts';
import type {Action, ActionKind, Plan, Request, Situation} from './action.ts';
import {allOf, available, containerIsReachable, mayChange} from './availability.ts';
import {byExitStatus} from './by-exit-status.ts';
import {placeOf} from './cluster-facts.ts';
import {warning} from './guards.ts';
import {nodeIdentity} from './identity.ts';
import {actionKinds} from './registry.ts';

/**
 * The kinds of a cluster: pgaf's own and those of its configuration. `taken` are the keys and words that mean something else already; a
 * clash is a mistake of the configuration.
 */
export function kindsOf(
  own: readonly CustomAction[],
  taken: {keys: readonly string[]; words: readonly string[]},
): Outcome<readonly ActionKind[]> {
  const keys = new Set([...taken.keys, ...actionKinds.flatMap(kind => kind.key ?? [])]);
  const words = new Set([...taken.words, ...actionKinds.map(kind => kind.usage.split(' ')[0] ?? '')]);
  for (const {name, key} of own) {
    if (words.has(name))
      return bad('configuration', `the action \`${name}\` cannot have this name: pgaf has that word already`);
    if (key !== undefined && keys.has(key))
      return bad('configuration', `the action \`${name}\` cannot have the key ${key}: it is taken`, {
        remedy: 'choose a capital letter that `?` does not list',
      });
    words.add(name);
    if (key !== undefined) keys.add(key);
  }
  return good([...actionKinds, ...own.map(customKind)]);
}

function customKind(custom: CustomAction): ActionKind {
  const kind: ActionKind = {
    id: custom.name,
    ...(custom.key === undefined ? {} : {key: custom.key}),
    usage: `${custom.name} NAME`,
    title: custom.name,
    help: custom.help,
    tier: custom.tier,
    of: (request): Action => ({
      kind,
      request,
      title: `${custom.name} on ${request.node ?? 'a node'}`,
      tier: custom.tier,
      available: situation =>
        allOf(custom.tier === 'read' ? available : mayChange(situation), containerIsReachable(situation, request.node)),
      preflight: situation => {
        const state = placeOf(situation, request.node)?.inspected?.state;
        return [
          warning(
            'container',
            state === 'running',
            `the container of ${request.node} runs`,
            `it is ${state ?? 'not known'}`,
          ),
        ];
      },
      plan: situation => planOf(custom, request, situation),
      verify: (_before, _now, steps) => byExitStatus(steps),
      identity: situation => nodeIdentity(situation, request.node),
    }),
  };
  return kind;
}

function planOf(custom: CustomAction, {node = ''}: Request, situation: Situation): Plan {
  const place = placeOf(situation, node);
  return {
    meaning: [`${custom.help}; the outcome is the exit status of the command`],
    steps:
      place === undefined
        ? []
        : [
            {
              host: place.host.name,
              argv: filledIn(custom.argv, {node, host: place.host.name, container: place.container}),
            },
          ],
    confirmation: node,
    usualSeconds: 5,
    budgetSeconds: 600,
  };
}

/** Each word stays one word, whatever is filled in. */
function filledIn(
  argv: readonly string[],
  values: Readonly<Record<'host' | 'container' | 'node', string>>,
): readonly string[] {
  return argv.map(word =>
    word.replaceAll(/\{(host|container|node)\}/g, (_, name: 'host' | 'container' | 'node') => values[name]),
  );
}
