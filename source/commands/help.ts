import {commandList} from './command-list.ts';
import {
  actionOptions,
  type CommandOption,
  demoOptions,
  type OptionName,
  options,
  optionsOfActions,
  typedAs,
} from './options.ts';

/** What --help prints, out of the lists of commands and options. */
export function helpText(): string {
  const commands = commandList.map(({usage, help}): Row => [`pgaf ${usage}`.trimEnd(), help]);
  const ofGroups: readonly OptionName[] = [...optionsOfActions, ...demoOptions];
  const rest = optionNames.filter(name => !ofGroups.includes(name));
  const rows = (names: readonly OptionName[]) => names.map((name): Row => [typed(name), options[name].help]);
  return [
    'Usage',
    ...table(commands),
    '  Every action shows its checks and what it will run, and asks before it runs it.',
    '',
    'Options',
    ...table(rows(rest)),
    '',
    'Options of actions',
    ...table([
      ...rows(optionsOfActions),
      ...[...actionOptions().values()].map(
        (option): Row => [
          `--${option.name}${option.takes === undefined ? '' : ` ${option.takes}`}`,
          `of ${commandList
            .filter(({usage}) => usage.includes(`[--${option.name}`))
            .map(({usage}) => usage.split(' [')[0])
            .join(', ')}`,
        ],
      ),
    ]),
    '',
    'Options of demo and drill',
    ...table(rows(demoOptions)),
    '',
    ...exitStatuses,
  ].join('\n');
}

type Row = readonly [left: string, right: string];

const optionNames = Object.keys(options).filter((name): name is OptionName => Object.hasOwn(options, name));

const exitStatuses = [
  'Exit status',
  '  status   0 healthy, 1 degraded or changing, 2 blocked or down, 3 unknown',
  '  actions  0 done and verified on the monitor, 1 failed, 3 not known: it may still be under way,',
  '           4 refused or not confirmed: nothing was changed',
  '  shell, psql, autoctl, exec: that of the program; 128 and more when a signal ended it; 4 refused',
  '  all      64 usage, 69 nothing reachable, 78 configuration, 70 the simulated cluster of demo or drill has failed',
];

/** A left part that is too long for its column has its right part below it. */
const widest = 34;

function table(rows: readonly Row[]): readonly string[] {
  const width = Math.min(widest, Math.max(...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) =>
    left.length > width ? [`  ${left}`, `  ${' '.repeat(width)}  ${right}`] : [`  ${left.padEnd(width)}  ${right}`],
  );
}

function typed(name: OptionName): string {
  const option: CommandOption = options[name];
  const short = option.shortFlag === undefined ? '' : `, -${option.shortFlag}`;
  return `${typedAs(name)}${short}${option.takes === undefined ? '' : ` ${option.takes}`}`;
}
