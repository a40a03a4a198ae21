import type {TestProject} from 'vitest/node';
import {type Lab, openLab, raiseLab} from './lab.ts';
import {leaseOf, removeLock} from './lock.ts';

/**
 * Raises the labs that the lab tests of this run share, one for each worker, and takes them away again; a watchdog does so if this process is
 * killed. With PGAF_TEST_LAB=NAME[,NAME] the tests use labs that stand already, and leave them standing: quicker while a test is being written.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const standing = process.env.PGAF_TEST_LAB;
  if (standing !== undefined && standing !== '') {
    project.provide(
      'labs',
      standing.split(',').map(name => openLab(name).name),
    );
    return () => Promise.resolve();
  }
  const raised = await Promise.allSettled(
    Array.from({length: project.config.maxWorkers}, (_, index) => raise(`test${process.pid}-${index + 1}`)),
  );
  const labs = raised.filter(each => each.status === 'fulfilled').map(({value}) => value);
  const down = async () => {
    await Promise.all(labs.map(lab => lab.down()));
    for (const {name} of labs) removeLock(leaseOf(name));
  };
  const failed = raised.find(each => each.status === 'rejected');
  if (failed !== undefined) {
    await down();
    throw failed.reason;
  }
  project.provide(
    'labs',
    labs.map(lab => lab.name),
  );
  return down;
}

function raise(name: string): Promise<Lab> {
  return raiseLab({name, owner: process.pid, say: line => console.error(`lab ${name}: ${line}`)});
}
