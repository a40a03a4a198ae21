import {good} from '../cluster/problem.ts';
import type {Binding} from './bindings.ts';
import type {PromptCommand} from './prompt.ts';
import type {Screen} from './store.ts';

/** What the console's own commands need of it. */
export type CommandSurroundings = {
  screen: Screen['name'];
  bindings: readonly Binding[];
  run(binding: Binding): void;
  leave(): void;
  showPage(page: {title: string; lines: readonly string[]}): void;
  all(): readonly PromptCommand[];
};

/** Keys that have no use as words, as they move something or belong to the line itself, and those whose words say more than the key. */
const wordless: readonly Binding['id'][] = ['open', 'prompt', 'quit', 'help', 'back', 'shell', 'psql', 'autoctl'];

/** `:q`, `:help`, and every key that looks at something, by its name; on the screens where the key works. */
export function ownCommands({
  screen,
  bindings,
  run,
  leave,
  showPage,
  all,
}: CommandSurroundings): readonly PromptCommand[] {
  const fromKeys = bindings
    .filter(
      binding =>
        (binding.group === 'look' || binding.group === 'general') &&
        !wordless.includes(binding.id) &&
        binding.screens.includes(screen),
    )
    .map(
      (binding): PromptCommand => ({
        name: binding.id,
        parameters: '',
        help: binding.title,
        run() {
          run(binding);
          return good({});
        },
      }),
    );
  return [
    ...fromKeys,
    {
      name: 'help',
      aliases: ['h'],
      parameters: '',
      help: 'this list',
      run() {
        showPage({title: 'Commands', lines: helpLines(all())});
        return good({});
      },
    },
    {
      name: 'quit',
      aliases: ['q', 'q!', 'qa'],
      parameters: '',
      help: 'leave the console',
      run() {
        leave();
        return good({});
      },
    },
  ];
}

function helpLines(commands: readonly PromptCommand[]): readonly string[] {
  const lines = commands.flatMap(
    ({name, parameters, help, usages}) => usages ?? [{usage: `${name} ${parameters}`.trim(), help}],
  );
  const width = Math.max(...lines.map(line => line.usage.length));
  return lines.map(line => `:${line.usage.padEnd(width)}  ${line.help}`);
}
