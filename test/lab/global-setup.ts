import type {TestProject} from 'vitest/node';
import {raiseLab} from './lab.ts';

/** Raises the lab that all lab tests of this run share, and takes it away again; a watchdog does so if this process is killed. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const lab = await raiseLab({
    name: `test${process.pid}`,
    owner: process.pid,
    say: line => console.error(`lab: ${line}`),
  });
  project.provide('lab', lab.name);
  return () => lab.down();
}
