import {createHash} from 'node:crypto';
import {takeLines} from '../container-programs/input.ts';
import {outputOf} from '../container-programs/output.ts';
import {absolutePath, baseName, type FileEntry, type Files, parentOf, sizeOf} from '../files.ts';
import type {ContainerProgram, SimulatedProcess} from '../program.ts';

/** Programs that look at the disk of a host and change it, as coreutils and dash do: those that files are brought there with. */
export const fileTools = tools();

function tools(): Readonly<Record<string, ContainerProgram>> {
  return {
    cat: tool(cat),
    test: tool(async call => examine(call, call.words)),
    '[': tool(bracket),
    mkdir: tool(mkdir),
    rmdir: tool(call => removeEach(call, false)),
    rm: tool(rm),
    mv: tool(call => transfer(call, 'mv')),
    cp: tool(call => transfer(call, 'cp')),
    chmod: tool(chmod),
    chown: tool(chown),
    touch: tool(touch),
    stat: tool(stat),
    ls: tool(ls),
    sha256sum: tool(checksum),
    basename: tool(async call => printed(call, `${baseName(call.words[0] ?? '')}\n`)),
    dirname: tool(async call =>
      printed(call, `${(call.words[0] ?? '').includes('/') ? parentOf(call.words[0] ?? '') : '.'}\n`),
    ),
  };
}

function tool(run: (call: Call) => Promise<number>): ContainerProgram {
  return async (process, {files}) => {
    if (files !== undefined) return run(newCall(process, files));
    await outputOf(process).error(`${process.argv[0] ?? ''}: Input/output error\n`);
    return 1;
  };
}

/** A program with its words, on the disk it runs on. */
type Call = {
  process: SimulatedProcess;
  files: Files;
  /** Without the name. */
  words: readonly string[];
  flags: string;
  /** Words that are no options. */
  paths: readonly string[];
  owner: string;
  at(path: string): string;
  fail(message: string, status?: number): Promise<number>;
};

function newCall(process: SimulatedProcess, files: Files): Call {
  const [name = '', ...words] = process.argv;
  const options = words.filter(word => /^-./.test(word));
  return {
    process,
    files,
    words,
    flags: options.filter(word => !word.startsWith('--')).join(''),
    paths: words.filter(word => !/^-./.test(word)),
    owner: process.environment.USER || 'root',
    at: path => absolutePath(path, process.directory ?? '/'),
    async fail(message, status = 1) {
      await outputOf(process).error(`${name}: ${message}\n`);
      return status;
    },
  };
}

async function printed({process}: Call, text: string): Promise<number> {
  await outputOf(process).out(text);
  return 0;
}

async function each(paths: readonly string[], one: (path: string) => Promise<number> | number): Promise<number> {
  let status = 0;
  for (const path of paths) status = Math.max(status, await one(path));
  return status;
}

async function cat(call: Call): Promise<number> {
  const {process, paths, files, at, fail} = call;
  if (paths.length > 0) {
    return each(paths, async path => {
      if (path === '-') return copyInput(process);
      const entry = files.entry(at(path));
      if (entry?.kind === 'file') return printed(call, entry.content);
      return fail(`${path}: ${entry === undefined ? 'No such file or directory' : 'Is a directory'}`);
    });
  }
  return copyInput(process);
}

/** Passes the input on as it comes, every byte; on a terminal line by line, as that gives them. */
async function copyInput(process: SimulatedProcess): Promise<number> {
  const {stdin, stdout, signal, terminal} = process;
  if (signal.aborted) return 130;
  if (terminal !== undefined) {
    const output = outputOf(process);
    return (await takeLines(process, output, line => output.out(`${line}\n`))) ? 0 : 130;
  }
  return new Promise(resolve => {
    const done = (status: number) => {
      stdin.off('data', onData).off('end', onEnd).off('close', onEnd);
      stdout.off('drain', onDrain);
      signal.removeEventListener('abort', onAbort);
      stdin.pause();
      resolve(status);
    };
    const onData = (chunk: Buffer) => {
      if (!stdout.write(chunk)) stdin.pause();
    };
    const onDrain = () => stdin.resume();
    const onEnd = () => done(0);
    const onAbort = () => done(130);
    stdin.on('data', onData).once('end', onEnd).once('close', onEnd);
    stdout.on('drain', onDrain);
    signal.addEventListener('abort', onAbort, {once: true});
    if (stdin.readableEnded || stdin.destroyed) onEnd();
    else stdin.resume();
  });
}

