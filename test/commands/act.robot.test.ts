import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type EmbeddedCluster, embeddedCluster} from './embedded-cluster.ts';
import {type Ended, ended, startPgafAt} from './run-pgaf.ts';

// Actions as commands, by the built program on the embedded cluster: what they change, and what their exit statuses promise.

/** Simulated seconds a second: what is run to its end need not take long. */
const quick = {speed: 5};

function start({config, folder}: EmbeddedCluster, ...argv: string[]) {
  return startPgafAt(folder, ...argv, '--config', config);
}

function pgaf(cluster: EmbeddedCluster, ...argv: string[]): Promise<Ended> {
  return ended(start(cluster, ...argv));
}

async function primaryOf(cluster: EmbeddedCluster): Promise<string> {
  const {stdout} = await pgaf(cluster, 'status', '--json');
  return JSON.parse(stdout).verdict.primary;
}

async function eventIds(cluster: EmbeddedCluster): Promise<string[]> {
  const {stdout} = await pgaf(cluster, 'events', '-n', '200', '--json');
  return [...stdout.matchAll(/"eventid":(\d+)/g)].map(([, id = '']) => id);
}

function auditOf({
  folder,
}: EmbeddedCluster): {event: string; id: string; outcome: string | null; [name: string]: unknown}[] {
  const file = join(folder, '.local/state/pgaf/audit-demo.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
}

/** Resolves when the program has said so on standard error. */
function says(child: ReturnType<typeof start>, words: RegExp): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', chunk => {
      text += String(chunk);
      if (words.test(text)) resolve();
    });
    child.on('close', () => reject(new Error(`it ended, and said:\n${text}`)));
  });
}

describe('a switchover', () => {
  test('--yes --json: exit status 0 when another node is the primary on the monitor, one document, and two lines in the audit log', async () => {
    const cluster = await embeddedCluster();
    const {exitCode, stdout, stderr} = await pgaf(cluster, 'switchover', '--yes', '--json');
    expect(stderr).toContain('on vm3: docker exec pg_monitor pg_autoctl perform switchover --formation default');
    expect(stderr).toMatch(/pg_node1 {2}primary -> draining/);
    expect(stderr).toMatch(/^done after .*pg_node[23] is the primary on the monitor/m);
    expect(exitCode).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      action: 'switchover',
      target: null,
      outcome: 'done',
      steps: [
        {
          host: 'vm3',
          argv: ['docker', 'exec', 'pg_monitor', ...'pg_autoctl perform switchover --formation default'.split(' ')],
          exitCode: 0,
        },
      ],
      withoutWritesSeconds: expect.any(Number),
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(document.message).toContain(await primaryOf(cluster));
    const [begin, end, ...more] = auditOf(cluster);
    expect(more).toEqual([]);
    expect(begin).toMatchObject({
      event: 'begin',
      cluster: 'demo',
      formation: 'default',
      action: 'switchover',
      outcome: null,
    });
    expect(end).toMatchObject({
      event: 'end',
      id: begin?.id,
      outcome: 'done',
      forced: false,
      steps: [{host: 'vm3', user: 'root', exitCode: 0}],
    });
  });

  test('--to NODE promotes that one, by the name of its host as well', async () => {
    const cluster = await embeddedCluster(quick);
    const {exitCode, stdout} = await pgaf(cluster, 'switchover', '--to', 'vm3', '--yes', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({action: 'promote', target: 'pg_node3', outcome: 'done'});
    expect(await primaryOf(cluster)).toBe('pg_node3');
  });

  test('--dry-run shows checks and plan, and changes nothing', async () => {
    const cluster = await embeddedCluster(quick);
    const before = await eventIds(cluster);
    const {exitCode, stdout, stderr} = await pgaf(cluster, 'switchover', '--dry-run', '--json');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('ok    primary pg_node1 is stable and reports');
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: null,
      startedAt: null,
      steps: [{state: 'waiting', exitCode: null}],
    });
    expect(await eventIds(cluster)).toEqual(before);
    expect(auditOf(cluster)).toEqual([]);
  });

  test('ctrl-C while it runs: it says that it goes on, and exits with 3', async () => {
    const cluster = await embeddedCluster();
    const child = start(cluster, 'switchover', '--yes', '--json');
    const end = ended(child);
    await says(child, /primary -> draining/);
    child.kill('SIGINT');
    const {exitCode, stdout, stderr} = await end;
    expect(stderr).toContain('interrupted: what was begun goes on');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({outcome: 'unknown'});
    expect(auditOf(cluster)).toMatchObject([{event: 'begin'}, {event: 'end', outcome: 'unknown'}]);
  });
});

