import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {openAction} from '../../source/actions/action-run.ts';
import {auditLine} from '../../source/actions/audit-line.ts';
import {applicationFile} from '../../source/bootstrap/application.ts';
import {passwordFile, passwordFileScript} from '../../source/bootstrap/password-file.ts';
import {isFinishing, rotation, rotationIsUnderWay} from '../../source/bootstrap/rotation.ts';
import {keptSecrets, parseSecrets, type Secrets, secretsFile} from '../../source/bootstrap/secrets.ts';
import {type Changes, cluster, dead, situationOf} from '../actions/situation.ts';
import {hosts, madeHost, orders} from './fixtures.ts';

const old = {monitorPassword: 'oldMonitorOldMonitor', replicationPassword: 'oldReplicationOldReplication'};
const fresh = {monitorPassword: 'newMonitorNewMonitor', replicationPassword: 'newReplicationNewReplication'};
const asking = {...orders, settings: {...orders.settings, authentication: 'scram-sha-256' as const}};

function surveysWith(...secrets: readonly (Secrets | undefined)[]) {
  return hosts.map((host, index) => ({...madeHost(host), secrets: secrets[index]}));
}

const applicationPassword = 'newApplicationNewApplication';
const random = (bytes: number) => Buffer.alloc(bytes, 1);

function opened(secrets: readonly (Secrets | undefined)[], changes: Changes = {}) {
  const made = rotation(asking, surveysWith(...secrets), {...fresh, applicationPassword}, random);
  return openAction(made, situationOf(cluster(changes)));
}

const titles = (secrets: readonly (Secrets | undefined)[]) =>
  opened(secrets).plan.steps.map(step => `${step.host}: ${step.title}`);

describe('new passwords', () => {
  test('are kept before they are used, set, given to every node, tried, and then the only ones', () => {
    expect(titles([old, old, old])).toEqual([
      ...hosts.map(host => `${host}: keep the new passwords beside those in use`),
      'vm3: the new password of autoctl_node',
      'vm1: the new password of pgautofailover_replicator',
      'vm3: pg_monitor uses the new passwords',
      'vm1: pg_node1 uses the new passwords',
      'vm2: pg_node2 uses the new passwords',
      'vm3: pg_node3 uses the new passwords',
      'vm2: pg_node2 may connect to pg_node1 with the new password',
      'vm3: pg_node3 may connect to pg_node1 with the new password',
      ...hosts.map(host => `${host}: keep only the new passwords`),
    ]);
  });

  test('that an interruption left behind are gone on with, not replaced', () => {
    const {steps} = opened([{...old, next: fresh}, old, old]).plan;
    expect(steps.map(step => step.title).filter(title => title?.includes('beside'))).toHaveLength(2);
    const other = {monitorPassword: 'otherOtherOtherOther', replicationPassword: 'otherOtherOtherOther'};
    const inputs = opened([{...old, next: other}, old, old]).plan.steps.map(step => step.input ?? '');
    expect(inputs.some(input => input.includes(fresh.monitorPassword))).toBe(false);
    expect(inputs.some(input => input.includes(other.monitorPassword))).toBe(true);
  });

  test('of the application are in its file, where it is kept by a bootstrap', () => {
    const database = {name: 'orders', user: 'orders_app', from: []};
    const withDatabase = {...asking, settings: {...asking.settings, database}};
    const stepsOf = (application: string | undefined, secrets: Secrets) => {
      const surveys = surveysWith(secrets, secrets, secrets).map(survey => ({...survey, application}));
      const made = rotation(withDatabase, surveys, {...fresh, applicationPassword}, random);
      return openAction(made, situationOf(cluster())).plan.steps;
    };
    const file = applicationFile(withDatabase, database, 'oldApplicationOldApplication');
    const changed = stepsOf(file, old).map(step => step.title);
    expect(changed).toContain('the new password of orders_app');
    expect(changed.filter(title => title?.includes('application.env'))).toHaveLength(3);
    expect(stepsOf(undefined, old).map(step => step.title)).not.toContain('the new password of orders_app');
    // An interruption is gone on with by the password that was kept, not by another one.
    const next = {...fresh, applicationPassword: 'keptApplicationKeptApplication'};
    const inputs = stepsOf(file, {...old, next}).map(step => step.input ?? '');
    expect(inputs.filter(input => input.includes(`PGPASSWORD=${next.applicationPassword}`))).toHaveLength(3);
    expect(inputs.at(-1)).toBe(secretsFile(fresh));
  });

  test('stand on no command line, and in no line of the audit log', () => {
    const run = opened([old, old, old]);
    const operator = {user: 'ann', sudoUser: undefined, machine: 'bastion', sshConnection: undefined};
    const place = {operator, cluster: 'orders', formation: 'default', userOn: () => 'root'};
    const shown = JSON.stringify([auditLine(run, 'id', place, 0), run.steps, run.checks]);
    for (const each of [old, fresh].flatMap(each => Object.values(each))) expect(shown).not.toContain(each);
  });

  test.each<[string, Changes, readonly string[]]>([
    ['are made in a healthy cluster', {}, []],
    ['are refused with a dead standby', {nodes: {2: dead(12)}, streaming: [3]}, ['every-keeper', 'quorum-pg_node2']],
    [
      'are refused while something moves',
      {nodes: {3: {assignedState: 'catchingup'}}},
      ['quorum-pg_node3', 'no-change'],
    ],
  ])('%s', (_, changes, expected) => {
    const failed = opened([old, old, old], changes).checks.filter(check => check.result === 'fail');
    expect(new Set(failed.map(check => check.id))).toEqual(new Set(expected));
  });

  test('are gone on with also while keepers cannot report for want of them', () => {
    const silent = {nodes: {2: {reportAgeSeconds: 300}, 3: {reportAgeSeconds: 300}}};
    const both = {...old, next: fresh};
    expect(opened([both, both, both], silent).checks.filter(check => check.result === 'fail')).toEqual([]);
  });
});

