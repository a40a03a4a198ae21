import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {bad, errorText, good} from '../cluster/problem.ts';
import {defaultHostKeyAlgorithms, type GivenOptions, type SshOptions, type SshOptionsReader} from './ssh-options.ts';

/** Where ssh_config is, for a machine without OpenSSH's client. `configFiles` are read in turn; missing ones are skipped. */
export type SshConfigFiles = {homeDirectory: string; localUser: string; configFiles?: readonly string[]};

/**
 * Reads ssh_config by itself: Host and Match (host, originalhost, user, localuser, all), Include, first value wins. Runs nothing:
 * `Match exec` never matches, names are not canonicalised. Used where `ssh -G` is not there.
 */
export function sshConfigFileReader(files: SshConfigFiles): SshOptionsReader {
  const sources = files.configFiles ?? [path.join(files.homeDirectory, '.ssh/config'), '/etc/ssh/ssh_config'];
  return (destination, given) => {
    const found = new Found(destination, given, files);
    try {
      for (const source of sources) found.read(source, path.dirname(source), true, 0);
    } catch (error) {
      return Promise.resolve(
        bad('configuration', `ssh_config cannot be read for ${destination}: ${errorText(error)}`, {
          remedy: 'make the file readable, or give address, user and identityFile in the configuration',
        }),
      );
    }
    return Promise.resolve(good(found.options()));
  };
}

/** Every concrete name that `Host` lines of ssh_config offer (no patterns), in the order of the file: what a person may mean by a host. */
export function sshAliases(files: SshConfigFiles): string[] {
  const source = files.configFiles?.[0] ?? path.join(files.homeDirectory, '.ssh/config');
  const aliases: string[] = [];
  const collect = (file: string, depth: number) => {
    for (const {keyword, words} of directives(file)) {
      if (keyword === 'host') aliases.push(...words.filter(word => !/[*?!]/.test(word)));
      if (keyword === 'include' && depth < 16) {
        for (const included of includedFiles(words, path.dirname(source), files.homeDirectory))
          collect(included, depth + 1);
      }
    }
  };
  try {
    collect(source, 0);
  } catch {
    // Nothing to offer: the names are only suggestions, and whoever resolves one gets the reason.
    return [...new Set(aliases)];
  }
  return [...new Set(aliases)];
}

/** The directives collected for one destination. */
class Found {
  readonly #values = new Map<string, string[]>();
  readonly #identityFiles: string[] = [];
  readonly #destination: string;
  readonly #given: GivenOptions;
  readonly #files: SshConfigFiles;

  constructor(destination: string, given: GivenOptions, files: SshConfigFiles) {
    this.#destination = destination;
    this.#given = given;
    this.#files = files;
  }

