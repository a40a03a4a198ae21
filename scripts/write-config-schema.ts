import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {configurationSchemaText} from '../source/config/configuration-schema.ts';

// Run after every change of source/config/configuration-schema.ts; a test fails while the file is behind.
const file = fileURLToPath(new URL('../config/cluster.schema.json', import.meta.url));
writeFileSync(file, configurationSchemaText());
execFileSync(fileURLToPath(new URL('../node_modules/.bin/biome', import.meta.url)), ['format', '--write', file], {
  stdio: 'inherit',
});
