import {createHash} from 'node:crypto';
import {mkdir, readFile, rename, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {ConfigurationFile} from './configuration-schema.ts';

/** What the text of a configuration file was found to mean before, by the same program. */
export type KeptConfiguration = {
  /** undefined when this text was not found valid before, or that is not kept any more. */
  find(file: string, text: string): Promise<ConfigurationFile | undefined>;
  keep(file: string, text: string, content: ConfigurationFile): Promise<void>;
};

/**
 * Keeps what valid configurations mean in a folder of the person's own, one file for each: reading YAML and checking it takes a third of
 * the time to the first frame, and the same text means the same every time. `program` names the build: another one checks anew.
 */
export function keptConfiguration(folder: string, program: string): KeptConfiguration {
  const placeOf = (file: string) => path.join(folder, `${digest(file).slice(0, 32)}.json`);
  return {
    async find(file, text) {
      try {
        const [sum = '', body = ''] = (await readFile(placeOf(file), 'utf8')).split('\n');
        if (sum !== digest(program, text, body)) return undefined;
        const content: ConfigurationFile = JSON.parse(body);
        return content;
      } catch {
        // Not there yet, or not readable: it is read from the file itself.
        return undefined;
      }
    },
    async keep(file, text, content) {
      const body = JSON.stringify(content);
      const beside = `${placeOf(file)}.${process.pid}`;
      try {
        await mkdir(folder, {recursive: true, mode: 0o700});
        await writeFile(beside, `${digest(program, text, body)}\n${body}\n`, {mode: 0o600});
        await rename(beside, placeOf(file));
      } catch {
        // A folder that cannot be written costs time at the next start, and nothing else.
        return;
      }
    },
  };
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
