import ssh2, {type ParsedKey} from 'ssh2';
import {bad, good, type Outcome} from '../cluster/problem.ts';

/** Opens an encrypted private key. A wrong passphrase is a `key-file` problem; a file that no passphrase opens an `internal` one. */
export async function openPrivateKey(content: Buffer, passphrase: string): Promise<Outcome<ParsedKey>> {
  const key: ParsedKey | Error | ParsedKey[] = ssh2.utils.parseKey(content, passphrase);
  const first = Array.isArray(key) ? key[0] : key;
  if (first === undefined || first instanceof Error) {
    return bad('key-file', 'the passphrase does not open the key', first === undefined ? {} : {detail: first.message});
  }
  return good(first);
}
