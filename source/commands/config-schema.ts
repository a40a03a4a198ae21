import {configurationSchemaText} from '../config/configuration-schema.ts';
import type {CommandIo} from './command-io.ts';

/** `pgaf config schema`: the JSON Schema of the configuration file, for editors, on standard output. */
export function configSchema(io: Pick<CommandIo, 'stdout'>): Promise<number> {
  io.stdout(configurationSchemaText());
  return Promise.resolve(0);
}
