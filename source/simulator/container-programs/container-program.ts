import type {ContainerProgram} from '../program.ts';
import {interruptible} from './interruptible.ts';
import {pgAutoctl} from './pg-autoctl/pg-autoctl.ts';
import {psql} from './psql.ts';
import {createShell} from './shell.ts';
import {tools} from './tools.ts';

/** The programs of the simulated image by name, with or without their path; undefined: the container has none of that name. */
export function containerProgram(name: string): ContainerProgram | undefined {
  const plain = name.replace(/^\/(usr\/(local\/)?)?bin\//, '').replace(/^\/usr\/lib\/postgresql\/15\/bin\//, '');
  return Object.hasOwn(programs, plain) ? programs[plain] : undefined;
}

const shell = createShell(containerProgram);

/** They read lines, and with them Ctrl-C, themselves. */
const readers = ['cat', 'head', 'tail', 'wc', 'grep'];

const programs: Readonly<Record<string, ContainerProgram>> = {
  ...Object.fromEntries(
    Object.entries(tools).map(([name, program]) => [name, readers.includes(name) ? program : interruptible(program)]),
  ),
  psql,
  pg_autoctl: interruptible(pgAutoctl),
  sh: shell,
  bash: shell,
  dash: shell,
};
