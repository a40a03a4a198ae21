import {readFile} from 'node:fs/promises';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';
import {closestWord} from '../config/closest-word.ts';
import type {Scenario} from '../simulator/scenario.ts';
import {scenarioNamed, scenarios} from '../simulator/scenarios.ts';

/** A scenario by its name, or from a YAML file that a team has written: a file has a dot or a slash in its name. */
export async function findScenario(name: string): Promise<Outcome<Scenario>> {
  if (/[./]/.test(name)) return readScenario(name);
  const known = scenarioNamed(name);
  if (known !== undefined) return good(known);
  const close = closestWord(
    name,
    scenarios.map(each => each.name),
  );
  const meant = close === undefined ? '' : `; did you mean ${close}?`;
  return bad('configuration', `there is no scenario "${name}"${meant}`, {
    remedy: 'pgaf scenarios lists them; a file has a dot or a slash in its name',
  });
}

/** The names and titles of those that come with the program, a line each. */
export function scenarioList(): readonly string[] {
  const width = Math.max(...scenarios.map(({name}) => name.length));
  return scenarios.map(({name, title}) => `${name.padEnd(width)}  ${title}`);
}

async function readScenario(file: string): Promise<Outcome<Scenario>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return bad('configuration', `${file} cannot be read: ${errorText(error)}`);
  }
  // Only who writes scenarios pays for reading them.
  const {parseScenario} = await import('../simulator/scenario.ts');
  return parseScenario(text, file);
}