async function bracket(call: Call): Promise<number> {
  if (call.words.at(-1) !== ']') return call.fail("missing ']'", 2);
  return examine(call, call.words.slice(0, -1));
}

async function examine(call: Call, words: readonly string[]): Promise<number> {
  if (words[0] === '!') return 1 - (await examine(call, words.slice(1)));
  const [one, two, three] = words;
  if (words.length === 3 && two !== undefined) {
    const compared: Readonly<Record<string, (a: string, b: string) => boolean>> = {
      '=': (a, b) => a === b,
      '!=': (a, b) => a !== b,
      '-eq': (a, b) => Number(a) === Number(b),
      '-ne': (a, b) => Number(a) !== Number(b),
      '-lt': (a, b) => Number(a) < Number(b),
      '-gt': (a, b) => Number(a) > Number(b),
      '-le': (a, b) => Number(a) <= Number(b),
      '-ge': (a, b) => Number(a) >= Number(b),
    };
    const compare = Object.hasOwn(compared, two) ? compared[two] : undefined;
    if (compare !== undefined) return compare(one ?? '', three ?? '') ? 0 : 1;
  }
  if (words.length < 2) return one === undefined || one === '' ? 1 : 0;
  const entry = call.files.entry(call.at(two ?? ''));
  switch (one) {
    case '-n':
      return two === '' ? 1 : 0;
    case '-z':
      return two === '' ? 0 : 1;
    case '-e':
    case '-r':
    case '-w':
      return entry === undefined ? 1 : 0;
    case '-x':
      return entry !== undefined && (entry.mode & 0o111) !== 0 ? 0 : 1;
    case '-f':
      return entry?.kind === 'file' ? 0 : 1;
    case '-d':
      return entry?.kind === 'directory' ? 0 : 1;
    case '-s':
      return entry !== undefined && entry.content !== '' ? 0 : 1;
    case '-L':
    case '-h':
      return 1;
    default:
      return call.fail(`${one ?? ''}: unexpected operator`, 2);
  }
}

async function mkdir({words, flags, paths, files, owner, at, fail}: Call): Promise<number> {
  const given = words.indexOf('-m');
  const mode = given < 0 ? 0o755 : Number.parseInt(words[given + 1] ?? '', 8);
  const wanted = given < 0 ? paths : paths.filter(path => path !== words[given + 1]);
  if (Number.isNaN(mode)) return fail(`invalid mode ‘${words[given + 1] ?? ''}’`);
  if (wanted.length === 0) return fail(`missing operand\nTry 'mkdir --help' for more information.`);
  return each(wanted, path => {
    const target = at(path);
    if (flags.includes('p') || words.includes('--parents')) {
      const parts = target.split('/').slice(1);
      for (const index of parts.keys()) {
        const folder = `/${parts.slice(0, index + 1).join('/')}`;
        if (files.entry(folder)?.kind === 'directory') continue;
        const complaint = files.makeDirectory(folder, {owner, mode: index === parts.length - 1 ? mode : 0o755});
        if (complaint !== undefined) return fail(`cannot create directory ‘${path}’: ${complaint}`);
      }
      return 0;
    }
    const complaint = files.makeDirectory(target, {owner, mode});
    return complaint === undefined ? 0 : fail(`cannot create directory ‘${path}’: ${complaint}`);
  });
}

async function rm(call: Call): Promise<number> {
  const recursive = /[rR]/.test(call.flags) || call.words.includes('--recursive');
  const forced = call.flags.includes('f') || call.words.includes('--force');
  if (call.paths.length === 0 && !forced) return call.fail(`missing operand\nTry 'rm --help' for more information.`);
  return each(call.paths, path => {
    const entry = call.files.entry(call.at(path));
    if (entry === undefined) {
      return forced ? 0 : call.fail(`cannot remove '${path}': No such file or directory`);
    }
    if (entry.kind === 'directory' && !recursive) return call.fail(`cannot remove '${path}': Is a directory`);
    const complaint = call.files.remove(call.at(path), recursive);
    return complaint === undefined ? 0 : call.fail(`cannot remove '${path}': ${complaint}`);
  });
}

