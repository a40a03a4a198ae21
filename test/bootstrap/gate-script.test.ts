import {execFile} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {gateScript} from '../../source/bootstrap/gate-script.ts';
import {passwordFile} from '../../source/bootstrap/password-file.ts';

let folder: string;
/** How pg_autoctl was told to reach the monitor. */
let environment = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pgaf-gate-'));
  mkdirSync(path.join(folder, 'bin'));
  writeFileSync(path.join(folder, 'gate.sh'), gateScript);
  program('pg_autoctl', 'echo "became pg_autoctl $*"; echo "$PG_AUTOCTL_MONITOR" >&2');
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

function program(name: string, script: string): void {
  const file = path.join(folder, 'bin', name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** The monitor as the gate sees it: each answer is given once, the last for ever. `-`: it does not answer. */
function monitorSays(...answers: readonly string[]): void {
  const next = path.join(folder, 'asked');
  const cases = answers.map((answer, index) => `${index}) ${answer === '-' ? 'exit 2' : `echo ${answer}`};;`);
  const last = answers.at(-1) === '-' ? 'exit 2' : `echo ${answers.at(-1)}`;
  program(
    'psql',
    `cat >/dev/null\nn=$(cat ${next} 2>/dev/null || echo 0)\necho $((n + 1)) > ${next}\ncase $n in ${cases.join(' ')} *) ${last};; esac`,
  );
}

/** What PGDATA's configuration and the mark of an unfinished creation look like. */
function created(unfinished = false, configuration = ''): void {
  const at = (kind: string) => path.join(folder, kind, 'pg_autoctl/data');
  mkdirSync(at('.config'), {recursive: true});
  writeFileSync(path.join(at('.config'), 'pg_autoctl.cfg'), configuration);
  if (!unfinished) return;
  mkdirSync(at('.local/share'), {recursive: true});
  writeFileSync(path.join(at('.local/share'), 'pg_autoctl.init'), '');
}

function run(more: Readonly<Record<string, string>> = {}): Promise<string> {
  const env = {
    PATH: `${folder}/bin:/usr/bin:/bin`,
    HOME: folder,
    PGDATA: '/data',
    ...{
      PGAF_ROLE: 'node',
      PGAF_NAME: 'pg_node2',
      PGAF_FORMATION: 'default',
      PGAF_MONITOR: '10.0.0.13:6000/pg_auto_failover',
    },
    ...{PGAF_HOSTNAME: '10.0.0.12', PGAF_PORT: '5432', PGAF_SSL: '--ssl-self-signed', PGAF_AUTHENTICATION: 'trust'},
    ...{PGAF_HBA: '--auth trust --pg-hba-lan'},
    ...{PGAF_PRIORITY: '50', PGAF_QUORUM: 'true', PGAF_PATIENCE: '2'},
    ...more,
  };
  return new Promise((resolve, reject) => {
    execFile('sh', [path.join(folder, 'gate.sh')], {env}, (error, stdout, stderr) => {
      environment = stderr.trim();
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}

describe('the gate', () => {
  test('makes a monitor, and later runs it, without waiting for anything', async () => {
    expect(await run({PGAF_ROLE: 'monitor', PGAF_PORT: '6000', PGAF_HBA: '--auth trust'})).toBe(
      'became pg_autoctl create monitor --ssl-self-signed --auth trust --hostname 10.0.0.12 --pgport 6000 --run\n',
    );
    created();
    expect(await run({PGAF_ROLE: 'monitor'})).toBe('became pg_autoctl run\n');
  });

  test('makes a node once the monitor answers', async () => {
    monitorSays('-', '1');
    const output = await run();
    expect(output).toMatch(/gate: waiting for the monitor\n.*gate: the monitor: there after 1 s\n/);
    expect(output).toMatch(/became pg_autoctl create postgres .*--name pg_node2 .*--run\n$/);
  });

  test('makes it as it is told: with certificates, without rules for the local network, with a database', async () => {
    monitorSays('1', '');
    const ssl = '--ssl-mode verify-full --ssl-ca-file /pgaf/ca.crt';
    expect(await run({PGAF_SSL: ssl, PGAF_HBA: '--auth md5', PGAF_DATABASE: 'orders'})).toMatch(
      /^became pg_autoctl create postgres --ssl-mode verify-full --ssl-ca-file \/pgaf\/ca.crt --auth md5 --hostname .* --dbname orders /,
    );
  });

  test('registers a later node with the database that the formation has', async () => {
    monitorSays('1', 'shop');
    expect(await run({PGAF_DATABASE: 'orders'})).toMatch(/ --dbname shop /);
  });

  test('lets a node run at once when the primary serves, or when it was the primary itself', async () => {
    created();
    monitorSays('1', '3', '1', '1', '0');
    expect(await run()).toBe('became pg_autoctl run\n');
  });

  test('holds a standby back until the last primary serves again', async () => {
    created();
    monitorSays('1', '3', '1', '1', '1', '0');
    expect(await run()).toMatch(/waiting for the primary\n.*the primary: there after 1 s\nbecame pg_autoctl run\n$/);
  });

  test('starts anyway after its patience, and says so', async () => {
    created();
    monitorSays('1', '1');
    expect(await run()).toMatch(/the primary: not there after 2 s; starting anyway\nbecame pg_autoctl run\n$/);
    monitorSays('-');
    expect(await run()).toMatch(/the monitor: not there after 2 s; starting anyway/);
  });

  test('keeps passwords where every connection finds them, never on a command line, and leaves newer ones alone', async () => {
    const secrets = {
      PGAF_AUTHENTICATION: 'scram-sha-256',
      PGAF_MONITOR_PASSWORD: 'of0the0monitor',
      PGAF_REPLICATION_PASSWORD: 'of0replication',
    };
    const file = path.join(folder, '.pgpass');
    monitorSays('1');
    expect(await run()).not.toContain('postgresql://');
    expect(existsSync(file)).toBe(false);
    expect(await run(secrets)).not.toMatch(/of0/);
    expect(environment).toBe('postgresql://autoctl_node@10.0.0.13:6000/pg_auto_failover');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const {PGAF_MONITOR_PASSWORD: monitorPassword, PGAF_REPLICATION_PASSWORD: replicationPassword} = secrets;
    expect(readFileSync(file, 'utf8')).toBe(passwordFile({monitorPassword, replicationPassword}));
    writeFileSync(file, 'newer');
    await run(secrets);
    expect(readFileSync(file, 'utf8')).toBe('newer');
  });

  test('registers a node again that the monitor does not know any more', async () => {
    created();
    monitorSays('1', '2', '1', '0');
    expect(await run()).toMatch(/^became pg_autoctl create postgres /);
  });

  test('registers nothing with a monitor that was made anew: the first to come would be the primary', async () => {
    program('sleep', '');
    created();
    monitorSays('1', '0');
    await expect(run()).rejects.toThrow();
  });

  test('lets a node go on by itself while its monitor is disabled', async () => {
    created(false, '[pg_autoctl]\nrole = keeper\nmonitor = PG_AUTOCTL_DISABLED\n');
    monitorSays('-');
    expect(await run()).toMatch(/no monitor for now: going on as before\nbecame pg_autoctl run\n$/);
  });

  test('asks the monitor that the node is registered with, wherever its container was told to find it', async () => {
    created(
      false,
      '[pg_autoctl]\nmonitor = postgresql://autoctl_node:secret@10.0.0.14:6000/pg_auto_failover?sslmode=require\n',
    );
    program('psql', `echo "$1" >> ${path.join(folder, 'asked')}; echo 1`);
    await run();
    expect(readFileSync(path.join(folder, 'asked'), 'utf8').split('\n')[0]).toBe(
      'postgresql://autoctl_node@10.0.0.14:6000/pg_auto_failover?sslmode=require',
    );
  });

  test('goes on with a creation that was interrupted', async () => {
    created(true);
    monitorSays('1');
    expect(await run()).toMatch(/^became pg_autoctl create postgres /);
  });
});
