import {mkdir, readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {basename} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build, type OutputFile} from 'esbuild';
import {fasterLibraries} from './faster-libraries.ts';

/**
 * Bundles the program into dist: cli.js and the parts that it loads when they are needed, nothing but Node beside them. In parts, because
 * compiling all of it takes longer than a first frame may, and because Node's compile cache works for what is imported.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const {version} = JSON.parse(await readFile(`${root}package.json`, 'utf8'));

const dist = `${root}dist`;
const {outputFiles} = await build({
  absWorkingDir: root,
  entryPoints: ['cli.tsx'],
  outdir: dist,
  write: false,
  splitting: true,
  chunkNames: 'part-[hash]',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  jsx: 'automatic',
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  define: {
    'process.env.NODE_ENV': '"production"',
    PGAF_VERSION: JSON.stringify(version),
    // Only Yoga asks for it, to read its own code from a data: address; Node then loads a whole HTTP client. Without, it decodes it.
    fetch: 'undefined',
  },
  plugins: [fasterLibraries],
  // Only Ink's developer mode asks for it, and only the DEV variable turns that on.
  alias: {'react-devtools-core': './scripts/no-devtools.ts'},
  // Native accelerators of ssh2 and pg: both work without them.
  external: ['cpu-features', 'pg-native'],
  loader: {'.node': 'empty'},
  banner: {
    js: [
      "import {createRequire as __createRequire} from 'node:module';",
      "import {fileURLToPath as __fileURLToPath} from 'node:url';",
      'const require = __createRequire(import.meta.url);',
      'const __filename = __fileURLToPath(import.meta.url);',
      "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
    ].join('\n'),
  },
});
// Written beside and moved into place, the entry last: a console that starts meanwhile, or another build, finds the old one whole.
await mkdir(dist, {recursive: true});
const before = await readdir(dist);
const isEntry = ({path}: OutputFile) => Number(basename(path).startsWith('cli.js'));
for (const file of outputFiles.toSorted((one, other) => isEntry(one) - isEntry(other))) {
  const unfinished = `${file.path}.${process.pid}`;
  await writeFile(unfinished, file.contents, {mode: file.path.endsWith('/cli.js') ? 0o755 : 0o644});
  await rename(unfinished, file.path);
}
const built = outputFiles.map(({path}) => basename(path));
for (const name of before.filter(each => /^(part-|cli\.js)/.test(each) && !built.includes(each) && !isUnfinished(each)))
  await rm(`${dist}/${name}`, {force: true});

/** Of another build that still runs. */
function isUnfinished(name: string): boolean {
  const [, pid] = /\.(\d+)$/.exec(name) ?? [];
  if (pid === undefined) return false;
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}
