import {readFile} from 'node:fs/promises';
import ssh2, {type ParsedKey} from 'ssh2';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';
import {openPrivateKey} from './open-private-key.ts';
import {readOpenSshKey} from './openssh-key.ts';
import {type Questions, whenAlone} from './questions.ts';

/** What a file of `IdentityFile` holds. */
export type KeyFile =
  | {kind: 'open'; file: string; key: ParsedKey}
  /** Needs its passphrase; `publicKey` is undefined when the file does not show it. */
  | {kind: 'encrypted'; file: string; content: Buffer; publicKey: ParsedKey | undefined}
  /** The public half only: an agent may hold the other. */
  | {kind: 'public'; file: string; publicKey: ParsedKey}
  | {kind: 'unusable'; file: string; reason: string};

/** Keys opened by their passphrase, for the life of the program and all hosts. */
const opened = new Map<string, ParsedKey>();

const attempts = 3;

/** Reads a key file, and where need be the `.pub` beside it. Never asks. */
export async function readKeyFile(file: string): Promise<KeyFile> {
  const known = opened.get(file);
  if (known !== undefined) return {kind: 'open', file, key: known};
  const publicKey = await readPublicKey(`${file}.pub`);
  let content: Buffer;
  try {
    content = await readFile(file);
  } catch (error) {
    return publicKey === undefined
      ? {kind: 'unusable', file, reason: reasonOf(error)}
      : {kind: 'public', file, publicKey};
  }
  const key = parse(content);
  if (!(key instanceof Error)) {
    return key.isPrivateKey() ? {kind: 'open', file, key} : {kind: 'public', file, publicKey: key};
  }
  if (!/passphrase/i.test(key.message))
    return {kind: 'unusable', file, reason: `is no key that is understood here (${key.message})`};
  return {kind: 'encrypted', file, content, publicKey: publicHalf(content) ?? publicKey};
}

/** Opens an encrypted key by asking for its passphrase, at most three times, once a program for all hosts. */
export function unlock(encrypted: {file: string; content: Buffer}, questions: Questions): Promise<Outcome<ParsedKey>> {
  const {file, content} = encrypted;
  return whenAlone(async () => {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const known = opened.get(file);
      if (known !== undefined) return good(known);
      const passphrase = await questions.passphrase(file, attempt > 1);
      if (passphrase === undefined) {
        return bad('key-file', `the key ${file} needs its passphrase, which was not given`, {
          remedy: `load it into an agent with \`ssh-add ${file}\`, or try again and type it`,
        });
      }
      const key = await openPrivateKey(content, passphrase);
      if (key.ok) {
        opened.set(file, key.value);
        return key;
      }
      if (key.problem.kind !== 'key-file') return key;
    }
    return bad('key-file', `none of the passphrases given opens the key ${file}`, {
      remedy: `try it with \`ssh-keygen -y -f ${file}\``,
    });
  });
}

async function readPublicKey(file: string): Promise<ParsedKey | undefined> {
  try {
    const key = parse(await readFile(file));
    return key instanceof Error ? undefined : key;
  } catch {
    // Most keys have no readable .pub beside them, which is fine: it only saves a question.
    return undefined;
  }
}

/** An OpenSSH key file shows its public half without the passphrase. */
function publicHalf(content: Buffer): ParsedKey | undefined {
  const file = readOpenSshKey(content);
  const key = file === undefined ? undefined : parse(file.publicKey);
  return key instanceof Error ? undefined : key;
}

function parse(content: Buffer): ParsedKey | Error {
  const key: ParsedKey | Error | ParsedKey[] = ssh2.utils.parseKey(content);
  if (!Array.isArray(key)) return key;
  return key[0] ?? new Error('it is empty');
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) {
    if (error.code === 'ENOENT') return 'does not exist';
    if (error.code === 'EACCES') return 'can not be read: permission denied';
  }
  return `can not be read: ${errorText(error)}`;
}
