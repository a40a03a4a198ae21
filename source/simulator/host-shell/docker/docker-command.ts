import type {SimulatedProcess} from '../../program.ts';
import type {HostPlace} from '../host-place.ts';
import {type Options, type OptionTable, parseOptions} from '../options.ts';
import {DockerFailure} from './daemon.ts';

/** One of docker's commands: the options that it takes, how it is used, and what it does. */
export type DockerCommand = {
  table: OptionTable;
  /** What stands behind the name in its usage. */
  usage: string;
  /** How many words it takes at least and at most; any number unless given. */
  words?: {least?: number; most?: number};
  run: (process: SimulatedProcess, place: HostPlace, options: Options) => Promise<number>;
};

/** The options of `docker <name>`; a mistake is a DockerFailure in docker's words. */
export function commandOptions(
  name: string,
  argv: readonly string[],
  {table, usage, words}: Pick<DockerCommand, 'table' | 'usage' | 'words'>,
): Options {
  const options = parseOptions(argv, table);
  const used = `Usage:  docker ${name} ${usage}`.trimEnd();
  if ('mistake' in options) {
    throw new DockerFailure(`${options.mistake}\n\n${used}\n\nRun 'docker ${name} --help' for more information`, 125);
  }
  const {least = 0, most = Number.POSITIVE_INFINITY} = words ?? {};
  const count = options.words.length;
  if (count >= least && count <= most) return options;
  const arguments_ = (number: number) => `${number} argument${number === 1 ? '' : 's'}`;
  const wanted =
    most === 0
      ? 'accepts no arguments'
      : least === most
        ? `requires ${arguments_(least)}`
        : least > 0 && most < Number.POSITIVE_INFINITY
          ? `requires at least ${least} and at most ${arguments_(most)}`
          : count < least
            ? `requires at least ${arguments_(least)}`
            : `requires at most ${arguments_(most)}`;
  const hint = most === Number.POSITIVE_INFINITY ? 'See' : 'Run';
  throw new DockerFailure(
    `docker: 'docker ${name}' ${wanted}\n\n${used}\n\n${hint} 'docker ${name} --help' for more information`,
  );
}
