import {readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {actionKinds} from '../source/actions/registry.ts';
import {commandList} from '../source/commands/command-list.ts';
import {type Binding, bindings} from '../source/console/bindings.ts';

/** Writes the tables of commands, keys and actions into the README: `node scripts/readme-tables.ts`. A test fails when they are not current. */
export const readme = fileURLToPath(new URL('../README.md', import.meta.url));

export function withTables(text: string): string {
  return between(between(between(text, 'commands', commandsTable()), 'keys', keysTable()), 'actions', actionsTable());
}

function commandsTable(): readonly string[] {
  const own = commandList.filter(({action}) => action === undefined);
  const rows = own.map(
    ({usage, help}) => `| \`${`pgaf ${usage}`.trimEnd().replaceAll('|', '\\|')}\` | ${help.replaceAll('|', '\\|')} |`,
  );
  return ['| command | what it does |', '|---|---|', ...rows];
}

function keysTable(): readonly string[] {
  const rows = bindings.map(
    binding => `| ${binding.keys.map(shown).join(' ')} | ${binding.title} | ${where(binding)} |`,
  );
  return ['| key | what it does | where |', '|---|---|---|', ...rows];
}

function actionsTable(): readonly string[] {
  const rows = actionKinds.map(
    ({usage, key, help, tier}) =>
      `| \`pgaf ${usage.replaceAll('|', '\\|')}\` | ${key === undefined ? '' : shown(key)} | ${help} | ${tier} |`,
  );
  return ['| command | key | what it does | tier |', '|---|---|---|---|', ...rows];
}

function between(text: string, name: string, lines: readonly string[]): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest = ''] = text.split(start, 2);
  const after = rest.split(end, 2)[1] ?? '';
  return `${before}${start}\n${lines.join('\n')}\n${end}${after}`;
}

function shown(key: string): string {
  return `\`${key === 'escape' ? 'esc' : key}\``;
}

function where(binding: Binding): string {
  return binding.screens.length >= 5 ? '' : binding.screens.join(', ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(readme, withTables(readFileSync(readme, 'utf8')));
