/** The fields of an OpenSSH private key file (openssh-key-v1), still encrypted. */
export type OpenSshKey = {
  cipher: string;
  derivation: string;
  derivationOptions: Buffer;
  /** In wire form, readable without the passphrase. */
  publicKey: Buffer;
  secret: Buffer;
  /** What follows the secret: the tag of an authenticating cipher. */
  tag: Buffer;
};

const magic = 'openssh-key-v1\0';

/** Takes a key file apart; undefined when it has another format or more than one key. */
export function readOpenSshKey(content: Buffer): OpenSshKey | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(content.toString('latin1'))?.[1];
  const data = Buffer.from(body ?? '', 'base64');
  if (data.toString('latin1', 0, magic.length) !== magic) return undefined;
  const fields = new FieldReader(data, magic.length);
  const [cipher, derivation, derivationOptions] = [fields.string(), fields.string(), fields.string()];
  const keys = fields.number();
  const [publicKey, secret] = [fields.string(), fields.string()];
  if (keys !== 1 || secret.length === 0) return undefined;
  const names = {cipher: cipher.toString('latin1'), derivation: derivation.toString('latin1')};
  return {...names, derivationOptions, publicKey, secret, tag: fields.rest()};
}

/** A key file with the secret in the clear, for a parser; it never leaves memory. */
export function writeOpenKey(publicKey: Buffer, secret: Buffer): string {
  const data = Buffer.concat([
    Buffer.from(magic),
    lengthAnd(Buffer.from('none')),
    lengthAnd(Buffer.from('none')),
    lengthAnd(Buffer.alloc(0)),
    number(1),
    lengthAnd(publicKey),
    lengthAnd(secret),
  ]);
  const lines = data.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** Reads SSH's wire form: numbers of 32 bits and strings with their length. Beyond the end everything is empty. */
export class FieldReader {
  readonly #data: Buffer;
  #at: number;

  constructor(data: Buffer, at = 0) {
    this.#data = data;
    this.#at = at;
  }

  number(): number {
    this.#at += 4;
    return this.#at > this.#data.length ? 0 : this.#data.readUInt32BE(this.#at - 4);
  }

  string(): Buffer {
    const length = this.number();
    const start = this.#at;
    this.#at += length;
    return this.#data.subarray(start, this.#at);
  }

  rest(): Buffer {
    return this.#data.subarray(this.#at);
  }
}

function lengthAnd(value: Buffer): Buffer {
  return Buffer.concat([number(value.length), value]);
}

function number(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}