async function removeEach({paths, files, at, fail}: Call, recursive: boolean): Promise<number> {
  return each(paths, path => {
    const isFile = files.entry(at(path))?.kind === 'file';
    const complaint = isFile ? 'Not a directory' : files.remove(at(path), recursive);
    return complaint === undefined ? 0 : fail(`failed to remove '${path}': ${complaint}`);
  });
}

async function transfer({words, flags, paths, files, owner, at, fail}: Call, name: 'mv' | 'cp'): Promise<number> {
  const target = paths.at(-1) ?? '';
  const sources = paths.slice(0, -1);
  if (paths.length === 0) return fail(`missing file operand\nTry '${name} --help' for more information.`);
  if (sources.length === 0) {
    return fail(`missing destination file operand after '${target}'\nTry '${name} --help' for more information.`);
  }
  const intoFolder = files.entry(at(target))?.kind === 'directory';
  if (sources.length > 1 && !intoFolder) return fail(`target '${target}': Not a directory`);
  const noClobber = flags.includes('n') || words.includes('--no-clobber');
  return each(sources, source => {
    const entry = files.entry(at(source));
    if (entry === undefined) return fail(`cannot stat '${source}': No such file or directory`);
    const place = intoFolder ? `${at(target)}/${baseName(at(source))}` : at(target);
    if (noClobber && files.entry(place) !== undefined) return 0;
    if (name === 'mv') {
      const complaint = files.move(at(source), place);
      return complaint === undefined ? 0 : fail(`cannot move '${source}' to '${target}': ${complaint}`);
    }
    if (entry.kind === 'directory') return fail(`-r not specified; omitting directory '${source}'`);
    const complaint = files.write(place, entry.content, {owner, mode: entry.mode});
    return complaint === undefined ? 0 : fail(`cannot create regular file '${target}': ${complaint}`);
  });
}

async function chmod({paths, words, files, at, fail}: Call): Promise<number> {
  const [mode, ...targets] = paths;
  if (mode === undefined) return fail(`missing operand\nTry 'chmod --help' for more information.`);
  if (targets.length === 0) {
    return fail(`missing operand after ‘${mode}’\nTry 'chmod --help' for more information.`);
  }
  const change = modeChange(mode);
  if (change === undefined) return fail(`invalid mode: ‘${mode}’\nTry 'chmod --help' for more information.`);
  return each(targets, path => {
    const entry = files.entry(at(path));
    if (entry === undefined) {
      return words.includes('-f') ? 1 : fail(`cannot access '${path}': No such file or directory`);
    }
    files.change(at(path), {mode: change(entry.mode)});
    return 0;
  });
}

/** `600` or `u+x,go-w`. */
function modeChange(text: string): ((mode: number) => number) | undefined {
  if (/^[0-7]{1,4}$/.test(text)) return () => Number.parseInt(text, 8);
  const parts = text.split(',').map(part => /^([ugoa]*)([-+=])([rwx]*)$/.exec(part));
  if (parts.includes(null)) return undefined;
  return mode =>
    parts.reduce((current, part) => {
      const [, who = '', how = '+', what = ''] = part ?? [];
      const bits = [...what].reduce((sum, letter) => sum | {r: 4, w: 2, x: 1}[letter as 'r' | 'w' | 'x'], 0);
      return [...(who === '' || who.includes('a') ? 'ugo' : who)].reduce((each, letter) => {
        const shift = letter === 'u' ? 6 : letter === 'g' ? 3 : 0;
        const cleared = how === '=' ? each & ~(7 << shift) : each;
        return how === '-' ? cleared & ~(bits << shift) : cleared | (bits << shift);
      }, current);
    }, mode);
}

async function chown({paths, files, at, fail}: Call): Promise<number> {
  const [who = '', ...targets] = paths;
  if (targets.length === 0) return fail(`missing operand\nTry 'chown --help' for more information.`);
  return each(targets, path => {
    const complaint = files.change(at(path), {owner: who.split(':')[0] || 'root'});
    return complaint === undefined ? 0 : fail(`cannot access '${path}': ${complaint}`);
  });
}

