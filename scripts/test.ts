import {existsSync} from 'node:fs';
import {startVitest} from 'vitest/node';

/**
 * Runs the tests: `node scripts/test.ts [vitest filters]`. The lab needs root on Debian with network namespaces; elsewhere its tests are
 * left out and the run says so. In CI a lab that cannot run is a failure.
 */
const filters = process.argv.slice(2);
const labMissing = reasonWithoutLab();
const projects = labMissing === undefined ? ['unit', 'robot', 'lab'] : ['unit', 'robot'];
if (labMissing !== undefined && process.env.CI === 'true') {
  console.error(`The lab tests cannot run here: ${labMissing}. In CI that is a failure.`);
  process.exit(1);
}

const vitest = await startVitest('test', filters, {run: true, watch: false, project: projects});
const files = vitest.state.getFiles();
const counts = {passed: 0, failed: 0, skipped: 0};
for (const file of files) count(file);
const failedToRun =
  vitest.state.getCountOfFailedTests() > 0 ||
  vitest.state.getUnhandledErrors().length > 0 ||
  files.some(file => file.result?.state === 'fail');
await vitest.close();

if (labMissing !== undefined) console.error(`\nWARNING: THE LAB TESTS DID NOT RUN: ${labMissing}.\n`);
console.log(
  `${counts.passed} passed, ${Math.max(counts.failed, failedToRun ? 1 : 0)} failed, ${counts.skipped} skipped`,
);
process.exit(failedToRun || counts.passed === 0 ? 1 : 0);

type Task = {type: string; mode?: string; result?: {state?: string} | undefined; tasks?: Task[]};

function count(task: Task): void {
  if (task.tasks !== undefined) for (const child of task.tasks) count(child);
  else if (task.result?.state === 'pass') counts.passed += 1;
  else if (task.result?.state === 'fail') counts.failed += 1;
  else counts.skipped += 1;
}

function reasonWithoutLab(): string | undefined {
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version')) return 'this is not Debian';
  if (process.getuid?.() !== 0) return 'not root';
  return undefined;
}
