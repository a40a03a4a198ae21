import {describe, expect, test} from 'vitest';
import type {ActionKind, Situation} from '../../source/actions/action.ts';
import {kindsOf} from '../../source/actions/custom-action.ts';
import {actionKinds} from '../../source/actions/registry.ts';
import {assess} from '../../source/cluster/assess.ts';
import type {CustomAction} from '../../source/config/configuration.ts';
import {at, snapshot} from '../snapshots/snapshot.ts';

const taken = {keys: ['G', 'F'], words: ['events', 'quit']};
const analyze: CustomAction = {
  name: 'analyze',
  key: 'A',
  help: "refresh the planner's statistics",
  tier: 'reversible',
  argv: ['docker', 'exec', '{container}', 'vacuumdb', '--host={host}', 'x{node}y {unknown}'],
};

function situation(readOnly = false): Situation {
  const seen = snapshot();
  return {
    snapshot: {...seen, cluster: {...seen.cluster, readOnly}},
    assessment: assess(seen, at),
    now: at,
    docker: new Map(),
  };
}

function kindOf(custom: CustomAction): ActionKind {
  const kinds = kindsOf([custom], taken);
  const kind = kinds.ok ? kinds.value.at(-1) : undefined;
  if (kind === undefined) throw new Error('it was refused');
  return kind;
}

describe("an action of a team's own", () => {
  test('stands behind those of pgaf, with its key, its tier and its words', () => {
    const kinds = kindsOf([analyze], taken);
    expect(kinds.ok && kinds.value.slice(0, -1)).toEqual(actionKinds);
    expect(kindOf(analyze)).toMatchObject({key: 'A', usage: 'analyze NAME', tier: 'reversible', help: analyze.help});
  });

  test('runs on the host of its node, each placeholder filled in within its word', () => {
    const {steps} = kindOf(analyze).of({node: 'pg_node2'}).plan(situation());
    expect(steps).toEqual([
      {host: 'vm2', argv: ['docker', 'exec', 'pg_node2', 'vacuumdb', '--host=vm2', 'xpg_node2y {unknown}']},
    ]);
  });

  test('is judged by the exit status of its command', () => {
    const action = kindOf(analyze).of({node: 'pg_node2'});
    const verify = (state: 'running' | 'succeeded' | 'failed', exitCode: number | null) =>
      action.verify(situation(), situation(), [{state, exitCode}]);
    expect(verify('running', null).state).toBe('pending');
    expect(verify('succeeded', 0).state).toBe('done');
    expect(verify('failed', 3)).toEqual({state: 'unchanged', message: 'the command ended with status 3'});
  });

  test('is possible in a read-only console when it only reads', () => {
    expect(kindOf(analyze).of({node: 'pg_node2'}).available(situation(true))).toMatchObject({available: false});
    expect(
      kindOf({...analyze, tier: 'read'})
        .of({node: 'pg_node2'})
        .available(situation(true)),
    ).toEqual({available: true});
  });

  test.each<[string, Partial<CustomAction>, string]>([
    ['a word of pgaf', {name: 'events'}, 'pgaf has that word already'],
    ['the word of another action', {name: 'switchover'}, 'pgaf has that word already'],
    ['the key of another action', {key: 'S'}, 'the key S: it is taken'],
    ['a key that means something else', {key: 'G'}, 'the key G: it is taken'],
  ])('is a mistake of the configuration with %s', (_, more, words) => {
    const kinds = kindsOf([{...analyze, ...more}], taken);
    expect(!kinds.ok && kinds.problem.message).toContain(words);
  });
});
