import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {onTestFinished} from 'vitest';
import {openRobot, type Robot, type RobotOptions} from './robot.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Node and the built console: what an installed `pgaf` runs. */
export const consoleProgram = {node: join(root, 'node_modules/node/bin/node'), bundle: join(root, 'dist/cli.js')};

/** A folder of its own for one test, gone after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pgaf-robot-'));
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}));
  return folder;
}

/** The environment of a console that touches nothing of the person who runs the tests. */
export function consoleEnvironment(home: string): Record<string, string> {
  return {HOME: home, XDG_CONFIG_HOME: join(home, 'config'), XDG_STATE_HOME: join(home, 'state')};
}

/** Opens the built console on a configuration, in a terminal; the test's end closes it. */
export function openConsole(options: {configuration: string; home: string} & Partial<RobotOptions>): Robot {
  if (!existsSync(consoleProgram.bundle)) throw new Error('dist/cli.js is missing: npm run build');
  const {configuration, home, env, args = [], ...more} = options;
  return openRobot({
    command: consoleProgram.node,
    args: [consoleProgram.bundle, '--config', configuration, ...args],
    env: {...consoleEnvironment(home), ...env},
    cwd: home,
    ...more,
  });
}

/** A configuration of three VMs of which none can be reached: every connection is refused on loopback at once. */
export function unreachableConfiguration(folder: string): string {
  const file = join(folder, 'unreachable.yaml');
  const host = (number: number, more: string) =>
    `      - {name: vm${number}, address: 127.0.0.1, port: 1, user: nobody, knownHostsFile: known_hosts, node: {container: pg_node${number}, port: 5432}${more}}`;
  const monitor = ', monitor: {container: pg_monitor, port: 6000}';
  const lines = ['clusters:', '  - name: orders', '    hosts:', host(1, ''), host(2, ''), host(3, monitor), ''];
  writeFileSync(file, lines.join('\n'));
  writeFileSync(join(folder, 'known_hosts'), '');
  return file;
}
