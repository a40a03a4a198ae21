import {chmod, mkdir, readdir, readFile, rename, rm} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import {fasterLibraries} from './faster-libraries.ts';

/**
 * Bundles the program into dist: cli.js and the parts that it loads when they are needed, nothing but Node beside them. In parts, because
 * compiling all of it takes longer than a first frame may, and because Node's compile cache works for what is imported.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const {version} = JSON.parse(await readFile(`${root}package.json`, 'utf8'));

// Built beside and moved into place, so that a console that starts meanwhile finds the old one whole, and another build does not meet it.
const building = `${root}dist/building-${process.pid}`;
await mkdir(`${root}dist`, {recursive: true});
for (const left of (await readdir(`${root}dist`)).filter(isLeft))
  await rm(`${root}dist/${left}`, {recursive: true, force: true});
await build({
  absWorkingDir: root,
  entryPoints: ['cli.tsx'],
  outdir: building,
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
await chmod(`${building}/cli.js`, 0o755);
const before = (await readdir(`${root}dist`)).filter(name => name.startsWith('part-'));
const built = (await readdir(building)).sort((one, other) => Number(isEntry(one)) - Number(isEntry(other)));
for (const file of built) await rename(`${building}/${file}`, `${root}dist/${file}`);
for (const file of before.filter(name => !built.includes(name))) await rm(`${root}dist/${file}`, {force: true});
await rm(building, {recursive: true});

/** The entry comes last, when all that it imports is there. */
function isEntry(file: string): boolean {
  return file.startsWith('cli.js');
}

/** Of a build that was killed. */
function isLeft(folder: string): boolean {
  const [, pid] = /^building-(\d+)$/.exec(folder) ?? [];
  if (pid === undefined) return false;
  try {
    return !process.kill(Number(pid), 0);
  } catch {
    return true;
  }
}
