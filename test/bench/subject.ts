import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {waitUntil} from '../lab/wait.ts';
import {processTree} from '../robot/local-processes.ts';
import {openSshArguments, runOverSsh} from '../robot/open-ssh.ts';
import {remoteProcesses} from '../robot/remote-processes.ts';
import {openRobot, type Robot} from '../robot/robot.ts';
import type {ClusterUnderTest} from './cluster-under-test.ts';
import {cpuSeconds, localCpuSeconds, localMemory, memoryBytes} from './process-usage.ts';

/** A program that is measured: how it is opened, and what it costs wherever it runs. */
export type Subject = {
  name: 'console' | 'watch';
  open(columns: number, rows: number): Robot;
  /** What a person presses to leave it from anywhere. */
  quitKeys: readonly string[];
  /** Seconds of CPU used so far by the program, not by the terminal or the connection it is shown through. */
  cpuSeconds(robot: Robot): Promise<number>;
  memory(robot: Robot): Promise<{resident: number; proportional: number}>;
};

/**
 * Opens a program, works with it, and leaves it the way a person does, also after a failure: watch goes on running in its container for
 * ever when only its connection is cut.
 */
export async function whileOpen<T>(
  subject: Subject,
  columns: number,
  rows: number,
  work: (robot: Robot) => Promise<T>,
): Promise<T> {
  const robot = subject.open(columns, rows);
  try {
    return await work(robot);
  } finally {
    robot.startReading();
    robot.press(...subject.quitKeys);
    try {
      await waitUntil('the program ends by its own keys', 15_000, () => robot.ended() !== undefined);
    } finally {
      await robot.close();
    }
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The built console on a configuration, with a home of its own. */
export function consoleSubject(configurationFile: string): Subject & {close(): void} {
  return builtConsole(['--config', configurationFile]);
}

/** The built console on an embedded cluster, which is a thread of the same process. */
export function demoSubject(nodes: number, groups: number): Subject & {close(): void} {
  return builtConsole(['demo', '--nodes', String(nodes), '--groups', String(groups)]);
}

function builtConsole(args: readonly string[]): Subject & {close(): void} {
  const home = mkdtempSync(join(tmpdir(), 'pgaf-bench-home-'));
  return {
    name: 'console',
    quitKeys: ['ctrl-c', 'ctrl-c'],
    open: (columns, rows) =>
      openRobot({
        command: join(root, 'node_modules/node/bin/node'),
        args: [join(root, 'dist/cli.js'), ...args],
        env: {XDG_STATE_HOME: home, XDG_CACHE_HOME: home},
        columns,
        rows,
      }),
    cpuSeconds: async robot => localCpuSeconds(processTree(robot.pid)),
    memory: async robot => localMemory(processTree(robot.pid)),
    close: () => rmSync(home, {recursive: true, force: true}),
  };
}

/** `pg_autoctl watch` as people run it: through ssh and docker exec, in the monitor's container. */
export function watchSubject({monitorHost}: ClusterUnderTest): Subject {
  const {ssh, docker, monitor} = monitorHost;
  const command = [...docker, 'exec', '-it', monitor.container, 'pg_autoctl', 'watch'].join(' ');
  const readProcess = async (file: string) => {
    const [watch] = (await remoteProcesses(ssh, /^pg_autoctl watch$/)).slice(-1);
    if (watch === undefined) throw new Error('pg_autoctl watch does not run');
    return (await runOverSsh(ssh, `cat /proc/${watch.pid}/${file}`)).stdout;
  };
  return {
    name: 'watch',
    quitKeys: ['q'],
    open: (columns, rows) =>
      openRobot({command: 'ssh', args: ['-tt', ...openSshArguments(ssh), command], columns, rows}),
    cpuSeconds: async () => cpuSeconds(await readProcess('stat')),
    memory: async () => memoryBytes(await readProcess('smaps_rollup')),
  };
}
