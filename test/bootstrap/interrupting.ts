import {createInterface} from 'node:readline';
import {expect} from 'vitest';
import {ended} from '../commands/run-pgaf.ts';
import type {BareLab} from './bare-lab.ts';

type Program = ReturnType<BareLab['start']>;

/** Interrupts a run at a step that has begun, unless that was done before; gives what to call it. */
export type Interrupt = (title: string, program: Program, before: readonly string[]) => Promise<string | undefined>;

/** Starts a bootstrap again and again, until nothing interrupts it any more and it succeeds. Gives where it was interrupted. */
export async function interruptEach(start: () => Program, interrupt: Interrupt): Promise<readonly string[]> {
  const interrupted: string[] = [];
  for (;;) {
    const program = start();
    const end = ended(program);
    let name: string | undefined;
    for await (const title of titlesOf(program)) {
      name = await interrupt(title, program, interrupted);
      if (name === undefined) continue;
      interrupted.push(name);
      break;
    }
    // What reads line by line stops the stream when it is left.
    program.stderr?.resume();
    const {exitCode, stderr} = await end;
    if (name !== undefined) continue;
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('3 nodes and their monitor serve')]);
    return interrupted;
  }
}

/** What a run says of its steps, one after the other: `vm1: start pg_node1`. */
async function* titlesOf(program: Program): AsyncGenerator<string> {
  if (program.stderr === null) throw new Error('it says nothing');
  // The plan comes first; what is done has a time before it.
  for await (const line of createInterface(program.stderr)) {
    const title = /^ *\d+\.\d s {2}(\S.*)$/.exec(line)?.[1];
    if (title !== undefined && !title.startsWith('done:')) yield title;
  }
}
