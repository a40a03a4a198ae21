import {createDecipheriv, createHash} from 'node:crypto';
import {setImmediate as nextTurn} from 'node:timers/promises';
import bcrypt from 'bcrypt-pbkdf';
import ssh2, {type ParsedKey} from 'ssh2';
import {bad, errorText, good, type Outcome, type Problem} from '../cluster/problem.ts';
import {FieldReader, type OpenSshKey, readOpenSshKey, writeOpenKey} from './openssh-key.ts';

const hashBytes = 32;
const ivBytes = 16;

/** Ciphers of OpenSSH keys that can be opened in steps: ssh-keygen's default and its relatives. */
const ciphers: Readonly<Record<string, {name: string; keyBytes: number}>> = {
  'aes256-ctr': {name: 'aes-256-ctr', keyBytes: 32},
  'aes192-ctr': {name: 'aes-192-ctr', keyBytes: 24},
  'aes128-ctr': {name: 'aes-128-ctr', keyBytes: 16},
  'aes256-cbc': {name: 'aes-256-cbc', keyBytes: 32},
};

/**
 * Opens an encrypted private key; a wrong passphrase is a `key-file` problem. ssh2 would derive the key of an OpenSSH file in one go,
 * which stops everything else for some 300 ms; here it is done in steps of 10 ms.
 */
export async function openPrivateKey(content: Buffer, passphrase: string): Promise<Outcome<ParsedKey>> {
  const file = readOpenSshKey(content);
  const cipher = ciphers[file?.cipher ?? ''];
  // Other formats derive their key fast, other ciphers are rare.
  if (file === undefined || cipher === undefined || file.derivation !== 'bcrypt' || passphrase === '') {
    return parsed(ssh2.utils.parseKey(content, passphrase));
  }
  try {
    const derived = await deriveInSteps(passphrase, file, cipher.keyBytes + ivBytes);
    const decipher = createDecipheriv(
      cipher.name,
      derived.subarray(0, cipher.keyBytes),
      derived.subarray(cipher.keyBytes),
    );
    decipher.setAutoPadding(false);
    const secret = Buffer.concat([decipher.update(file.secret), decipher.final()]);
    // The two check numbers agree only when the passphrase is right.
    if (!secret.subarray(0, 4).equals(secret.subarray(4, 8))) return wrong('the check numbers of the key differ');
    return parsed(ssh2.utils.parseKey(writeOpenKey(file.publicKey, secret)));
  } catch (error) {
    return wrong(errorText(error));
  }
}

/** bcrypt_pbkdf as OpenSSH defines it; the output's bytes are spread over the blocks. */
async function deriveInSteps(passphrase: string, file: OpenSshKey, length: number): Promise<Buffer> {
  const options = new FieldReader(file.derivationOptions);
  const salt = options.string();
  const rounds = options.number();
  const secret = sha512(Buffer.from(passphrase));
  const blocks = Math.ceil(length / hashBytes);
  const derived = Buffer.alloc(length);
  for (let block = 0; block < blocks; block++) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(block + 1);
    const mixed = Buffer.alloc(hashBytes);
    let last = Buffer.concat([salt, count]);
    for (let round = 0; round < rounds; round++) {
      const hash = Buffer.alloc(hashBytes);
      bcrypt.hash(secret, sha512(last), hash);
      for (let i = 0; i < hashBytes; i++) mixed[i] = (mixed[i] ?? 0) ^ (hash[i] ?? 0);
      last = hash;
      await nextTurn();
    }
    for (let i = 0; i * blocks + block < length; i++) derived[i * blocks + block] = mixed[i] ?? 0;
  }
  return derived;
}

function sha512(data: Buffer): Buffer {
  return createHash('sha512').update(data).digest();
}

function parsed(key: ParsedKey | Error | ParsedKey[]): Outcome<ParsedKey> {
  const first = Array.isArray(key) ? key[0] : key;
  if (first === undefined) return wrong('it holds no key');
  return first instanceof Error ? wrong(first.message) : good(first);
}

function wrong(detail: string): {ok: false; problem: Problem} {
  return bad('key-file', 'the passphrase does not open the key', {detail});
}
