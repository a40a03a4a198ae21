import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {parse, stringify} from 'yaml';
import {z} from 'zod';
import type {Lab} from '../lab/lab.ts';

const host = z.looseObject({name: z.string(), node: z.looseObject({container: z.string()}).optional()});
const file = z.object({clusters: z.tuple([z.looseObject({hosts: z.array(host)})])});
type Host = z.infer<typeof host>;

/** Writes the lab's configuration with something about its hosts changed into the folder; gives the new file's path. */
export function changedConfiguration(
  lab: Lab,
  folder: string,
  change: (host: Host) => Host | undefined,
  cluster: Readonly<Record<string, unknown>> = {},
): string {
  const {
    clusters: [before],
  } = file.parse(parse(readFileSync(lab.configFile, 'utf8')));
  const hosts = before.hosts.map(change).filter(each => each !== undefined);
  const path = join(folder, 'cluster.yaml');
  writeFileSync(path, stringify({clusters: [{...before, ...cluster, hosts}]}));
  return path;
}
