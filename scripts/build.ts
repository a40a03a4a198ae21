import {chmod, mkdir, readFile, rename, rm} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

/** Bundles the console into dist/cli.js: one file that needs nothing but Node. */
const root = fileURLToPath(new URL('..', import.meta.url));
const {version} = JSON.parse(await readFile(`${root}package.json`, 'utf8'));

// Built beside and moved into place, so that a console that starts meanwhile finds the old one whole.
const building = `${root}dist/building`;
await rm(building, {recursive: true, force: true});
await build({
  absWorkingDir: root,
  entryPoints: ['cli.tsx'],
  outfile: 'dist/building/cli.js',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  jsx: 'automatic',
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  define: {'process.env.NODE_ENV': '"production"', PGAF_VERSION: JSON.stringify(version)},
  // Only Ink's developer mode asks for it, and only the DEV variable turns that on.
  alias: {'react-devtools-core': './scripts/no-devtools.ts'},
  // Native accelerators of ssh2 and pg: both work without them.
  external: ['cpu-features', 'pg-native'],
  loader: {'.node': 'empty'},
  banner: {
    js: [
      '#!/usr/bin/env node',
      "import {createRequire as __createRequire} from 'node:module';",
      "import {fileURLToPath as __fileURLToPath} from 'node:url';",
      'const require = __createRequire(import.meta.url);',
      'const __filename = __fileURLToPath(import.meta.url);',
      "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
    ].join('\n'),
  },
});
await chmod(`${building}/cli.js`, 0o755);
await mkdir(`${root}dist`, {recursive: true});
for (const file of ['cli.js.map', 'cli.js']) await rename(`${building}/${file}`, `${root}dist/${file}`);
await rm(building, {recursive: true});
