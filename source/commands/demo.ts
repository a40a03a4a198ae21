import {thisOperator} from '../actions/operator.ts';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import {type EmbeddedThread, startEmbeddedThread} from '../simulator/embedded/start-thread.ts';
import type {Scenario} from '../simulator/scenario.ts';
import type {Arguments} from './arguments.ts';
import {type ConsoleOptions, consoleCommand} from './console.ts';
import {demoCommands} from './demo-commands.ts';
import {failedStatus} from './exit-status.ts';
import {findScenario} from './find-scenario.ts';

/** What the command line says of an embedded cluster. */
export type DemoOptions = Pick<
  Arguments['flags'],
  'scenario' | 'speed' | 'seed' | 'nodes' | 'groups' | 'step' | 'readOnly' | 'color' | 'logFile'
>;

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
      ...unrecorded(),
      commands: demoCommands(cluster),
      time: cluster.time,
      ended: cluster.died,
      opened(running) {
        const {story} = scenario.value;
        if (story !== undefined) running.notify(story, 'info');
        else if (options.step)
          running.notify('time stands still: :step lets a second pass, :pause lets it go on', 'info');
        cluster.listen(message => {
          if (message.say === 'notice') running.notify(message.text, message.tone);
        });
      },
    });
    return good(await statusAfter(cluster, status));
  } finally {
    await cluster.close();
  }
}

/** What is done to a simulated cluster is nobody's history: it leaves nothing behind. */
export function unrecorded(): Pick<ConsoleOptions, 'operator' | 'record' | 'recordSession'> {
  return {
    operator: thisOperator(process.env),
    record: () => good(undefined),
    recordSession: () => good(undefined),
  };
}

/** Starts the thread of a cluster for a scenario; meanwhile this thread loads what the console needs of it. */
export async function openCluster(
  options: DemoOptions,
  scenario: Scenario,
  drill: boolean,
  program: URL,
): Promise<Outcome<EmbeddedThread>> {
  const {seed, speed, groups, nodes, step} = options;
  const starting = startEmbeddedThread(program, {
    kind: 'pgaf embedded cluster',
    ...{seed, speed, groups, scenario, drill},
    paused: step,
    startAt: Date.now(),
    nodesPerGroup: nodes / groups,
  });
  const loading = Promise.all([
    import('../console/console.ts'),
    import('../screens/start-screens.ts'),
    import('../ssh/connect.ts'),
    import('pg'),
  ]);
  // Whichever fails, the other one is waited for: neither a thread nor an error is left to itself.
  const [started, loaded] = await Promise.allSettled([starting, loading]);
  if (started.status === 'rejected') return notStarted(started.reason);
  if (loaded.status === 'fulfilled') return good(started.value);
  await started.value.close();
  return notStarted(loaded.reason);
}

function notStarted(error: unknown) {
  return bad('internal', `the simulated cluster can not be started: ${errorText(error)}`);
}

/** A console that ended because its cluster died says so. */
export async function statusAfter(cluster: EmbeddedThread, status: number): Promise<number> {
  const alive = Symbol('alive');
  const death = await Promise.race([cluster.died, Promise.resolve(alive)]);
  if (death === alive) return status;
  const text = death instanceof Error ? (death.stack ?? death.message) : String(death);
  const lines = `pgaf: the embedded cluster failed: ${text}`.split('\n').map(sanitizeLine);
  process.stderr.write(`${lines.join('\n')}\n`);
  return failedStatus;
}
