import {execFile} from 'node:child_process';
import {chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {openAction} from '../../source/actions/action-run.ts';
import {applicationFile} from '../../source/bootstrap/application.ts';
import type {DesiredCluster} from '../../source/bootstrap/desired-cluster.ts';
import type {Encryption} from '../../source/bootstrap/encryption.ts';
import {demandScript, enableScript, encryptionChange, leftToEncrypt} from '../../source/bootstrap/encryption-change.ts';
import type {HostSurvey} from '../../source/bootstrap/host-survey.ts';
import {type Changes, cluster, dead, situationOf} from '../actions/situation.ts';
import {encrypting, encryptingHosts, hosts, withSsl} from './fixtures.ts';

const encrypted = withSsl('self-signed');

function opened(of: DesiredCluster, surveys: readonly HostSurvey[], changes: Changes = {}) {
  return openAction(encryptionChange(of, surveys), situationOf(cluster(changes)));
}

const titles = (of: DesiredCluster, now: (container: string) => Encryption) =>
  opened(of, encryptingHosts(now)).plan.steps.map(step => step.title);
const rules = ['pg_monitor', 'pg_node1', 'pg_node2', 'pg_node3'].map(
  name => `pg_hba.conf of ${name} lets nobody in without TLS`,
);
const reaching = (mode: string) => [1, 2, 3].map(id => `pg_node${id} reaches the others by sslmode=${mode}`);
const demanding = (mode: string) => [2, 3, 1].map(id => `pg_node${id} connects by sslmode=${mode} alone`);

describe('encryption', () => {
  test('is offered by every server before anybody has to use it, tried, used by the standbys first, and then asked of all', () => {
    expect(titles(encrypted, () => encrypting('none'))).toEqual([
      ...['pg_monitor', 'pg_node1', 'pg_node2', 'pg_node3'].map(name => `${name} offers TLS`),
      ...reaching('require'),
      ...demanding('require'),
      ...rules,
    ]);
  });

  test.each<[string, DesiredCluster, (container: string) => Encryption, readonly (string | undefined)[]]>([
    [
      'offered everywhere',
      encrypted,
      name => encrypting('self-signed', name === 'pg_monitor' ? {} : {mode: 'prefer'}),
      [...reaching('require'), ...demanding('require'), ...rules],
    ],
    [
      'used by all but the primary',
      encrypted,
      name => encrypting('self-signed', name === 'pg_node1' ? {mode: 'prefer'} : {letsPlainIn: true}),
      [reaching('require')[0], demanding('require')[2], ...rules],
    ],
    [
      'used, and not asked for everywhere',
      encrypted,
      name => encrypting('self-signed', {letsPlainIn: name === 'pg_node3'}),
      rules,
    ],
    [
      'there with certificates that do not have to name the host',
      withSsl('verify-full'),
      () => encrypting('verify-ca'),
      ['pg_monitor offers TLS', ...reaching('verify-full'), ...demanding('verify-full'), ...rules],
    ],
  ])('that was interrupted, or is %s, is gone on with', (_, of, now, expected) => {
    expect(titles(of, now)).toEqual(expected);
    expect(leftToEncrypt(of, encryptingHosts(now))).not.toEqual([]);
  });

  test('leaves nothing to do once it is so', () => {
    expect(
      leftToEncrypt(
        encrypted,
        encryptingHosts(() => encrypting('self-signed')),
      ),
    ).toEqual([]);
    expect(
      leftToEncrypt(
        withSsl('none'),
        encryptingHosts(() => encrypting('none', {letsPlainIn: true})),
      ),
    ).toEqual([]);
  });

  const optionsOf = (of: DesiredCluster, now: Encryption) =>
    opened(
      of,
      encryptingHosts(() => now),
    ).plan.steps.flatMap(({title = '', argv}) =>
      /pg_(monitor offers|node2 (offers|connects))/.test(title) ? [argv.slice(argv.indexOf('ssl') + 3).join(' ')] : [],
    );

  test.each<[string, DesiredCluster, Encryption, readonly string[]]>([
    [
      'its own certificates',
      encrypted,
      encrypting('none'),
      ['--ssl-self-signed', '--ssl-self-signed --ssl-mode prefer', '--ssl-self-signed'],
    ],
    [
      'given ones',
      withSsl('verify-ca'),
      encrypting('self-signed'),
      ['verify-ca', 'require', 'verify-ca'].map(
        mode =>
          `--ssl-mode ${mode} --ssl-ca-file /pgaf/certificates/authority.crt --server-cert /pgaf/certificates/server.crt --server-key /pgaf/certificates/server.key`,
      ),
    ],
  ])('with %s: a node connects as before until every server offers it', (_, of, now, options) => {
    expect(optionsOf(of, now)).toEqual(options);
  });

  test('tries every way that a node connects by, the monitor first', () => {
    const step = opened(
      withSsl('verify-ca'),
      encryptingHosts(() => encrypting('self-signed')),
    ).plan.steps.find(({title}) => title?.startsWith('pg_node2 reaches'));
    expect(step?.argv.slice(-3)).toEqual([
      expect.stringMatching(
        /^postgresql:\/\/autoctl_node@10\.0\.0\.13:6000\/pg_auto_failover\?sslmode=verify-ca&sslroot/,
      ),
      ...['10.0.0.11', '10.0.0.13'].map(
        address =>
          `host=${address} port=5432 user=pgautofailover_replicator replication=true sslmode=verify-ca sslrootcert=/pgaf/certificates/authority.crt`,
      ),
    ]);
  });

  test('is told to the application, and asked for by the rules that the configuration has', () => {
    const database = {name: 'shop', user: 'shopper', from: ['10.8.0.0/16']};
    const of = withSsl('self-signed', {database});
    const before = applicationFile(withSsl('none', {database}), database, 'applicationApplication');
    const surveys = encryptingHosts(() => encrypting('none')).map(survey => ({...survey, application: before}));
    const {steps} = opened(of, surveys).plan;
    const rule = steps.find(({title}) => title === rules[1]);
    expect(rule?.input).toContain('hostssl "shop" "shopper" 10.8.0.0/16 scram-sha-256\n');
    const told = steps.filter(({title}) => title?.includes('application.env'));
    expect(told.map(({host}) => host)).toEqual(hosts);
    expect(told[0]?.input).toBe(before.replace('prefer', 'require'));
    expect(JSON.stringify(steps.map(({argv, title}) => [argv, title]))).not.toContain('applicationApplication');
  });

  test.each<[string, Changes, readonly string[]]>([
    ['is made in a healthy cluster', {}, []],
    ['is refused with a dead standby', {nodes: {2: dead(12)}, streaming: [3]}, ['every-keeper', 'quorum-pg_node2']],
    ['is refused while something moves', {nodes: {3: {assignedState: 'catchingup'}}}, ['quorum-pg_node3', 'no-change']],
  ])('%s', (_, changes, expected) => {
    const {checks} = opened(
      encrypted,
      encryptingHosts(() => encrypting('none')),
      changes,
    );
    expect(new Set(checks.filter(check => check.result === 'fail').map(check => check.id))).toEqual(new Set(expected));
  });

  test('says what a restart of the only standby costs', () => {
    const meaning = opened(
      encrypted,
      encryptingHosts(() => encrypting('none')),
    ).plan.meaning.join();
    expect(meaning).toContain('become self-signed, instead of none');
    expect(meaning).toContain('writes go on');
  });
});

describe('a step of it in a container', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'pgaf-ssl-'));
  });
  afterEach(() => rmSync(folder, {recursive: true, force: true}));

  const program = (name: string, text: string) => {
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(folder, name), 0o755);
  };

  /** PostgreSQL gives these answers one after the other, the last one for ever; so does pg_autoctl with where the monitor is. */
  async function run(script: string, words: readonly string[], answers: string, uris = ''): Promise<string> {
    const next = (file: string) =>
      `cd ${folder}; answer=$(head -1 ${file}); [ "$(wc -l <${file})" = 0 ] || sed -i 1d ${file}; echo "$answer"`;
    writeFileSync(path.join(folder, 'answers'), answers.split(' ').join('\n'));
    writeFileSync(path.join(folder, 'uris'), uris.split(' ').join('\n'));
    program('psql', next('answers'));
    program('pg_autoctl', `if [ "$1" = config ]; then ${next('uris')}; else echo "$*" >>${folder}/told; fi`);
    program('sleep', 'exit 0');
    const env = {PATH: `${folder}:/usr/bin:/bin`};
    await promisify(execFile)('sh', ['-c', script, 'ssl', ...words], {env});
    return existsSync(path.join(folder, 'told')) ? readFileSync(path.join(folder, 'told'), 'utf8') : '';
  }

  const self = ['--ssl-self-signed', '--ssl-mode', 'prefer'];

  test('waits until PostgreSQL offers TLS', async () => {
    expect(await run(enableScript, ['5432', '', ...self], 'f f t')).toBe(
      'enable ssl --ssl-self-signed --ssl-mode prefer\n',
    );
  });

  test('does not wait for ever', async () => {
    await expect(run(enableScript, ['5432', '', ...self], 'f')).rejects.toThrow('does not offer TLS');
  });

  test('waits until a standby streams by it', async () => {
    // While its configuration is written anew pg_autoctl has none to tell.
    const uris = ' postgres://autoctl_node@10.0.0.13:6000/pg_auto_failover?keepalives_idle=5&sslmode=require';
    expect(await run(demandScript, ['5432', 'require', '--ssl-self-signed'], 'f t', uris)).toBe(
      'enable ssl --ssl-self-signed\n',
    );
  });

  test('notices that pg_autoctl could not reach the monitor by it', async () => {
    const uri = 'postgres://autoctl_node@10.0.0.13:6000/pg_auto_failover?sslmode=prefer';
    await expect(run(demandScript, ['5432', 'require', '--ssl-self-signed'], 't', uri)).rejects.toThrow(
      'could not be reached by sslmode=require',
    );
  });
});
