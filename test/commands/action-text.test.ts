import {describe, expect, test} from 'vitest';
import {type ActionRun, openAction} from '../../source/actions/action-run.ts';
import {maintenanceOn} from '../../source/actions/maintenance.ts';
import {switchover} from '../../source/actions/switchover.ts';
import {assess} from '../../source/cluster/assess.ts';
import {outcomeLine, planLines, progressLines} from '../../source/commands/action-text.ts';
import {at, monitorNode, snapshot, withNodes} from '../snapshots/snapshot.ts';

function situation(of = snapshot()) {
  return {snapshot: of, assessment: assess(of, at), now: at, docker: new Map()};
}

const opened = openAction(switchover.of({}), situation());
const running: ActionRun = {...opened, phase: 'running', startedAt: at};

describe('the words of an action', () => {
  test('what speaks against it comes last, where it is read first', () => {
    const silent = situation(withNodes([monitorNode(1), monitorNode(2), monitorNode(3, {reportAgeSeconds: 30})]));
    const lines = planLines(openAction(switchover.of({}), silent), silent);
    expect(lines).toContain('  on vm3: docker exec pg_monitor pg_autoctl perform switchover --formation default');
    expect(lines.at(-1)).toMatch(/^ {2}FAIL {2}R07: quorum node pg_node3 would block the election: .*reported 30/);
  });

  test('a refusal says whether --force goes past it', () => {
    const primary = openAction(maintenanceOn.of({node: 'pg_node1'}), situation());
    const refused = {...primary, phase: 'ended' as const, outcome: {kind: 'refused' as const, message: 'no'}};
    expect(outcomeLine(refused)).toEqual(['refused: no', '  --force goes past it, and is written down']);
    const absolute = primary.checks.map(check => ({...check, absolute: true as const}));
    expect(outcomeLine({...refused, checks: absolute})).toEqual(['refused: no']);
    expect(outcomeLine({...refused, forced: true})).toEqual(['refused: no']);
  });

  test('what moves is told once, with the seconds since the start; harmless lines are not', () => {
    const [step] = running.steps;
    if (step === undefined) throw new Error('a switchover has a step');
    let now = at + 100;
    const words = progressLines(() => now);
    const output = ['03:12:47 1 INFO  Listening', '03:12:47 | pg_node1 | 1 | x | primary | draining'];
    const started: ActionRun = {...running, steps: [{...step, state: 'running'}]};
    expect(words(running, started)).toEqual([expect.stringMatching(/^ {3}0\.1 s {2}vm3: docker exec pg_monitor/)]);
    const spoke: ActionRun = {...started, steps: [{...step, state: 'running', output}]};
    expect(words(started, spoke)).toEqual(['   0.1 s  | 03:12:47 1 INFO  Listening']);
    now = at + 1500;
    const moved: ActionRun = {
      ...spoke,
      transitions: [{at: now, node: 'pg_node1', reportedState: 'primary', assignedState: 'draining'}],
      waitingFor: 'pg_node1: primary -> draining',
    };
    expect(words(spoke, moved)).toEqual(['   1.5 s  pg_node1  primary -> draining']);
    expect(words(moved, moved)).toEqual([]);
    now = at + 4500;
    expect(words(moved, moved)).toEqual(['   4.5 s  waiting for pg_node1: primary -> draining']);
    now = at + 9000;
    expect(words(moved, moved)).toEqual([]);
  });
});
