import type {ChildProcess} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parse, stringify} from 'yaml';
import {z} from 'zod';
import {type Ended, ended, spawnPgaf} from '../commands/run-pgaf.ts';
import {isSettled, type NodeState} from '../lab/cluster.ts';
import {type Lab, openLab, raiseLab} from '../lab/lab.ts';
import {removeLab} from '../lab/remove.ts';
import {waitUntil} from '../lab/wait.ts';

/** Three machines with Docker and the image, on which a cluster is made. */
export type BareLab = {
  lab: Lab;
  /** Starts `pgaf bootstrap`; who starts it waits for its end. */
  start(...more: readonly string[]): ChildProcess;
  /** The same with other users on some hosts. */
  startAs(users: Readonly<Record<string, string>>, ...more: readonly string[]): ChildProcess;
  /** Runs another command of pgaf to its end. */
  run(...argv: readonly string[]): Promise<Ended>;
  /** All that pgaf has written to its outputs. */
  said(): string;
  /** The files that pgaf has written on this machine: its log and its audit log. */
  keptFiles(): readonly string[];
  /** The monitor's states once every node has reported from now on what it should be. */
  settled(): Promise<NodeState[]>;
  /** Takes away what a bootstrap has made. */
  strip(): Promise<void>;
  down(): Promise<void>;
};

const minutes = 60_000;
const configurationDocument = z.object({
  clusters: z.array(z.looseObject({hosts: z.array(z.looseObject({name: z.string()}))})),
});

/** A lab of its own, for a cluster with such a `bootstrap:` section; with PGAF_TEST_BARE_LAB=NAME one that stands already and is left standing, stripped first. */
export async function bareLab(bootstrap: object): Promise<BareLab> {
  const standing = process.env.PGAF_TEST_BARE_LAB;
  const own = standing === undefined || standing === '';
  const lab = own ? await raiseLab({name: `bare-${process.pid}`, bare: true, owner: process.pid}) : openLab(standing);
  const home = mkdtempSync(join(tmpdir(), 'pgaf-bootstrap-'));
  const hosts = lab.hosts().map(host => host.name);
  const strip = async () => {
    await Promise.all(hosts.map(host => lab.fault('poweron', host)));
    await Promise.all(hosts.map(host => lab.exec(host, ['sh', '-c', stripping], {timeout: 2 * minutes})));
  };
  if (!own) await strip();
  let said = '';
  const {clusters} = configurationDocument.parse(parse(readFileSync(lab.configFile, 'utf8')));
  const spawnOne = (users: Readonly<Record<string, string>>, argv: readonly string[]) => {
    const configured = clusters.map(cluster => ({
      ...cluster,
      bootstrap,
      hosts: cluster.hosts.map(host => (users[host.name] === undefined ? host : {...host, user: users[host.name]})),
    }));
    const file = join(lab.directory, 'bootstrap.yaml');
    writeFileSync(file, stringify({clusters: configured}));
    const program = spawnPgaf(home, '--config', file, '--log-file', join(home, 'pgaf.log'), ...argv);
    for (const stream of [program.stdout, program.stderr])
      stream?.on('data', chunk => {
        said += String(chunk);
      });
    return program;
  };
  return {
    lab,
    start: (...more) => spawnOne({}, ['bootstrap', ...more]),
    startAs: (users, ...more) => spawnOne(users, ['bootstrap', ...more]),
    run: (...argv) => ended(spawnOne({}, argv)),
    said: () => said,
    keptFiles: () =>
      readdirSync(home, {recursive: true, withFileTypes: true}).flatMap(entry =>
        entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
      ),
    settled: () => settledStates(lab),
    strip,
    down: async () => {
      rmSync(home, {recursive: true, force: true});
      if (own) await removeLab(lab.name);
    },
  };
}

const stripping = [
  'docker rm --force --volumes $(docker ps --all --quiet)',
  'docker volume rm --force $(docker volume ls --quiet)',
  'rm -rf /opt/pgaf/*',
].join('; ');

/** Resolves when the program has written the text. */
export function says(program: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    program.stderr?.on('data', chunk => {
      if (String(chunk).includes(text)) resolve();
    });
    program.on('close', () => reject(new Error(`it ended without "${text}"`)));
  });
}

/** Ends the program as no program can notice. */
export async function killed(program: ChildProcess): Promise<void> {
  const closed = new Promise(resolve => program.once('exit', resolve));
  program.kill('SIGKILL');
  await closed;
}

/** The monitor's states once every node has reported from now on what it should be. */
export async function settledStates(lab: Lab): Promise<NodeState[]> {
  // The machines of a lab have this machine's clock.
  const now = Date.now() / 1000;
  await waitUntil('the cluster is at rest', 3 * minutes, async () => {
    try {
      // What the monitor remembers of the time before a power cut looks the same, and that may have been a moment ago.
      const fresh = `reportedpgisrunning and reporttime > to_timestamp(${now})`;
      const [row] = await lab.monitorQuery(`select count(*) from pgautofailover.node where ${fresh}`);
      return row?.count === 3 && isSettled(await lab.showState());
    } catch {
      // The monitor is still starting.
      return false;
    }
  });
  return lab.showState();
}
