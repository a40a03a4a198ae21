import type {SimulatedProcess} from '../../program.ts';
import type {HostPlace} from '../host-place.ts';
import {type Options, type OptionTable, parseOptions} from '../options.ts';
import {DockerFailure} from './daemon.ts';

/** One of docker's commands: the options that it takes, and what it does. */
export type DockerCommand = {
  table: OptionTable;
  run: (process: SimulatedProcess, place: HostPlace, options: Options) => Promise<number>;
};

/** The options of `docker <name>`; a mistake is a DockerFailure in docker's words. */
export function commandOptions(name: string, argv: readonly string[], table: OptionTable): Options {
  const options = parseOptions(argv, table);
  if ('mistake' in options) throw new DockerFailure(`${options.mistake}\nSee 'docker ${name} --help'.`, 125);
  return options;
}
