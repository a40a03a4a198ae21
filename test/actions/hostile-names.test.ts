import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Situation} from '../../source/actions/action.ts';
import {openAction} from '../../source/actions/action-run.ts';
import {literal} from '../../source/actions/commands.ts';
import {actionKinds} from '../../source/actions/registry.ts';
import {assess} from '../../source/cluster/assess.ts';
import {frameText} from '../screens/fixtures/frame-text.ts';
import {consoleState} from '../screens/fixtures/states.ts';
import {at, host, monitorNode, snapshot, withNodes} from '../snapshots/snapshot.ts';
import {requestOf} from './request-of.ts';

/** Names as nobody should give them, but as they can come from a monitor. */
const names = fc
  .oneof(
    fc.string({minLength: 1, maxLength: 30}),
    fc.constantFrom(
      "a'b",
      '$(reboot)',
      '`id`',
      '"; drop table node; --',
      'a\nb',
      '\u001B[2J',
      'ü\u202Ename',
      '\\',
      "\\'",
      '--force',
      'a b',
    ),
  )
  .filter(name => name.trim() !== '' && !/^pg_node[123]$/.test(name));

/** Node 2 has the name; the configuration does not know it by that. */
function situation(name: string, formation: string): Situation {
  const seen = {
    ...withNodes([monitorNode(1), monitorNode(2, {name}), monitorNode(3)]),
    hosts: [host(1), host(2), host(3)],
  };
  const named = {...seen, cluster: {...snapshot().cluster, formation}};
  return {snapshot: named, assessment: assess(named, at), now: at, docker: new Map()};
}

describe.each(actionKinds.map(kind => [kind.id, kind] as const))('%s', (_, kind) => {
  test('keeps a hostile name one word of the command, or one literal of its SQL', () => {
    fc.assert(
      fc.property(names, names, (name, formation) => {
        const plain = kind.of(requestOf(kind, 'NAMEOFNODE')).plan(situation('NAMEOFNODE', 'NAMEOFFORMATION')).steps;
        const steps = kind.of(requestOf(kind, name)).plan(situation(name, formation)).steps;
        // Exactly what stands there for a harmless name, in exactly as many words.
        expect(steps.map(step => step.argv)).toEqual(
          plain.map(step =>
            step.argv.map(word =>
              word.includes("'NAMEOF")
                ? word
                    .replace("'NAMEOFNODE'", () => literal(name))
                    .replace("'NAMEOFFORMATION'", () => literal(formation))
                : word.replace('NAMEOFNODE', () => name).replace('NAMEOFFORMATION', () => formation),
            ),
          ),
        );
      }),
      {numRuns: 60},
    );
  });

  test('draws a hostile name without its control characters', () => {
    fc.assert(
      fc.property(names, name => {
        const of = situation(name, 'default');
        const state = consoleState(of.snapshot, of.assessment, {
          screens: [{name: 'action'}],
          action: openAction(kind.of(requestOf(kind, name)), of),
        });
        expect(frameText(state, {columns: 120, rows: 35})).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F\u202E]/);
      }),
      {numRuns: 30},
    );
  });
});

test('a literal of SQL reads back as the text that it was made of', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      const sql = literal(text);
      const escaped = sql.startsWith('E');
      const inside = sql.slice(escaped ? 2 : 1, -1).replaceAll("''", "'");
      expect(escaped ? inside.replaceAll('\\\\', '\\') : inside).toBe(text);
      // No quote inside ends it.
      expect(sql.slice(escaped ? 2 : 1, -1).replaceAll("''", '')).not.toContain("'");
    }),
  );
});
