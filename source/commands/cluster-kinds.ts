import type {ActionKind} from '../actions/action.ts';
import {kindsOf} from '../actions/custom-action.ts';
import type {Outcome} from '../cluster/problem.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import {bindings} from '../console/bindings.ts';
import {commandList, fixedWords} from './command-list.ts';

/** Every kind of action that a cluster has; a configured one that takes a key or a word of pgaf's own is a problem of the configuration. */
export function kindsOfCluster({actions}: Pick<ClusterConfiguration, 'actions'>): Outcome<readonly ActionKind[]> {
  const others = bindings.filter(binding => binding.group !== 'change');
  return kindsOf(actions, {
    keys: others.flatMap(binding => binding.keys),
    words: [...others.map(binding => binding.id), ...wordsOfThePrompt, ...wordsOfTheCommandLine],
  });
}

/** What the prompt takes beside keys and actions; a test compares it with a running console. */
export const wordsOfThePrompt: readonly string[] = [
  'force',
  'help',
  'quit',
  'readonly',
  'write',
  'uri',
  'exec',
  'scenario',
  'fault',
  'speed',
  'pause',
  'step',
  'truth',
  'diagnose',
  'done',
];

/** The commands of `pgaf` beside the actions, and words that are kept for those to come. */
export const wordsOfTheCommandLine: readonly string[] = [
  ...commandList.filter(({action}) => action === undefined).flatMap(({usage}) => fixedWords(usage)[0] ?? []),
  'logs',
  'triage',
  'report',
  'exec',
  'shell',
  'psql',
  'autoctl',
  'bootstrap',
  'complete',
  'uri',
];
