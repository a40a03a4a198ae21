import {expect, test} from 'vitest';
import {actionKinds} from '../../source/actions/registry.ts';
import {doneInActionsTest, doneInMembersTest} from './done-on-lab.ts';

test('every action is done on the lab, from the keyboard and by command', () => {
  expect(new Set([...doneInActionsTest, ...doneInMembersTest])).toEqual(new Set(actionKinds.map(kind => kind.id)));
});
