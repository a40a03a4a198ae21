import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';
import {type EmbeddedThread, startEmbeddedThread} from '../simulator/embedded/start-thread.ts';
import type {Scenario} from '../simulator/scenario.ts';
import {consoleCommand} from './console.ts';
import {demoCommands} from './demo-commands.ts';
import {findScenario} from './find-scenario.ts';

/** What the command line says of an embedded cluster. */
export type DemoOptions = {
  scenario: string | undefined;
  speed: number;
  seed: number;
  /** Data nodes in all. */
  nodes: number;
  groups: number;
  /** Time stands still until it is stepped. */
  step: boolean;
  readOnly: boolean;
  color: boolean;
  logFile: string | undefined;
};

/** The exit status when the embedded cluster has failed (EX_SOFTWARE of sysexits). */
const failedStatus = 70;

/** `pgaf demo`: opens the console on the embedded cluster; resolves with the exit status when the person has left it. `program` is the file that its thread runs. */
export async function demo(options: DemoOptions, program: URL): Promise<Outcome<number>> {
  const scenario = await findScenario(options.scenario ?? 'healthy');
  if (!scenario.ok) return scenario;
  const opened = await openCluster(options, scenario.value, false, program);
  if (!opened.ok) return opened;
  const cluster = opened.value;
  try {
    const status = await consoleCommand(cluster.configuration, {
      ...options,
      commands: demoCommands(cluster),
      ended: cluster.died,
      opened(running) {
        cluster.listen(message => {
          if (message.say === 'notice') running.notify(message.text, message.tone);
        });
        const {story} = scenario.value;
        if (story !== undefined) running.notify(story, 'info');
        else if (options.step)
          running.notify('time stands still: :step lets a second pass, :pause lets it go on', 'info');
      },
    });
    return good(await statusAfter(cluster, status));
  } finally {
    await cluster.close();
  }
}

/** Starts the thread of a cluster for a scenario; meanwhile this thread loads what the console needs of it. */
export async function openCluster(
  options: DemoOptions,
  scenario: Scenario,
  drill: boolean,
  program: URL,
): Promise<Outcome<EmbeddedThread>> {
  const {seed, speed, groups, nodes, step} = options;
  const started = startEmbeddedThread(program, {
    kind: 'pgaf embedded cluster',
    ...{seed, speed, groups, scenario, drill},
    paused: step,
    startAt: Date.now(),
    nodesPerGroup: Math.ceil(nodes / groups),
  });
  const loaded = Promise.all([
    import('../console/console.ts'),
    import('../screens/start-screens.ts'),
    import('../ssh/connect.ts'),
    import('pg'),
  ]);
  try {
    const cluster = await started;
    await loaded;
    return good(cluster);
  } catch (error) {
    return bad('internal', `the simulated cluster can not be started: ${errorText(error)}`);
  }
}

/** A console that ended because its cluster died says so. */
export async function statusAfter(cluster: EmbeddedThread, status: number): Promise<number> {
  const alive = Symbol('alive');
  const death = await Promise.race([cluster.died, Promise.resolve(alive)]);
  if (death === alive) return status;
  const text = death instanceof Error ? (death.stack ?? death.message) : String(death);
  process.stderr.write(`pgaf: the embedded cluster failed: ${text}\n`);
  return failedStatus;
}
