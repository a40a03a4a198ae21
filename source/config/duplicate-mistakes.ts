import type {ConfigurationFile} from './configuration-schema.ts';

/** Something said twice: where the second one stands, and its sentence, which needs the line of the first one. */
export type DuplicateMistake = {path: PropertyKey[]; sentence(lineOf: (path: PropertyKey[]) => number): string};

/** What a schema cannot see: names used twice, a second monitor. */
export function duplicateMistakes(content: ConfigurationFile): DuplicateMistake[] {
  const mistakes = repeated(
    content.clusters.map(({name}, index) => ({text: name, path: ['clusters', index, 'name']})),
    (name, line) => `a second cluster named \`${name}\` (the first is on line ${line}); expected another name`,
  );
  content.clusters.forEach((cluster, clusterIndex) => {
    const at = (host: number, ...more: PropertyKey[]) => ['clusters', clusterIndex, 'hosts', host, ...more];
    mistakes.push(
      ...repeated(
        cluster.hosts.map(({name}, index) => ({text: name, path: at(index, 'name')})),
        (name, line) =>
          `a second host named \`${name}\` (the first is on line ${line}); expected each VM once, with its node and its monitor`,
      ),
    );
    const monitors = cluster.hosts.flatMap((host, index) => (host.monitor === undefined ? [] : [at(index, 'monitor')]));
    const [first, ...others] = monitors;
    for (const path of others) {
      mistakes.push({
        path,
        sentence: lineOf =>
          `a second monitor in cluster \`${cluster.name}\` (the first is on line ${first === undefined ? 0 : lineOf(first)}); expected one: two monitors are two clusters`,
      });
    }
  });
  return mistakes;
}

function repeated(
  entries: readonly {text: string; path: PropertyKey[]}[],
  sentence: (text: string, firstLine: number) => string,
): DuplicateMistake[] {
  const firsts = new Map<string, PropertyKey[]>();
  return entries.flatMap(({text, path}) => {
    const first = firsts.get(text);
    firsts.set(text, first ?? path);
    return first === undefined
      ? []
      : [{path, sentence: (lineOf: (path: PropertyKey[]) => number) => sentence(text, lineOf(first))}];
  });
}
