import {appendFile, mkdir, open, readFile} from 'node:fs/promises';
import path from 'node:path';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';
import {type KnownHostLine, knownHostsLine, parseKnownHosts} from './known-hosts.ts';

/** Reads all files; one that does not exist holds no keys, one that can not be read refuses every host: it may hold what forbids a key. */
export async function readKnownHosts(files: readonly string[]): Promise<Outcome<KnownHostLine[]>> {
  const lines: KnownHostLine[] = [];
  for (const file of files) {
    try {
      lines.push(...linesOf(file, await readFile(file, 'utf8')));
    } catch (error) {
      if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) continue;
      return bad('host-key-unknown', `${file} can not be read, so no host key can be verified`, {
        remedy: `make it readable for you, or name another file as UserKnownHostsFile in ssh_config`,
        detail: errorText(error),
      });
    }
  }
  return good(lines);
}

/** The file is read for every connection, because it may have changed; with many hosts it mostly has not. */
const parsed = new Map<string, {text: string; lines: readonly KnownHostLine[]}>();

function linesOf(file: string, text: string): readonly KnownHostLine[] {
  const known = parsed.get(file);
  if (known?.text === text) return known.lines;
  const lines = parseKnownHosts(text, file);
  parsed.set(file, {text, lines});
  return lines;
}

/** The file that a newly trusted key is added to: the first that is the user's own. */
export function fileForNewKeys(files: readonly string[]): string | undefined {
  return files.find(file => !file.startsWith('/etc/') && file !== '/dev/null');
}

/** Adds one line, making the file (0600) and its folder (0700) where they are missing. */
export async function addKnownHost(file: string, name: string, key: Buffer): Promise<Outcome<void>> {
  try {
    await mkdir(path.dirname(file), {recursive: true, mode: 0o700});
    const separator = (await endsInsideLine(file)) ? '\n' : '';
    await appendFile(file, separator + knownHostsLine(name, key), {mode: 0o600});
    return good(undefined);
  } catch (error) {
    return bad('configuration', `the host key could not be added to ${file}`, {detail: errorText(error)});
  }
}

async function endsInsideLine(file: string): Promise<boolean> {
  const handle = await open(file, 'a+', 0o600);
  try {
    const {size} = await handle.stat();
    if (size === 0) return false;
    const {buffer} = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] !== 0x0a;
  } finally {
    await handle.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