describe('a refusal', () => {
  test('by a check: exit status 4, nothing has changed, and the audit log tells who tried', async () => {
    const cluster = await embeddedCluster(quick);
    const before = await eventIds(cluster);
    const {exitCode, stdout, stderr} = await pgaf(cluster, 'maintenance', 'on', 'pg_node1', '--yes', '--json');
    expect(exitCode).toBe(4);
    expect(stderr).toContain('FAIL  pg_node1 is the primary: its maintenance is a failover');
    expect(stderr).toContain('--force goes past it');
    expect(JSON.parse(stdout)).toMatchObject({outcome: 'refused', steps: [{state: 'waiting'}]});
    expect(await eventIds(cluster)).toEqual(before);
    expect(auditOf(cluster)).toMatchObject([
      {event: 'refused', action: 'maintenance-on', target: 'pg_node1', outcome: 'refused'},
    ]);
  });

  test('by the monitor, when a check was gone past: exit status 1, in its own words, and the audit log says forced', async () => {
    const cluster = await embeddedCluster(quick);
    const {exitCode, stderr} = await pgaf(cluster, 'maintenance', 'on', 'pg_node1', '--yes', '--force');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^failed .*--allow-failover/m);
    expect(auditOf(cluster)).toMatchObject([
      {event: 'begin', forced: true},
      {event: 'end', forced: true, outcome: 'failed'},
    ]);
  });

  test('read-only, or already so: exit status 4', async () => {
    const cluster = await embeddedCluster(quick);
    const readOnly = await pgaf(cluster, 'switchover', '--yes', '--read-only');
    expect(readOnly).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('Switchover is not possible: read-only; nothing was changed'),
    });
    const already = await pgaf(cluster, 'promote', 'pg_node1', '--yes');
    expect(already).toMatchObject({exitCode: 4, stderr: expect.stringContaining('pg_node1 is the primary already')});
  });

  test('an audit log that cannot be written: it does not run, unless forced', async () => {
    const cluster = await embeddedCluster(quick);
    writeFileSync(join(cluster.folder, '.local'), 'a file where a folder should be');
    const before = await eventIds(cluster);
    const refused = await pgaf(cluster, 'maintenance', 'on', 'pg_node3', '--yes');
    expect(refused).toMatchObject({exitCode: 4, stderr: expect.stringContaining('the audit log cannot be written')});
    expect(await eventIds(cluster)).toEqual(before);
    expect((await pgaf(cluster, 'maintenance', 'on', 'pg_node3', '--yes', '--force')).exitCode).toBe(0);
  });
});

describe('what keeps it from being tried', () => {
  test('a word that is no command, no action and none of the team: 64, with the closest', async () => {
    const cluster = await embeddedCluster(quick);
    const {exitCode, stdout, stderr} = await pgaf(cluster, 'switchovr', '--yes');
    expect(stderr).toContain('did you mean pgaf switchover?');
    expect({exitCode, stdout}).toEqual({exitCode: 64, stdout: ''});
  });

  test('a name that nothing has: 64, with the closest', async () => {
    const cluster = await embeddedCluster(quick);
    const {exitCode, stdout, stderr} = await pgaf(cluster, 'switchover', '--to', 'pg_nod3', '--yes');
    expect(stderr).toContain('did you mean pg_node3?');
    expect({exitCode, stdout}).toEqual({exitCode: 64, stdout: ''});
  });

  test('nobody to confirm it, and no --yes: 64, with what to do', async () => {
    const cluster = await embeddedCluster(quick);
    const {exitCode, stderr} = await pgaf(cluster, 'switchover');
    expect(stderr).toContain('give --yes to confirm it');
    expect(exitCode).toBe(64);
  });

  test('no host can be reached: 69, and why', async () => {
    const cluster = await embeddedCluster(quick);
    await cluster.thread.close();
    const {exitCode, stderr} = await pgaf(cluster, 'switchover', '--yes');
    expect(stderr).toMatch(/no host can be reached; nothing was changed\n {2}vm1: /);
    expect(exitCode).toBe(69);
    expect(readdirSync(cluster.folder)).not.toContain('.local');
  });
});

test("an action of the team's own, with its output", async () => {
  const custom = {name: 'where', help: 'says where it is', tier: 'read', argv: ['docker', 'ps', '-q', '--no-trunc']};
  const cluster = await embeddedCluster(quick, {actions: [custom]});
  const {exitCode, stderr} = await pgaf(cluster, 'where', 'pg_node2');
  expect(stderr).toMatch(/\| [0-9a-f]{64}/);
  expect(exitCode).toBe(0);
});