describe('the passwords that hosts keep', () => {
  const both = {...old, next: fresh};

  test.each<[string, readonly (Secrets | undefined)[], Secrets | undefined, boolean, boolean]>([
    ['none', [undefined, undefined, undefined], undefined, false, false],
    ['one host', [undefined, old, undefined], old, false, false],
    ['the beginning of a rotation', [old, both, old], both, true, false],
    ['the middle of a rotation', [both, both, both], both, true, false],
    ['the end of a rotation', [fresh, both, both], fresh, false, true],
    ['after a rotation', [fresh, fresh, fresh], fresh, false, false],
  ])('are taken as what they are: %s', (_, secrets, kept, underWay, finishing) => {
    expect(keptSecrets(secrets)).toEqual(kept);
    expect(rotationIsUnderWay(surveysWith(...secrets))).toBe(underWay);
    expect(isFinishing(surveysWith(...secrets))).toBe(finishing);
  });

  test('are written and read back', () => {
    expect(parseSecrets(secretsFile(both))).toEqual(both);
    const withApplication = {...both, next: {...fresh, applicationPassword}};
    expect(parseSecrets(secretsFile(withApplication))).toEqual(withApplication);
    expect(parseSecrets(secretsFile(old))).toEqual(old);
  });
});

describe('a node', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'pgaf-passwords-'));
  });
  afterEach(() => rmSync(folder, {recursive: true, force: true}));

  test('is given the passwords where libpq looks for them, for its own user only', () => {
    const env = {PATH: '/usr/bin:/bin', HOME: folder};
    execFileSync('sh', ['-c', passwordFileScript], {env, input: passwordFile(old)});
    execFileSync('sh', ['-c', passwordFileScript], {env, input: passwordFile(fresh)});
    const file = path.join(folder, '.pgpass');
    expect(readFileSync(file, 'utf8')).toBe(
      `*:*:*:autoctl_node:${fresh.monitorPassword}\n*:*:*:pgautofailover_replicator:${fresh.replicationPassword}\n`,
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