  /** `active`: whether the block that includes this file matches. */
  read(file: string, baseDirectory: string, active: boolean, depth: number): void {
    let matches = active;
    for (const {keyword, words} of directives(file)) {
      if (keyword === 'host') matches = active && patternListMatches(words, this.#destination);
      else if (keyword === 'match') matches = active && this.#matches(words);
      else if (!matches) continue;
      else if (keyword === 'include') {
        if (depth >= 16) throw new Error(`Include nests too deep in ${file}`);
        for (const included of includedFiles(words, baseDirectory, this.#files.homeDirectory))
          this.read(included, baseDirectory, true, depth + 1);
      } else this.#take(keyword, words);
    }
  }

  options(): SshOptions {
    const first = (keyword: string) => this.#values.get(keyword)?.[0];
    return {
      hostName: this.#hostName(),
      port: this.#given.port ?? Number(first('port') ?? 22),
      user: this.#user(),
      identityFiles: this.#identityFiles,
      identitiesOnly: first('identitiesonly')?.toLowerCase() === 'yes',
      identityAgent: first('identityagent'),
      userKnownHostsFiles: this.#values.get('userknownhostsfile') ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'],
      globalKnownHostsFiles: this.#values.get('globalknownhostsfile') ?? [
        '/etc/ssh/ssh_known_hosts',
        '/etc/ssh/ssh_known_hosts2',
      ],
      hostKeyAlgorithms: algorithms(first('hostkeyalgorithms')),
      hostKeyAlias: first('hostkeyalias'),
      proxyJump: first('proxyjump'),
      proxyCommand: this.#values.get('proxycommand')?.join(' '),
    };
  }

  #take(keyword: string, words: string[]): void {
    if (keyword === 'identityfile') {
      const [file] = words;
      if (file !== undefined && !this.#identityFiles.includes(file)) this.#identityFiles.push(file);
      return;
    }
    // ProxyJump and ProxyCommand exclude each other: whichever comes first decides.
    if (keyword === 'proxycommand' && this.#values.has('proxyjump')) return;
    if (keyword === 'proxyjump' && this.#values.has('proxycommand')) return;
    if (!this.#values.has(keyword)) this.#values.set(keyword, words);
  }

  #hostName(): string {
    const configured = this.#values.get('hostname')?.[0] ?? this.#destination;
    return this.#given.address ?? configured.replaceAll(/%[%h]/g, token => (token === '%%' ? '%' : this.#destination));
  }

  #user(): string {
    return this.#given.user ?? this.#values.get('user')?.[0] ?? this.#files.localUser;
  }

  #matches(criteria: readonly string[]): boolean {
    for (let index = 0; index < criteria.length; ) {
      const criterion = criteria[index]?.toLowerCase() ?? '';
      const negated = criterion.startsWith('!');
      const name = negated ? criterion.slice(1) : criterion;
      if (name === 'all') {
        index += 1;
        if (negated) return false;
        continue;
      }
      if (name === 'final' || name === 'canonical') {
        index += 1;
        if (!negated) return false;
        continue;
      }
      const patterns = (criteria[index + 1] ?? '').split(',');
      index += 2;
      const subject = this.#subject(name);
      if (subject === undefined || patternListMatches(patterns, subject) === negated) return false;
    }
    return true;
  }

  /** undefined: a criterion that is not evaluated here (exec), which therefore never matches. */
  #subject(criterion: string): string | undefined {
    switch (criterion) {
      case 'host':
        return this.#hostName();
      case 'originalhost':
        return this.#destination;
      case 'user':
        return this.#user();
      case 'localuser':
        return this.#files.localUser;
      default:
        return undefined;
    }
  }
}

type Directive = {keyword: string; words: string[]};

/** A file that is not there has nothing to say; one that cannot be read throws. */
function directives(file: string): Directive[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
  return text.split(/\r?\n/).flatMap(line => {
    const match = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/.exec(line);
    if (match === null) return [];
    return [{keyword: (match[1] ?? '').toLowerCase(), words: words(match[2] ?? '')}];
  });
}

/** Words of a line: quotes group, a `#` that begins a word ends the line, as OpenSSH has it. */
function words(text: string): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/"([^"]*)"|(\S+)/g)) {
    const [, quoted, plain] = match;
    if (plain?.startsWith('#') === true) break;
    found.push(quoted ?? plain ?? '');
  }
  return found;
}

function includedFiles(patterns: readonly string[], baseDirectory: string, homeDirectory: string): string[] {
  return patterns.flatMap(pattern => {
    const expanded = pattern.replace(/^~(?=\/|$)/, homeDirectory);
    return glob(path.isAbsolute(expanded) ? expanded : path.join(baseDirectory, expanded));
  });
}

/** Wildcards in any part of a path, sorted as glob(3) sorts. */
function glob(pattern: string): string[] {
  const {root} = path.parse(pattern);
  let found = [root];
  for (const part of pattern.slice(root.length).split('/')) {
    if (!/[*?]/.test(part)) {
      found = found.map(directory => path.join(directory, part));
      continue;
    }
    const expression = patternExpression(part);
    found = found.flatMap(directory =>
      entries(directory)
        .filter(name => expression.test(name) && (!name.startsWith('.') || part.startsWith('.')))
        .toSorted((a, b) => (a < b ? -1 : 1))
        .map(name => path.join(directory, name)),
    );
  }
  return found;
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // As for glob(3): a directory that cannot be listed matches nothing.
    return [];
  }
}

function patternListMatches(patterns: readonly string[], text: string): boolean {
  const matching = patterns.filter(pattern => patternExpression(pattern.replace(/^!/, '')).test(text));
  return matching.length > 0 && !matching.some(pattern => pattern.startsWith('!'));
}

function patternExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/[^A-Za-z0-9]/g, character =>
    character === '*' ? '.*' : character === '?' ? '.' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return new RegExp(`^${source}$`, 'isu');
}

/** `+` appends to the default, `-` takes away from it, `^` puts first. */
function algorithms(value: string | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  const names = value.replace(/^[+^-]/, '').split(',');
  switch (value[0]) {
    case '+':
      return [...defaultHostKeyAlgorithms, ...names.filter(name => !defaultHostKeyAlgorithms.includes(name))];
    case '-':
      return defaultHostKeyAlgorithms.filter(name => !patternListMatches(names, name));
    case '^':
      return [...names, ...defaultHostKeyAlgorithms.filter(name => !names.includes(name))];
    default:
      return names;
  }
}
