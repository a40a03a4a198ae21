// Runs a script of the project on a bare machine: installs what package-lock.json names when it is missing, builds, then runs it with
// the project's own Node. Has to work with any Node that npm works with, so it is plain JavaScript without dependencies.
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const node = `${root}node_modules/node/bin/node`;
const stamp = `${root}node_modules/.pgaf-installed`;

const scripts = {
  build: () => run(node, ['scripts/build.ts']),
  check: () => {
    run(node, ['node_modules/typescript/bin/tsc', '--noEmit']);
    run(node, ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']);
  },
  test: (...argv) => {
    scripts.build();
    if (argv.length === 0) scripts.check();
    run(node, ['scripts/test.ts', ...argv]);
  },
  lab: (...argv) => {
    if (argv.length > 0) return run(node, ['test/lab/cli.ts', ...argv]);
    scripts.build();
    run(node, ['test/lab/cli.ts', 'up']);
    return run(node, ['dist/cli.js', '--config', '.lab/cluster.yaml']);
  },
  demo: (...argv) => {
    scripts.build();
    run(node, ['dist/cli.js', 'demo', ...argv]);
  },
  drill: (...argv) => {
    scripts.build();
    run(node, ['dist/cli.js', 'drill', ...argv]);
  },
  pictures: () => {
    scripts.build();
    run(node, ['scripts/take-pictures.ts']);
  },
  bench: (...argv) => {
    scripts.build();
    run(node, ['test/bench/bench.ts', ...argv]);
  },
  start: (...argv) => {
    scripts.build();
    run(node, ['dist/cli.js', ...argv]);
  },
};

install();
const [name, ...argv] = process.argv.slice(2);
const script = scripts[name];
if (script === undefined) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(scripts).join(' | ')}`);
  process.exit(64);
}
script(...argv);

function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('Installing what package-lock.json names ...');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}

// The children get the terminal's signals themselves and clean up after them, so this process only waits for them.
function run(command, argv) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    if (process.listenerCount(signal) === 0) process.on(signal, () => {});
  const path = `${root}node_modules/node/bin:${process.env.PATH}`;
  const {status, signal, error} = spawnSync(command, argv, {
    cwd: root,
    stdio: 'inherit',
    env: {...process.env, PATH: path},
  });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
}
