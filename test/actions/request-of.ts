import type {ActionKind} from '../../source/actions/action.ts';
import {readUsage} from '../../source/actions/usage.ts';

/** What a person asks for who names this node, and takes the first of each choice. */
export function requestOf(kind: ActionKind, node: string) {
  const {parts} = readUsage(kind.usage);
  const choice = parts.find(part => part.part === 'choice');
  return {
    ...(parts.some(part => part.part === 'placeholder' && part.placeholder !== 'N') ? {node} : {}),
    ...(choice?.part === 'choice' ? {value: choice.words[0] ?? ''} : {}),
    ...(parts.some(part => part.part === 'placeholder' && part.placeholder === 'N') ? {value: '1'} : {}),
  };
}
