import path from 'node:path';
import {cacheFolder} from '../config/cache-folder.ts';
import {configuredNames} from '../config/configured-names.ts';
import {keptConfiguration} from '../config/kept-configuration.ts';
import {ownPlaces} from '../config/load-configuration.ts';
import {printable} from '../ssh/printable.ts';
import {type CommandEntry, commandList} from './command-list.ts';
import {complete} from './complete.ts';
import {completionScripts} from './completion-scripts.ts';
import {optionsOfActions} from './options.ts';

/** `pgaf completion bash|zsh|fish`: the script that a shell reads; undefined for another word. */
export function completionScript(shell: string): string | undefined {
  return Object.entries(completionScripts).find(([name]) => name === shell)?.[1];
}

/**
 * What the scripts ask for, as the words after `pgaf` of which the last is being typed: a line for each that it could become, with what it is
 * for after a tab; `:files` when it is the name of a file.
 */
export async function completionLines(words: readonly string[]): Promise<readonly string[]> {
  const joined = withoutLoneEquals(words);
  const kept = keptConfiguration(path.join(cacheFolder(process.env), 'configurations'), import.meta.url);
  const names = await configuredNames({...ownPlaces(given('--config', joined)), kept}, given('--cluster', joined));
  const {scenarios} = await import('../simulator/scenarios.ts');
  const ofTheTeam: readonly CommandEntry[] = names.actions.map(({name, help}) => ({
    usage: `${name} NAME`,
    help,
    options: optionsOfActions,
  }));
  const found = complete(joined, [...commandList, ...ofTheTeam], {
    ...names,
    scenarios: scenarios.map(({name}) => name),
  });
  if (found === 'files') return [':files'];
  return found
    .filter(({word}) => printable(word) === word && !/\s/.test(word))
    .map(({word, help}) => (help === '' ? word : `${word}\t${printable(help)}`));
}

/** bash makes three words of `--to=NODE`. */
function withoutLoneEquals(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => (word === '=' ? (index === words.length - 1 ? [''] : []) : [word]));
}

function given(option: string, words: readonly string[]): string | undefined {
  const index = words.indexOf(option);
  const joined = words.find(word => word.startsWith(`${option}=`))?.slice(option.length + 1);
  return joined ?? (index === -1 || index === words.length - 1 ? undefined : words[index + 1]);
}
