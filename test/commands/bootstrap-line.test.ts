import {describe, expect, test} from 'vitest';
import {auditEntries, parseAuditLine} from '../../source/actions/audit-entries.ts';
import {type BootstrapRecord, recordSteps} from '../../source/bootstrap/bootstrap-record.ts';
import {passed} from '../../source/bootstrap/host-check.ts';
import type {BootstrapStep} from '../../source/bootstrap/plan.ts';
import {bad, good, type Outcome} from '../../source/cluster/problem.ts';
import {auditText} from '../../source/commands/audit-text.ts';
import {bootstrapLine} from '../../source/commands/bootstrap-line.ts';

const startedAt = Date.UTC(2026, 0, 15, 3, 12, 47);
const secrets = {monitorPassword: 'monitorMonitorMonitor', replicationPassword: 'replicationReplication'};
const argv = ['docker', 'exec', '-i', 'pg_node1', 'psql'];
const database = {name: 'shop', user: 'shopper', from: []};
const start: BootstrapStep = {
  ...{kind: 'container', host: 'vm1', container: 'pg_node1', waitsFor: 'primary'},
  argv: ['docker', 'compose', 'up', '-d', 'pg_node1'],
};
const steps: readonly BootstrapStep[] = [
  {kind: 'file', host: 'vm1', path: '/opt/pgaf/gate.sh', content: 'exit\n', before: undefined},
  {kind: 'image', host: 'vm1', from: 'vm2', image: 'citusdata/pg_auto_failover:15'},
  {kind: 'secrets', host: 'vm1', path: '/opt/pgaf/secrets.env', secrets},
  {kind: 'application', host: 'vm1', path: '/opt/pgaf/application.env', content: 'PGPASSWORD=applicationApplication\n'},
  {kind: 'password', host: 'vm1', role: 'autoctl_node', argv, password: secrets.monitorPassword},
  {kind: 'pgpass', host: 'vm1', container: 'pg_node1', argv, passwords: secrets},
  {kind: 'database', host: 'vm1', argv, database, password: 'applicationApplication'},
  start,
];
const place = {
  operator: {user: 'root', sudoUser: 'ann', machine: 'bastion', sshConnection: '10.0.0.9 50022 10.0.0.11 22'},
  cluster: 'orders',
  formation: 'default',
  userOn: () => 'ubuntu',
};

/** The lines of a bootstrap that is followed, and what `pgaf audit` tells of them. */
function followed(of: readonly BootstrapStep[], follow: (audit: ReturnType<typeof recordSteps>) => void) {
  const records: BootstrapRecord[] = [];
  let now = startedAt;
  const write = (record: BootstrapRecord) => {
    records.push(record);
    now += 125_000;
    return good(undefined);
  };
  const checks = [passed('vm1', 'docker', 'Docker answers', '27.0.3')];
  follow(recordSteps({options: ['rebuild-monitor'], forced: false, checks, steps: of}, write, () => now));
  const text = records.map(record =>
    JSON.stringify(bootstrapLine(record, 'one', () => ['sudo', '-n', 'docker'], place, startedAt)),
  );
  const lines = text.map(parseAuditLine).filter(line => line !== undefined);
  return {text, lines, told: auditEntries(lines).map(entry => auditText(entry).join('\n'))};
}

describe('a bootstrap is written down', () => {
  test.each<[string, Outcome<void>, RegExp]>([
    ['done', good(undefined), /\n {4}done after 2 min\n/],
    ['failed', bad('timeout', 'pg_node1 serves: not within 3600 s'), /\n {4}FAILED after 2 min: pg_node1 serves: not/],
  ])('before its first step and at its end: who, where, what, and that it is %s', (_, outcome, words) => {
    const {lines, told} = followed([start], audit => {
      audit.begin();
      audit.note(start, outcome.ok ? 'succeeded' : 'failed');
      audit.end(outcome);
    });
    expect(lines.map(({event, id}) => [event, id])).toEqual([
      ['begin', 'one'],
      ['end', 'one'],
    ]);
    expect(told).toEqual([
      expect.stringMatching(
        /Bootstrap --rebuild-monitor in orders\/default, by ann as root on bastion from 10\.0\.0\.9/,
      ),
    ]);
    expect(told[0]).toMatch(words);
    expect(told[0]).toContain('ubuntu@vm1: docker compose up -d pg_node1');
  });

  test('with what can only be seen later, each once', () => {
    const setting: BootstrapStep = {
      ...{kind: 'setting', host: 'vm3', what: 'number-sync-standbys', from: '0', to: '1'},
      argv: ['docker', 'exec', 'pg_monitor', 'psql'],
    };
    const {lines} = followed([start], audit => {
      audit.begin();
      audit.note(start, 'succeeded');
      audit.note(setting, 'running');
      audit.note(setting, 'succeeded');
      audit.end(good(undefined));
    });
    expect(lines.map(line => line.steps.map(({host}) => host))).toEqual([['vm1'], ['vm1', 'vm3']]);
  });

  test('not at all where it makes nothing', () => {
    const {lines} = followed([], audit => {
      audit.begin();
      audit.end(good(undefined));
    });
    expect(lines).toEqual([]);
  });

  test.each<readonly [readonly BootstrapStep[]]>([[[start]], [[]]])('when it is refused, by one line', of => {
    const {lines, told} = followed(of, audit => audit.refuse('vm1: Docker answers: it does not'));
    expect(lines).toMatchObject([{event: 'refused', outcome: 'refused', title: 'Bootstrap --rebuild-monitor'}]);
    expect(told).toEqual([
      expect.stringMatching(/\n {4}refused: vm1: Docker answers: it does not; nothing was changed$/),
    ]);
  });

  test('with the command of each step, and none of its secrets', () => {
    const {text, lines} = followed(steps, audit => audit.begin());
    expect(lines[0]?.steps.map(step => step.argv.slice(0, 4))).toContainEqual(['sudo', '-n', 'docker', 'load']);
    for (const secret of [...Object.values(secrets), 'applicationApplication'])
      expect(text.join()).not.toContain(secret);
  });
});
