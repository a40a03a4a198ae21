import type {TestProject} from 'vitest/node';
import {openLab, raiseLab} from './lab.ts';

/**
 * Raises the lab that all lab tests of this run share, and takes it away again; a watchdog does so if this process is killed. With
 * PGAF_TEST_LAB=NAME the tests use a lab that stands already, and leave it standing: quicker while a test is being written.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const standing = process.env.PGAF_TEST_LAB;
  if (standing !== undefined && standing !== '') {
    project.provide('lab', openLab(standing).name);
    return () => Promise.resolve();
  }
  const lab = await raiseLab({
    name: `test${process.pid}`,
    owner: process.pid,
    say: line => console.error(`lab: ${line}`),
  });
  project.provide('lab', lab.name);
  return () => lab.down();
}