async function touch({paths, files, owner, at, fail}: Call): Promise<number> {
  return each(paths, path => {
    const entry = files.entry(at(path));
    if (entry?.kind === 'directory') return 0;
    const complaint = files.write(at(path), entry?.content ?? '', {owner, mode: 0o644});
    return complaint === undefined ? 0 : fail(`cannot touch '${path}': ${complaint}`);
  });
}

async function stat(call: Call): Promise<number> {
  const {words, files, at, fail} = call;
  const option = words.findIndex(word => word === '-c' || word.startsWith('--format'));
  const attached = option < 0 ? undefined : /^--format=(.*)$/s.exec(words[option] ?? '')?.[1];
  const format = attached ?? (option < 0 ? '%n' : (words[option + 1] ?? ''));
  const paths = words.filter(
    (word, index) => !/^-./.test(word) && !(option >= 0 && attached === undefined && index === option + 1),
  );
  if (paths.length === 0) return fail(`missing operand\nTry 'stat --help' for more information.`);
  return each(paths, path => {
    const entry = files.entry(at(path));
    if (entry === undefined) return fail(`cannot statx '${path}': No such file or directory`);
    return printed(call, `${statText(format, path, entry)}\n`);
  });
}

function statText(format: string, path: string, entry: FileEntry): string {
  const {kind, mode, owner, modifiedAt} = entry;
  const size = sizeOf(entry);
  const values: Readonly<Record<string, string>> = {
    n: path,
    a: mode.toString(8),
    A: permissions(entry),
    s: String(size),
    F: kind === 'directory' ? 'directory' : size === 0 ? 'regular empty file' : 'regular file',
    U: owner,
    G: owner,
    u: owner === 'root' ? '0' : '1000',
    g: owner === 'root' ? '0' : '1000',
    Y: String(Math.floor(modifiedAt / 1000)),
    y: new Date(modifiedAt).toISOString().replace('T', ' ').replace('Z', '000000 +0000'),
  };
  return format.replaceAll(/%(.)/g, (all, letter: string) => values[letter] ?? (letter === '%' ? '%' : all));
}

function permissions({kind, mode}: FileEntry): string {
  const bits = [...'rwxrwxrwx'].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-'));
  return `${kind === 'directory' ? 'd' : '-'}${bits.join('')}`;
}

async function ls(call: Call): Promise<number> {
  const {flags, files, at, fail} = call;
  const wanted = call.paths.length === 0 ? ['.'] : call.paths;
  const row = (name: string, entry: FileEntry) => {
    if (!flags.includes('l')) return `${name}\n`;
    const time = new Date(entry.modifiedAt).toUTCString();
    const when = `${time.slice(8, 11)} ${String(new Date(entry.modifiedAt).getUTCDate()).padStart(2)} ${time.slice(17, 22)}`;
    return `${permissions(entry)} 1 ${entry.owner} ${entry.owner} ${String(sizeOf(entry)).padStart(6)} ${when} ${name}\n`;
  };
  return each(wanted, async path => {
    const entry = files.entry(at(path));
    if (entry === undefined) return fail(`cannot access '${path}': No such file or directory`, 2);
    if (entry.kind === 'file' || flags.includes('d')) return printed(call, row(path, entry));
    const folder = at(path);
    const names = files.names(folder).filter(name => /[aA]/.test(flags) || !name.startsWith('.'));
    const rows = names.map(name => {
      const child = files.entry(`${folder === '/' ? '' : folder}/${name}`);
      return child === undefined ? '' : row(name, child);
    });
    return printed(call, `${flags.includes('l') ? `total ${rows.length * 4}\n` : ''}${rows.join('')}`);
  });
}

async function checksum(call: Call): Promise<number> {
  return each(call.paths, path => {
    const entry = call.files.entry(call.at(path));
    if (entry === undefined) return call.fail(`${path}: No such file or directory`);
    if (entry.kind === 'directory') return call.fail(`${path}: Is a directory`);
    const sum = createHash('sha256').update(Buffer.from(entry.content, 'utf8')).digest('hex');
    return printed(call, `${sum}  ${path}\n`);
  });
}
