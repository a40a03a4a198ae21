import {defineConfig} from 'vitest/config';
import {BaseSequencer, type TestSpecification} from 'vitest/node';

const standingLabs = process.env.PGAF_TEST_LAB?.split(',').length;

/** Of the lab tests the longest first, so that no worker is left with it in the end; a fresh lab is what the contract was recorded on. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const longest = ['contract', 'members', 'interrupted', 'rebuild', 'actions'].map(name => `/${name}.lab.test.ts`);
    const rank = ({moduleId}: TestSpecification) => (longest.some(name => moduleId.endsWith(name)) ? 0 : 1);
    const order = ({project}: TestSpecification) => project.config.sequence.groupOrder;
    return (await super.sort(files)).toSorted((a, b) => order(a) - order(b) || rank(a) - rank(b));
  }
}

/** unit: pure and loopback; robot: the built console in a PTY; lab: the real cluster, a lab for each worker. */
export default defineConfig({
  test: {
    sequence: {sequencer: LongestFirst},
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/**/*.{robot,lab}.test.{ts,tsx}'],
          testTimeout: 30_000,
          maxWorkers: '100%',
          sequence: {groupOrder: 0},
        },
      },
      {
        test: {
          name: 'robot',
          include: ['test/**/*.robot.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: {groupOrder: 1},
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/**/*.lab.test.ts'],
          globalSetup: ['test/lab/global-setup.ts'],
          testTimeout: 240_000,
          hookTimeout: 300_000,
          maxWorkers: standingLabs ?? 2,
          sequence: {groupOrder: 2},
        },
      },
    ],
  },
});
