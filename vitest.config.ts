import {defineConfig} from 'vitest/config';

/** unit: pure and loopback; robot: the built console in a PTY; lab: the real cluster, one file at a time on one shared lab. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/**/*.{robot,lab}.test.{ts,tsx}'],
          testTimeout: 30_000,
          sequence: {groupOrder: 0},
        },
      },
      {
        test: {
          name: 'robot',
          include: ['test/**/*.robot.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
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
          fileParallelism: false,
          sequence: {groupOrder: 2},
        },
      },
    ],
  },
});
