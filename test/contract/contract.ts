import {afterAll, afterEach, beforeAll, describe, expect, type TestContext, test} from 'vitest';
import {containers} from '../../source/docker/docker.ts';
import {answerMark, executeStatement, prepareStatement} from '../../source/postgres/reading-query.ts';
import {byText} from './by-text.ts';
import type {Cluster} from './cluster.ts';
import {listenToDocker, listenToMonitor} from './listen.ts';
import {normalise} from './normalise.ts';
import {nameOf, type Operator, openOperator, pairOf, type Row} from './operator.ts';
import {expectRecorded} from './recorded.ts';
import {shapeText} from './shape.ts';
import {secondsOf, storyOf} from './story.ts';
import {
  calls,
  duringMaintenance,
  type Line,
  looks,
  mistakes,
  refusals,
  settings,
  tables,
  withoutPrimary,
} from './texts.ts';

/**
 * What the console relies on in a cluster, written once for the real one and the embedded one, so that the latter cannot drift. Each
 * test begins and ends at rest, with pg_node1 as the primary.
 */
export function contract(open: () => Promise<Cluster>): void {
  let cluster: Cluster;
  let operator: Operator;

  beforeAll(async () => {
    cluster = await open();
    operator = openOperator(cluster);
    // Who is further ahead wins an election: without writes nobody is.
    await cluster.fault('load 0');
    await comeToRest();
  });

  afterEach(() => comeToRest());

  afterAll(async () => {
    await operator.close();
    await cluster.close();
  });

  /** Mends what is broken, and makes pg_node1 the primary again. What a test did last is told only by the next report of a node. */
  async function comeToRest(): Promise<void> {
    if (!isAtRest(await operator.nodes())) await cluster.mend();
    for (const node of await operator.nodes())
      if (pairOf(node) === 'maintenance/maintenance') await autoctl(nameOf(node), 'disable maintenance');
    await operator.waitFor('rest', isAtRest);
    const began = await operator.time();
    if (!is('pg_node1', 'primary/primary')(await operator.nodes()))
      await autoctl('pg_monitor', 'perform promotion --name pg_node1');
    const isOver = (nodes: readonly Row[]) => nodes.every(node => Number(node.reported_at) > began);
    await operator.waitFor(
      'rest',
      nodes => isAtRest(nodes) && isOver(nodes) && is('pg_node1', 'primary/primary')(nodes),
    );
  }

  const argvOf = (command: string) => ['pg_autoctl', ...command.split(' ').filter(word => word !== '')];

  /** Of a table of changes only the rows of `node`: when the others' come in between, and whether before the end, is chance. */
  async function autoctl(container: string, command: string, node?: string): Promise<string> {
    const {exitCode, stdout, stderr} = await operator.inContainer(container, argvOf(command));
    const parts = [
      `$ ${container}: pg_autoctl ${command}\n`,
      `exit status ${exitCode}\n`,
      ...(stdout === '' ? [] : [`--- standard output\n${changesOf(node, normalise(stdout))}`]),
      ...(stderr === '' ? [] : [`--- standard error\n${messagesOf(node, normalise(stderr))}`]),
    ];
    return `${parts.join('')}\n`;
  }

  /** In the containers at the same time, in each of them one after the other. */
  async function allOf(lines: readonly Line[]): Promise<string> {
    const texts = new Map<Line, string>();
    const lanes = Map.groupBy(lines, ([container]) => container);
    await Promise.all(
      [...lanes.values()].map(async lane => {
        for (const line of lane) texts.set(line, await autoctl(...line));
      }),
    );
    return lines.map(line => texts.get(line)).join('');
  }

  /** What happens while `run` runs, which gets the last event before; how long it took by the monitor's clock is noted beside the test. */
  async function story({annotate}: TestContext, run: (before: number) => Promise<void>): Promise<string> {
    const before = await operator.lastEvent();
    await run(before);
    const events = await operator.events(before);
    await annotate(`${cluster.kind}: ${secondsOf(events).toFixed(1)} s`);
    return storyOf(events);
  }

  const rest = () => operator.waitFor('rest', isAtRest);

  describe('texts of pg_autoctl', () => {
    test('at rest', async () => {
      expectRecorded(cluster, 'looks', await allOf(looks));
    });

    test('events as a table and as JSON', async () => {
      const text = await operator.inContainer('pg_monitor', argvOf('show events --count 3'));
      const [columns = '', head = '', ...rows] = normalise(text.stdout).split('\n');
      const json = await operator.inContainer('pg_monitor', argvOf('show events --count 3 --json'));
      const parsed: unknown = JSON.parse(json.stdout);
      expect(rows.filter(row => row !== '')).toHaveLength(3);
      expect(parsed).toHaveLength(3);
      expectRecorded(cluster, 'events', `${columns}\n${head}\n${rows[0]?.split(' | ').length}\n${shapeText(parsed)}`);
    });

    test('refused', async () => {
      expectRecorded(cluster, 'refusals', await allOf(refusals));
      expect(isAtRest(await operator.nodes())).toBe(true);
    });

    test('not understood', async () => {
      const texts = (await allOf(mistakes)).split(/^(?=\$ )/m);
      const heads = texts.map(text => `${text.split('\n').slice(0, 4).join('\n')}\n`);
      expectRecorded(cluster, 'mistakes', heads.join('\n'));
    });
  });

  describe('rows and shapes', () => {
    test('of the monitor', async () => {
      expectRecorded(cluster, 'monitor-reading', shapeText(await operator.reading()));
    });

    test('of the monitor by psql, and what its functions refuse', async () => {
      const sql = (statement: string, ...options: string[]) =>
        psql('pg_monitor', statement, ['-X', '-A', '-p', '6000', '-d', 'pg_auto_failover', ...options]);
      let text = '';
      for (const table of tables) text += heads(await sql(`select * from ${table}`));
      for (const call of calls) text += await sql(`SELECT pgautofailover.${call}`, '-t', '-v', 'ON_ERROR_STOP=1');
      expectRecorded(cluster, 'monitor-functions', text);
    });

    test('of PostgreSQL', async () => {
      const answerOf = async (container: string) => {
        const psql = ['psql', '-XqAt', '-d', 'postgres'];
        const {stdout} = await operator.inContainer(container, psql, prepareStatement + executeStatement(7));
        expect(stdout).toMatch(new RegExp(`^${answerMark} 7 \\{.*\\}\\n$`));
        return shapeText(JSON.parse(stdout.slice(`${answerMark} 7 `.length)));
      };
      expectRecorded(cluster, 'postgres-primary', await answerOf('pg_node1'));
      expectRecorded(cluster, 'postgres-standby', await answerOf('pg_node2'));
    });

    test('of docker', async () => {
      const listed = await containers(operator.host('vm3'), ['docker']);
      if (!listed.ok) throw new Error(listed.problem.message);
      const ps = await operator.run('vm3', ['docker', 'ps', '--all', '--format', '{{json .}}']);
      const table = await operator.run('vm3', ['docker', 'ps', '--all']);
      const lines = ps.stdout.trim().split('\n');
      const missing = await operator.run('vm3', ['docker', 'inspect', '--format', '{{.State.Running}}', 'nothing']);
      const text = [
        shapeText(listed.value),
        shapeText(lines.map(parsePs)),
        `${Object.keys(parsePs(lines[0] ?? '')).join(' ')}\n`,
        `${table.stdout.split('\n')[0]?.split(/ {3,}/).join(' | ')}\n`,
        `${missing.exitCode} ${missing.stdout}${missing.stderr}`,
      ].join('\n');
      expectRecorded(cluster, 'docker', text);
    });
  });

  describe('what is told and said of', () => {
    test('a switchover, and the promotion of the one that was the primary before', async context => {
      const listener = await listenToMonitor(operator);
      let said = '';
      const there = await story(context, async () => {
        said = await autoctl('pg_monitor', 'perform switchover', 'pg_node2');
        await operator.waitFor(
          'pg_node2 is the primary',
          nodes => isAtRest(nodes) && is('pg_node2', 'primary/primary')(nodes),
        );
      });
      await listener.close();
      expectRecorded(cluster, 'switchover', `${said}${there}`);
      expectRecorded(cluster, 'notifications', listener.shapes());
      const back = await story(context, async () => {
        said = await autoctl('pg_monitor', 'perform promotion --name pg_node1', 'pg_node1');
        await rest();
      });
      expectRecorded(cluster, 'promotion', `${said}${back}`);
    });

    test('a failover that finds no candidate until one returns from maintenance', async context => {
      let said = '';
      const text = await story(context, async before => {
        await autoctl('pg_node2', 'enable maintenance');
        await autoctl('pg_node3', 'enable maintenance');
        said += withoutTable(await autoctl('pg_monitor', 'perform failover --wait 1'));
        await operator.waitForEvent('pg_node1', 'report_lsn/report_lsn', before);
        said += await allOf(withoutPrimary);
        await autoctl('pg_node3', 'disable maintenance');
        await operator.waitForEvent('pg_node3', 'primary/primary', before);
        await autoctl('pg_node2', 'disable maintenance');
        await rest();
      });
      expectRecorded(cluster, 'without-candidate', `${said}${text}`);
    });

    test('maintenance of a standby', async context => {
      let said = '';
      const text = await story(context, async () => {
        said += await autoctl('pg_node2', 'enable maintenance');
        said += await autoctl('pg_node2', 'enable maintenance');
        said += await autoctl('pg_node2', 'disable maintenance', 'pg_node2');
        await rest();
      });
      expectRecorded(cluster, 'maintenance-standby', `${said}${text}`);
    });

    test('maintenance of the primary, whose PostgreSQL is down meanwhile, and of the last standby', async context => {
      let said = '';
      const text = await story(context, async () => {
        said += await autoctl('pg_node1', 'enable maintenance --allow-failover', 'pg_node1');
        await operator.waitFor(
          'pg_node2 is the primary, pg_node3 its secondary',
          nodes =>
            is('pg_node1', 'maintenance/maintenance')(nodes) &&
            is('pg_node2', 'primary/primary')(nodes) &&
            is('pg_node3', 'secondary/secondary')(nodes),
        );
        said += await allOf(duringMaintenance);
        said += await psql('pg_node1', 'select 1', ['-X', '-d', 'postgres']);
        said += await autoctl('pg_node3', 'enable maintenance', 'pg_node3');
        await operator.waitFor('both are in maintenance', is('pg_node3', 'maintenance/maintenance'));
        said += await autoctl('pg_node2', 'enable maintenance --allow-failover');
        said += await autoctl('pg_node3', 'disable maintenance', 'pg_node3');
        said += await autoctl('pg_node1', 'disable maintenance', 'pg_node1');
        await rest();
      });
      expectRecorded(cluster, 'maintenance-primary', `${said}${text}`);
    });

    test('settings', async context => {
      let said = '';
      const text = await story(context, async () => {
        for (const command of settings) {
          said += await autoctl('pg_node1', command);
          await rest();
        }
      });
      expectRecorded(cluster, 'settings', `${said}${text}`);
    });

    test('configuration that is read again, and PostgreSQL of a standby that is restarted', async () => {
      const said = await allOf([
        ['pg_node2', 'reload'],
        ['pg_node2', 'do service restart postgres'],
      ]);
      await rest();
      expectRecorded(cluster, 'restarted', said.replaceAll(/^\d+$/gm, 'PID'));
    });

    test('a node that is dropped: its container starts again, and it joins as it was', async context => {
      let said = '';
      const text = await story(context, async () => {
        said += await autoctl('pg_monitor', 'drop node --name pg_node2', 'pg_node2');
        await rest();
      });
      // Of a node that was restarted just before, a last health check may still be on its way; that is another story.
      const late =
        /^.* to catchingup after it became unhealthy\.\n|^ *catchingup\/dropped New state is reported .*\n/gm;
      const dropped = text.replaceAll(late, '');
      // Whether the command hears of that before it looks itself is a matter of the moment.
      const heard = said.replaceAll(/^.*New state for this node .*: \w+ ➜ dropped\n/gm, '');
      expectRecorded(cluster, 'dropped', `${heard}${dropped}`);
    });

    test('a monitor that stops and starts', async context => {
      let said = '';
      const text = await story(context, async () => {
        await cluster.fault('stop pg_monitor');
        said += await autoctl('pg_node1', 'show state');
        said += await autoctl('pg_node1', 'perform failover');
        said += await autoctl('pg_node1', 'status');
        await cluster.fault('start pg_monitor');
        await rest();
      });
      expectRecorded(cluster, 'monitor-stopped', `${said}${text}`);
    });

    test('the container of a standby that is killed, and one that is stopped', async context => {
      const docker = await listenToDocker(operator, 'vm2');
      // That its PostgreSQL does not run yet is the first that a keeper says.
      const told = await story(context, async before => {
        await cluster.fault('kill pg_node2');
        await docker.until(2);
        await cluster.fault('start pg_node2');
        await operator.waitForEvent('pg_node2', 'secondary/catchingup', before);
        await rest();
      });
      const toldAgain = await story(context, async before => {
        await cluster.fault('stop pg_node2');
        await docker.until(6);
        await cluster.fault('start pg_node2');
        await operator.waitForEvent('pg_node2', 'secondary/catchingup', before);
        await rest();
      });
      const heard = await docker.until(7);
      docker.close();
      expectRecorded(cluster, 'container-stopped', `${heard}${told}${toldAgain}`);
    });

    test('a standby whose machine loses power and gets it back', async context => {
      const text = await story(context, async before => {
        await cluster.fault('poweroff vm2');
        await operator.waitForEvent('pg_node2', 'secondary/catchingup', before);
        await cluster.fault('poweron vm2');
        await rest();
      });
      expectRecorded(cluster, 'power-standby', text);
    });

    test('a primary whose machine loses power and gets it back', async context => {
      let said = '';
      const text = await story(context, async before => {
        await cluster.fault('poweroff vm1');
        await operator.waitForEvent('pg_node1', 'primary/demote_timeout', before);
        // Of the others, who is further depends on the moment.
        said += (await autoctl('pg_monitor', 'show state')).replaceAll(/^pg_node[23] .*\n/gm, '');
        await operator.waitForEvent('pg_node2', 'primary/primary', before);
        await cluster.fault('poweron vm1');
        await rest();
      });
      expectRecorded(cluster, 'power-primary', `${said}${text}`);
    });
  });

  async function psql(container: string, statement: string, options: readonly string[]): Promise<string> {
    const {exitCode, stdout, stderr} = await operator.inContainer(container, ['psql', ...options, '-c', statement]);
    return `$ ${container}: ${statement}\nexit status ${exitCode}\n${normalise(`${stdout}${stderr}`)}\n`;
  }
}

