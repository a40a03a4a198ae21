import {readFile} from 'node:fs/promises';
import {bad, errorText, type Outcome} from '../cluster/problem.ts';
import {closestWord} from '../config/closest-word.ts';
import {openEmbeddedCluster} from '../simulator/embedded/embedded-cluster.ts';
import {parseScenario, playScenario, type Scenario} from '../simulator/scenario.ts';
import {scenarioNamed, scenarios} from '../simulator/scenarios.ts';
import {consoleCommand} from './console.ts';

export type DemoOptions = {
  scenario: string | undefined;
  speed: number;
  seed: number;
  nodes: number;
  groups: number;
  readOnly: boolean;
  color: boolean;
  logFile: string | undefined;
};

/** `pgaf demo`: opens the console on the embedded cluster; resolves with the exit status when the person has left it. */
export async function demo(options: DemoOptions): Promise<Outcome<number>> {
  const scenario = await findScenario(options.scenario ?? 'healthy');
  if (!scenario.ok) return scenario;
  const {seed, speed, groups} = options;
  const nodesPerGroup = Math.ceil(options.nodes / groups);
  const cluster = await openEmbeddedCluster({seed, speed, groups, nodesPerGroup, startAt: Date.now()});
  const refused: string[] = [];
  const end = playScenario(cluster.world, scenario.value, message => refused.push(message));
  try {
    return {ok: true, value: await consoleCommand(cluster.configuration, options)};
  } finally {
    end();
    await cluster.close();
    for (const message of refused) process.stderr.write(`pgaf: a step of the scenario was refused: ${message}\n`);
  }
}

/** `pgaf scenarios`: the names and titles of those that come with the program. */
export function scenarioList(): string {
  const width = Math.max(...scenarios.map(({name}) => name.length));
  return scenarios.map(({name, title}) => `${name.padEnd(width)}  ${title}`).join('\n');
}

/** By name, or from a YAML file that a team has written. */
async function findScenario(name: string): Promise<Outcome<Scenario>> {
  if (!/[./]/.test(name)) {
    const known = scenarioNamed(name);
    if (known !== undefined) return {ok: true, value: known};
    const names = scenarios.map(each => each.name);
    const close = closestWord(name, names);
    return bad(
      'configuration',
      `there is no scenario "${name}"${close === undefined ? '' : `; did you mean ${close}?`}`,
      {
        remedy: 'pgaf scenarios lists them; a file has a dot or a slash in its name',
      },
    );
  }
  try {
    return parseScenario(await readFile(name, 'utf8'), name);
  } catch (error) {
    return bad('configuration', `${name} cannot be read: ${errorText(error)}`);
  }
}
