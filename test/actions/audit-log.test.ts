import {appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type ActionRun, openAction} from '../../source/actions/action-run.ts';
import type {AuditPlace} from '../../source/actions/audit-line.ts';
import {auditFile, auditLog} from '../../source/actions/audit-log.ts';
import {operatorName} from '../../source/actions/operator.ts';
import {promotion} from '../../source/actions/promotion.ts';
import {assess} from '../../source/cluster/assess.ts';
import {temporaryFolder} from '../robot/console-program.ts';
import {at, snapshot} from '../snapshots/snapshot.ts';

const operator = {user: 'root', sudoUser: 'ann', machine: 'bastion', sshConnection: '10.0.0.9 50022 10.0.0.11 22'};
const place: AuditPlace = {
  operator,
  cluster: 'orders',
  formation: 'default',
  userOn: host => (host === 'vm3' ? 'ubuntu' : undefined),
};

/** A promotion that can be run. */
function opened(): ActionRun {
  const situation = {snapshot: snapshot(), assessment: assess(snapshot(), at), now: at, docker: new Map()};
  return openAction(promotion.of({node: 'pg_node2'}), situation);
}

function log(file: string) {
  let lastId = 0;
  return auditLog(
    file,
    place,
    () => at,
    () => {
      lastId += 1;
      return `run-${lastId}`;
    },
  );
}

function lines(file: string): {[name: string]: unknown}[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
}

const running = (run: ActionRun): ActionRun => ({...run, phase: 'running', startedAt: at});
const ended = (run: ActionRun): ActionRun => ({
  ...run,
  phase: 'ended',
  startedAt: at,
  endedAt: at + 2500,
  withoutWritesSeconds: 1.5,
  outcome: {kind: 'done', message: 'pg_node2 is the primary on the monitor, timeline 6'},
});

describe('the audit log', () => {
  test('has a line when a run begins and one with the same id when it has ended: who, where, what, and what came of it', () => {
    const file = join(temporaryFolder(), 'state', 'audit-orders.jsonl');
    const record = log(file);
    const run = opened();
    expect(record(running(run))).toEqual({ok: true, value: undefined});
    expect(record(ended(run))).toEqual({ok: true, value: undefined});
    const [begin, end] = lines(file);
    expect(begin).toMatchObject({
      event: 'begin',
      id: 'run-1',
      who: {user: 'root', sudoUser: 'ann', machine: 'bastion', sshConnection: '10.0.0.9 50022 10.0.0.11 22'},
      cluster: 'orders',
      formation: 'default',
      action: 'promote',
      target: 'pg_node2',
      forced: false,
      outcome: null,
    });
    expect(begin?.checks).toContainEqual(expect.objectContaining({id: 'target', result: 'pass'}));
    expect(begin?.steps).toMatchObject([
      {
        host: 'vm3',
        user: 'ubuntu',
        argv: 'docker exec pg_monitor pg_autoctl perform promotion --formation default --name pg_node2'.split(' '),
      },
    ]);
    expect(end).toMatchObject({
      event: 'end',
      id: 'run-1',
      outcome: 'done',
      durationSeconds: 2.5,
      withoutWritesSeconds: 1.5,
    });
  });

  test('has one line of a run that was refused, and another id for the next', () => {
    const file = join(temporaryFolder(), 'audit.jsonl');
    const record = log(file);
    const refused = {...opened(), phase: 'ended' as const, outcome: {kind: 'refused' as const, message: 'no'}};
    record(refused);
    record(running(opened()));
    expect(lines(file)).toMatchObject([
      {event: 'refused', id: 'run-1', outcome: 'refused', message: 'no'},
      {event: 'begin', id: 'run-2'},
    ]);
  });

  test('is for its owner alone, and only grows', () => {
    const file = join(temporaryFolder(), 'state', 'audit.jsonl');
    log(file)(running(opened()));
    const before = readFileSync(file, 'utf8');
    log(file)(running(opened()));
    expect(readFileSync(file, 'utf8').startsWith(before)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('goes on after a line that was cut off', () => {
    const file = join(temporaryFolder(), 'audit.jsonl');
    appendFileSync(file, '{"event":"begin","id":"cut o');
    log(file)(running(opened()));
    expect(readFileSync(file, 'utf8').split('\n')).toEqual([
      '{"event":"begin","id":"cut o',
      expect.stringMatching(/^{"event":"begin","id":"run-1"/),
      '',
    ]);
  });

  test('that cannot be written says why', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'state'), '');
    const record = log(join(folder, 'state', 'audit.jsonl'));
    expect(record(running(opened()))).toMatchObject({
      ok: false,
      problem: {message: expect.stringMatching(/EEXIST|ENOTDIR/)},
    });
  });

  test.skipIf(!existsSync('/dev/full'))('on a full disk says so', () => {
    expect(log('/dev/full')(running(opened()))).toMatchObject({
      ok: false,
      problem: {message: expect.stringContaining('ENOSPC')},
    });
  });

  test.each([['orders'], ['../../etc/x'], ['a/b c'], ['']])('of the cluster %j is a file in its folder', cluster => {
    const folder = temporaryFolder();
    mkdirSync(folder, {recursive: true});
    const file = auditFile(folder, cluster);
    expect(join(file, '..')).toBe(folder);
  });
});

test('an operator is told by the one who became root', () => {
  expect(operatorName(operator)).toBe('ann (root)@bastion');
  expect(operatorName({...operator, sudoUser: undefined})).toBe('root@bastion');
});