/** A line of `docker ps` as JSON, without what only some versions have. */
function parsePs(line: string): object {
  const {Platform: _, ...row} = JSON.parse(line);
  return row;
}

/** A primary and two secondaries, all healthy and where the monitor wants them. */
function isAtRest(nodes: readonly Row[]): boolean {
  const states = nodes.map(node => String(node.reportedstate)).toSorted(byText);
  const settled = nodes.every(node => node.health === 1 && node.reportedstate === node.goalstate);
  return settled && states.join(' ') === 'primary secondary secondary';
}

function is(name: string, pair: string): (nodes: readonly Row[]) => boolean {
  return nodes => nodes.some(node => nameOf(node) === name && pairOf(node) === pair);
}

function changesOf(node: string | undefined, text: string): string {
  if (node === undefined) return text;
  const lines = text.split('\n').filter(line => !line.startsWith('HH:MM:SS | ') || line.includes(`| ${node} |`));
  return lines.filter((line, index) => line === '' || line !== lines[index - 1]).join('\n');
}

function messagesOf(node: string | undefined, text: string): string {
  if (node === undefined) return text;
  return text
    .split('\n')
    .filter(line => !/ New state for /.test(line) || line.includes(`"${node}"`))
    .join('\n');
}

/** What psql says of a table, without its rows: the statement, its exit status, the names of the columns. */
function heads(text: string): string {
  return `${text.split('\n').slice(0, 3).join('\n')}\n\n`;
}

/** How far it got before the time was over is chance. */
function withoutTable(text: string): string {
  return text.replace(/--- standard output.*?(?=--- standard error)/s, '');
}
