import {bad, good} from '../cluster/problem.ts';
import type {PromptCommand} from './prompt.ts';

export type Access = {
  isReadOnly(): boolean;
  /** False when the console was started with --read-only: then it stays so. */
  canBeLifted(): boolean;
  set(readOnly: boolean): void;
};

/** `:readonly` and `:write`: whether this console may change the cluster. */
export function accessCommands(access: Access): readonly PromptCommand[] {
  return [
    {
      name: 'readonly',
      parameters: '',
      help: 'nothing that changes the cluster can be started from here on',
      ...(access.isReadOnly() ? {unavailable: 'it is read-only'} : {}),
      run() {
        access.set(true);
        return good({text: 'read-only: nothing that changes the cluster can be started'});
      },
    },
    {
      name: 'write',
      parameters: '',
      help: 'actions can be started again',
      ...(access.isReadOnly() ? {} : {unavailable: 'it is not read-only'}),
      run() {
        if (!access.canBeLifted())
          return bad('configuration', 'this console was started with --read-only', {remedy: 'start it without'});
        access.set(false);
        return good({text: 'actions can be started'});
      },
    },
  ];
}
