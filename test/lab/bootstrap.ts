import {builtProgram} from './built-program.ts';
import {configurationFile} from './cluster.ts';
import {must, plainEnvironment} from './command.ts';
import {labDirectory} from './places.ts';
import type {Plan} from './plan.ts';
import {marks} from './processes.ts';

/**
 * Makes what is missing of the lab's cluster, as a person does with the lab's configuration: `pgaf bootstrap`. Resolves when one node is the
 * primary and two are its healthy secondaries; `say` gets a line a step.
 */
export async function makeCluster(plan: Plan, say: (line: string) => void = () => undefined): Promise<void> {
  const program = await builtProgram(say);
  say('pgaf bootstrap');
  await must([process.execPath, program, 'bootstrap', '--yes', '--config', configurationFile(plan.name)], {
    // What it keeps on this machine goes with the lab; nothing there is the person's own.
    env: {...plainEnvironment, HOME: labDirectory(plan.name), ...marks(plan.name, 'bootstrap')},
    timeout: 600_000,
    hear: line => {
      const [, step] = /^ *\d+\.\d s {2}(\S.*)$/.exec(line) ?? [];
      if (step !== undefined) say(step);
    },
  });
}
