import {execFile} from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {gateScript} from '../../source/bootstrap/gate-script.ts';
import {passwordFile} from '../../source/bootstrap/password-file.ts';

let folder: string;
/** How pg_autoctl was told to reach the monitor. */
let environment = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pgaf-gate-'));
  mkdirSync(path.join(folder, 'bin'));
  writeFileSync(path.join(folder, 'gate.sh'), gateScript);
  program(
    'pg_autoctl',
    [
      'case "$*" in',
      `'show file --state'*) cat ${folder}/state;;`,
      `'show file --init'*) cat ${folder}/init;;`,
      '*) echo "became pg_autoctl $*"; echo "$PG_AUTOCTL_MONITOR" >&2;;',
      'esac',
    ].join('\n'),
  );
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

function program(name: string, script: string): void {
  const file = path.join(folder, 'bin', name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** What the monitor answers to each question of the gate, one after the other, the last for ever. `-`: it does not answer. */
type Answers = {
  alive?: string;
  database?: string;
  nodes?: string;
  registered?: string;
  primaryServes?: string;
  anotherStandby?: string;
  peer?: string;
};

function monitorSays({
  alive = '1',
  database = '',
  nodes = '3',
  registered = '1',
  primaryServes = '0',
  anotherStandby = 't',
  peer = '',
}: Answers): void {
  const answers = {alive, database, nodes, registered, primaryServes, anotherStandby, peer};
  for (const [name, words] of Object.entries(answers))
    writeFileSync(path.join(folder, name), `${words.split(' ').join('\n')}\n`);
  writeFileSync(path.join(folder, 'peer'), peer);
  program(
    'psql',
    [
      `case "$*" in *pg_is_in_recovery*) cat ${folder}/peer; exit;; esac`,
      'question=$(cat)',
      'case $question in',
      '*pg_sleep*) exec /bin/sleep 0.05;;',
      "'select 1') name=alive;;",
      "'select now()') echo begun; exit;;",
      '*bool_or*) name=anotherStandby;;',
      // What was reported before the gate began says nothing.
      '*reportedpgisrunning*) case "$*" in *asked=begun*) name=primaryServes;; *) exit 1;; esac;;',
      '*goalstate*) name=registered;;',
      '*dbname*) name=database;;',
      '*) name=nodes;;',
      'esac',
      `answer=$(head -n 1 ${folder}/$name)`,
      `[ "$(wc -l < ${folder}/$name)" -eq 1 ] || sed -i 1d ${folder}/$name`,
      '[ "$answer" != - ] || exit 2',
      'echo "$answer"',
    ].join('\n'),
  );
  // What it waits for is an answer, not time.
  program('sleep', 'exec /bin/sleep 0.05');
}

/** What pg_autoctl has kept of the node, Postgres' own files, and a Postgres that runs until it is told to stop. */
function leftBehind(
  role: string,
  {assigned = role, standbys = 'ANY 1 (pgautofailover_standby_2)'}: {assigned?: string; standbys?: string} = {},
): void {
  const data = path.join(folder, 'data');
  mkdirSync(data);
  if (role === 'secondary') writeFileSync(path.join(data, 'standby.signal'), '');
  const lines = ['10.0.0.12', '10.0.0.11'].map(
    host => `hostssl replication "pgautofailover_replicator" ${host}/32 trust # Auto`,
  );
  writeFileSync(path.join(data, 'pg_hba.conf'), `${lines.join('\n')}\n`);
  writeFileSync(path.join(folder, 'state'), `{\n "current_role": "${role}",\n "assigned_role": "${assigned}"\n}\n`);
  program('pg_controldata', 'echo "Latest checkpoint\'s TimeLineID:       3"');
  // Not in the shell: it cannot handle an interrupt that it was started to ignore, as Postgres can.
  const server = [
    'const {appendFileSync} = require("node:fs")',
    `const heard = word => appendFileSync("${folder}/heard", word + "\\n")`,
    'process.on("SIGINT", () => { heard("stops"); process.exit() })',
    'heard("runs")',
    'setInterval(() => undefined, 1000)',
  ].join('; ');
  program(
    'postgres',
    `case "$*" in *" -C "*) echo "${standbys}"; exit;; esac\nexec ${process.execPath} -e '${server}'`,
  );
}

/** What PGDATA's configuration and the mark of an unfinished creation look like. */
function created(unfinished = false, configuration = ''): void {
  const at = (kind: string) => path.join(folder, kind, 'pg_autoctl', folder, 'data');
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
    PGDATA: path.join(folder, 'data'),
    ...{
      PGAF_ROLE: 'node',
      PGAF_NAME: 'pg_node2',
      PGAF_FORMATION: 'default',
      PGAF_MONITOR: '10.0.0.13:6000/pg_auto_failover',
    },
    ...{PGAF_HOSTNAME: '10.0.0.12', PGAF_PORT: '65432', PGAF_SSL: '--ssl-self-signed', PGAF_AUTHENTICATION: 'trust'},
    ...{PGAF_HBA: '--auth trust --pg-hba-lan'},
    ...{PGAF_PRIORITY: '50', PGAF_QUORUM: 'true', PGAF_PATIENCE: '5'},
    ...more,
  };
  return new Promise((resolve, reject) => {
    execFile('sh', [path.join(folder, 'gate.sh')], {env, timeout: 55_000}, (error, stdout, stderr) => {
      environment = stderr.trim();
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}

describe('the gate', () => {
  const monitor = {PGAF_ROLE: 'monitor', PGAF_PORT: '6000', PGAF_HBA: '--auth trust'};
  const becomes =
    'became pg_autoctl create monitor --ssl-self-signed --auth trust --hostname 10.0.0.12 --pgport 6000 --run\n';

  test('makes a monitor, and later runs it, without waiting for anything', async () => {
    expect(await run(monitor)).toBe(becomes);
    const data = path.join(folder, 'data');
    created();
    mkdirSync(data);
    writeFileSync(path.join(data, 'pg_hba.conf'), 'hostssl "pg_auto_failover" "autoctl_node" 10.0.0.0/24 trust\n');
    expect(await run(monitor)).toBe('became pg_autoctl run\n');
    // What happens to it later is no matter of its creation.
    rmSync(path.join(data, 'pg_hba.conf'));
    expect(await run(monitor)).toBe('became pg_autoctl run\n');
    expect(existsSync(data)).toBe(true);
  });

  test('makes a monitor from the start whose creation was interrupted, and none of data that was there before', async () => {
    const data = path.join(folder, 'data');
    expect(await run(monitor)).toBe(becomes);
    created();
    mkdirSync(data);
    expect(await run(monitor)).toBe(becomes);
    expect(existsSync(data)).toBe(false);
    rmSync(path.join(folder, 'pgdata-is-being-made'));
    created();
    mkdirSync(data);
    expect(await run(monitor)).toBe('became pg_autoctl run\n');
    expect(existsSync(data)).toBe(true);
  });

  test('makes a node once the monitor answers', async () => {
    monitorSays({alive: '- 1'});
    const output = await run();
    expect(output).toMatch(/gate: waiting for the monitor\n.*gate: the monitor: there after \d s\n/);
    expect(output).toMatch(/became pg_autoctl create postgres .*--name pg_node2 .*--run\n$/);
  });

  test('makes it as it is told: with certificates, without rules for the local network, with a database', async () => {
    monitorSays({});
    const ssl = '--ssl-mode verify-full --ssl-ca-file /pgaf/ca.crt';
    expect(await run({PGAF_SSL: ssl, PGAF_HBA: '--auth md5', PGAF_DATABASE: 'orders'})).toMatch(
      /^became pg_autoctl create postgres --ssl-mode verify-full --ssl-ca-file \/pgaf\/ca.crt --auth md5 --hostname .* --dbname orders /,
    );
  });

  test('registers a later node with the database that the formation has', async () => {
    monitorSays({database: 'shop'});
    expect(await run({PGAF_DATABASE: 'orders'})).toMatch(/ --dbname shop /);
  });

  test('lets a node run at once when the primary serves, or when it was the primary itself', async () => {
    created();
    monitorSays({});
    expect(await run()).toBe('became pg_autoctl run\n');
  });

  test('takes away what a power cut left of Postgres: its process number is that of another process now', async () => {
    created();
    mkdirSync(path.join(folder, 'data'));
    const left = path.join(folder, 'data', 'postmaster.pid');
    writeFileSync(left, '62\n');
    monitorSays({});
    await run();
    expect(existsSync(left)).toBe(false);
  });

  test('holds a standby back until the last primary serves again', async () => {
    created();
    monitorSays({primaryServes: '1 1 0'});
    expect(await run()).toMatch(/waiting for the primary\n.*the primary: there after \d s\nbecame pg_autoctl run\n$/);
  });

  const impatient = {PGAF_PATIENCE: '0'};

  test('starts without the primary after its patience, and says so, when another standby is heard of', async () => {
    created();
    monitorSays({primaryServes: '1'});
    expect(await run(impatient)).toMatch(
      /the primary: not there after \d s\n.*gate: starting without it\nbecame pg_autoctl run\n$/,
    );
  });

  test('as the only one that is there it waits on: what was acknowledged may be on the others alone', async () => {
    created();
    monitorSays({primaryServes: '1', anotherStandby: 'f f t'});
    expect(await run(impatient)).toMatch(
      /no other standby is heard of either.*\n.*starting without it\nbecame pg_autoctl run\n$/,
    );
    monitorSays({primaryServes: '1 1 0', anotherStandby: 'f'});
    expect(await run(impatient)).toMatch(/the primary: there\nbecame pg_autoctl run\n$/);
  });

  // Until Postgres runs, and then once more.
  const away = '- - -';

  test.each<[string, string, Answers]>([
    ['a standby', 'secondary', {}],
    ['the last primary, with a standby there,', 'primary', {peer: 't t'}],
  ])(
    'without a monitor %s runs Postgres alone, and pg_autoctl when the monitor answers',
    async (_, role, answers) => {
      created();
      leftBehind(role);
      monitorSays({alive: away, ...answers});
      const running = run(impatient);
      const heard = path.join(folder, 'heard');
      await vi.waitUntil(() => existsSync(heard), {timeout: 50_000});
      // At once: it is being read.
      writeFileSync(path.join(folder, 'alive.new'), '1\n');
      renameSync(path.join(folder, 'alive.new'), path.join(folder, 'alive'));
      const lines = (await running).split('\n');
      expect(lines.at(-5)).toContain(`Postgres runs without pg_autoctl, as the ${role} that it was`);
      expect(lines.at(-4)).toContain('Postgres stops');
      expect(lines.at(-2)).toBe('became pg_autoctl run');
      expect(readFileSync(heard, 'utf8')).toBe('runs\nstops\n');
    },
    60_000,
  );

  test.each<[string, string, Answers, Parameters<typeof leftBehind>[1]]>([
    ['nobody else is there', 'primary', {}, {}],
    ['another node is a primary', 'primary', {peer: 'f t'}, {}],
    ['a standby has gone past its timeline', 'primary', {peer: 't f'}, {}],
    ['no commit would wait for a standby', 'primary', {peer: 't t'}, {standbys: ''}],
    ['it was in the middle of a change', 'primary', {peer: 't t'}, {assigned: 'draining'}],
    ['it was alone', 'wait_primary', {peer: 't t'}, {}],
    ['it was about to be promoted', 'secondary', {}, {assigned: 'prepare_promotion'}],
  ])('without a monitor the node waits when %s', async (_, role, answers, more) => {
    created();
    leftBehind(role, more);
    monitorSays({alive: '- - - 1', ...answers});
    expect(await run(impatient)).toMatch(/the monitor: there\nbecame pg_autoctl run\n$/);
    expect(existsSync(path.join(folder, 'heard'))).toBe(false);
  });

  test('keeps passwords where every connection finds them, never on a command line, and leaves newer ones alone', async () => {
    const secrets = {
      PGAF_AUTHENTICATION: 'scram-sha-256',
      PGAF_MONITOR_PASSWORD: 'of0the0monitor',
      PGAF_REPLICATION_PASSWORD: 'of0replication',
    };
    const file = path.join(folder, '.pgpass');
    monitorSays({});
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
    monitorSays({registered: '0'});
    expect(await run()).toMatch(/^became pg_autoctl create postgres /);
  });

  test('registers nothing with a monitor that was made anew, as the first to come would be the primary: Postgres runs alone until that one knows nodes', async () => {
    created();
    leftBehind('secondary');
    monitorSays({nodes: '0'});
    const running = run();
    await vi.waitUntil(() => existsSync(path.join(folder, 'heard')), {timeout: 50_000});
    writeFileSync(path.join(folder, 'nodes.new'), '3\n');
    renameSync(path.join(folder, 'nodes.new'), path.join(folder, 'nodes'));
    expect(await running).toMatch(
      /the monitor is another one.*--rebuild-monitor.*\n.*Postgres runs without pg_autoctl.*\n.*Postgres stops.*\n.*\nbecame pg_autoctl run\n$/,
    );
  }, 60_000);

  test('lets a node go on by itself while its monitor is disabled', async () => {
    created(false, '[pg_autoctl]\nrole = keeper\nmonitor = PG_AUTOCTL_DISABLED\n');
    monitorSays({alive: '-'});
    expect(await run()).toMatch(/no monitor for now: going on as before\nbecame pg_autoctl run\n$/);
  });

  test('asks the monitor that the node is registered with, wherever its container was told to find it', async () => {
    created(
      false,
      '[pg_autoctl]\nmonitor = postgresql://autoctl_node:secret@10.0.0.14:6000/pg_auto_failover?sslmode=require\n',
    );
    program(
      'psql',
      `echo "$1" >> ${path.join(folder, 'asked')}\ncase "$(cat)" in *reportedpgisrunning*) echo 0;; *) echo 1;; esac`,
    );
    await run();
    expect(readFileSync(path.join(folder, 'asked'), 'utf8').split('\n')[0]).toBe(
      'postgresql://autoctl_node@10.0.0.14:6000/pg_auto_failover?sslmode=require',
    );
  });

  test.each([
    ['its own certificate', 'active = 1\nsslmode = require\nca_file = \ncert_file = /own.crt', '--ssl-self-signed'],
    [
      'given ones',
      'active = 1\nsslmode = verify-ca\nca_file = /ca.crt\ncert_file = /s.crt\nkey_file = /s.key',
      '--ssl-mode verify-ca --ssl-ca-file /ca.crt --server-cert /s.crt --server-key /s.key',
    ],
    ['none, as its container was told', 'active = 0\nsslmode = prefer', '--no-ssl'],
  ])('registers a node again that encrypts with %s', async (_, ssl, options) => {
    created(false, `[pg_autoctl]\nrole = keeper\n\n[ssl]\n${ssl}\n\n[replication]\nsslmode = other\n`);
    monitorSays({registered: '0'});
    expect(await run({PGAF_SSL: '--no-ssl'})).toMatch(
      new RegExp(`^became pg_autoctl create postgres ${options} --auth trust `),
    );
  });

  test.each([
    ['as it is', 'secondary', 'PGDATA does not exist', true],
    ['with the PGDATA that was there before', 'init', 'PGDATA exists', true],
    ['from the start, where initdb had not come to its end', 'init', 'PGDATA does not exist', false],
  ])('goes on with a creation that was interrupted: %s', async (_, role, before, stays) => {
    created(true);
    leftBehind(role);
    writeFileSync(path.join(folder, 'init'), `Postgres state at keeper init: ${before}\n`);
    monitorSays({});
    expect(await run()).toMatch(/^became pg_autoctl create postgres /);
    expect(existsSync(path.join(folder, 'data'))).toBe(stays);
  });
});
