import {expect, test} from 'vitest';
import {actionKinds} from '../../source/actions/registry.ts';
import {doneInActionsTest, doneInMembersTest} from './done-on-lab.ts';

test('every action is done on the lab, from the keyboard and by command', () => {
  const done = [...doneInActionsTest, ...doneInMembersTest].map(kind => kind.id);
  const kinds = actionKinds.map(kind => kind.id);
  expect(kinds.filter(kind => !done.includes(kind))).toEqual([]);
});
