import {readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {type Binding, bindings} from '../source/console/bindings.ts';

/** Writes the table of keys into the README: `node scripts/keys-table.ts`. A test fails when it is not current. */
export const readme = fileURLToPath(new URL('../README.md', import.meta.url));

export function withKeysTable(text: string): string {
  const rows = bindings.map(
    binding => `| ${binding.keys.map(shown).join(' ')} | ${binding.title} | ${where(binding)} |`,
  );
  const table = ['| key | what it does | where |', '|---|---|---|', ...rows].join('\n');
  return text.replace(/<!-- keys -->[\s\S]*<!-- \/keys -->/, `<!-- keys -->\n${table}\n<!-- /keys -->`);
}

function shown(key: string): string {
  return `\`${key === 'escape' ? 'esc' : key}\``;
}

function where(binding: Binding): string {
  return binding.screens.length >= 5 ? '' : binding.screens.join(', ');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(readme, withKeysTable(readFileSync(readme, 'utf8')));
