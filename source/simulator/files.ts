/** A file or a folder of a simulated disk. */
export type FileEntry = {
  kind: 'file' | 'directory';
  /** Of a file, as UTF-8. */
  content: string;
  mode: number;
  owner: string;
  modifiedAt: number;
};

/** What a call says when it cannot be done, in the words of the C library. */
export type FileComplaint =
  | 'No such file or directory'
  | 'Is a directory'
  | 'Not a directory'
  | 'File exists'
  | 'Directory not empty'
  | 'Device or resource busy';

/** Bytes of a file; a folder takes a block. */
export function sizeOf({kind, content}: FileEntry): number {
  return kind === 'directory' ? 4096 : Buffer.byteLength(content);
}

/** A small disk: absolute paths without a slash at the end. Each change gives undefined, or why it cannot be. */
export type Files = {
  entry(path: string): FileEntry | undefined;
  /** The paths of all files below a folder. */
  below(path: string): readonly string[];
  /** Names in a folder, sorted. */
  names(path: string): readonly string[];
  write(path: string, content: string, by: {owner: string; mode: number}): FileComplaint | undefined;
  makeDirectory(path: string, by: {owner: string; mode: number}): FileComplaint | undefined;
  remove(path: string, recursive: boolean): FileComplaint | undefined;
  move(from: string, to: string): FileComplaint | undefined;
  change(path: string, how: Partial<Pick<FileEntry, 'mode' | 'owner'>>): FileComplaint | undefined;
};

/** An empty disk with these folders and files; `now` is the clock of its machine. */
export function createFiles(now: () => number, content: ReadonlyMap<string, string | undefined>): Files {
  const entries = new Map<string, FileEntry>();
  const put = (path: string, text: string | undefined, owner: string, mode: number) =>
    entries.set(path, {
      kind: text === undefined ? 'directory' : 'file',
      content: text ?? '',
      mode,
      owner,
      modifiedAt: now(),
    });
  put('/', undefined, 'root', 0o755);
  for (const [path, text] of content) put(path, text, 'root', text === undefined ? 0o755 : 0o644);

  /** Why nothing can be put there. */
  const placeComplaint = (path: string): FileComplaint | undefined => {
    const parent = entries.get(parentOf(path));
    if (parent === undefined) return 'No such file or directory';
    return parent.kind === 'directory' ? undefined : 'Not a directory';
  };
  const below = (path: string) => [...entries.keys()].filter(each => each.startsWith(path === '/' ? '/' : `${path}/`));

  return {
    entry: path => entries.get(path),
    below: path => below(path).filter(each => entries.get(each)?.kind === 'file'),
    names: path =>
      below(path)
        .map(each => each.slice(path === '/' ? 1 : path.length + 1))
        .filter(name => name !== '' && !name.includes('/'))
        .sort((one, other) => (one < other ? -1 : 1)),
    write(path, text, {owner, mode}) {
      const before = entries.get(path);
      if (before?.kind === 'directory') return 'Is a directory';
      const complaint = placeComplaint(path);
      if (complaint !== undefined) return complaint;
      if (before === undefined) put(path, text, owner, mode);
      else entries.set(path, {...before, content: text, modifiedAt: now()});
      return undefined;
    },
    makeDirectory(path, {owner, mode}) {
      if (entries.has(path)) return 'File exists';
      const complaint = placeComplaint(path);
      if (complaint === undefined) put(path, undefined, owner, mode);
      return complaint;
    },
    remove(path, recursive) {
      const entry = entries.get(path);
      if (entry === undefined) return 'No such file or directory';
      if (path === '/') return 'Device or resource busy';
      if (entry.kind === 'directory' && !recursive && below(path).length > 0) return 'Directory not empty';
      for (const each of [...below(path), path]) entries.delete(each);
      return undefined;
    },
    move(from, to) {
      if (!entries.has(from)) return 'No such file or directory';
      const target = entries.get(to)?.kind === 'directory' ? `${to === '/' ? '' : to}/${baseName(from)}` : to;
      const complaint = placeComplaint(target);
      if (complaint !== undefined) return complaint;
      if (entries.get(target)?.kind === 'directory') return 'Is a directory';
      const moved = [...below(from), from].map(path => [path, entries.get(path)] as const);
      for (const [path] of moved) entries.delete(path);
      for (const [path, entry] of moved) if (entry !== undefined) entries.set(target + path.slice(from.length), entry);
      return undefined;
    },
    change(path, how) {
      const entry = entries.get(path);
      if (entry === undefined) return 'No such file or directory';
      entries.set(path, {...entry, ...how});
      return undefined;
    },
  };
}

/** An absolute path without `.`, `..` and slashes that say nothing. */
export function absolutePath(path: string, directory: string): string {
  const parts: string[] = [];
  for (const part of `${path.startsWith('/') ? '' : `${directory}/`}${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
