import type {Notice} from '../answer.ts';
import {type Failure, printed, type SqlType, type Table} from '../sql/table.ts';

/** One message of a client: its type ('' for the startup packet) and its body, without the length. */
export type ClientMessage = {type: string; body: Buffer};

/** More than any message of a client is long; a stream that says so speaks another protocol. */
const longest = 16 * 1024 * 1024;

/** Cuts a stream of bytes into the client's messages (PostgreSQL's protocol 3.0: type, length that counts itself, body). */
export class ClientReader {
  #buffer: Buffer = Buffer.alloc(0);
  #started: boolean = false;

  /** The messages that are complete now; undefined: this is not the protocol. */
  push(chunk: Buffer): ClientMessage[] | undefined {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const messages: ClientMessage[] = [];
    for (;;) {
      const header = this.#started ? 1 : 0;
      if (this.#buffer.length < header + 4) return messages;
      const length = this.#buffer.readInt32BE(header);
      if (length < 4 || length > longest) return undefined;
      if (this.#buffer.length < header + length) return messages;
      const type = this.#started ? String.fromCharCode(this.#buffer[0] ?? 0) : '';
      const body = this.#buffer.subarray(header + 4, header + length);
      this.#buffer = this.#buffer.subarray(header + length);
      // What asks for TLS or GSS, or cancels, comes before the real startup packet.
      if (!this.#started && body.length >= 4 && body.readInt32BE(0) >>> 16 === 3) this.#started = true;
      messages.push({type, body});
    }
  }
}

/** Reads the parts of a body in their order. Throws RangeError at its end. */
export class BodyReader {
  readonly #body: Buffer;
  #at: number = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  int16(): number {
    this.#at += 2;
    return this.#body.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#body.readInt32BE(this.#at - 4);
  }

  byte(): string {
    this.#at += 1;
    return String.fromCharCode(this.#body.readUInt8(this.#at - 1));
  }

  text(): string {
    const end = this.#body.indexOf(0, this.#at);
    if (end < 0) throw new RangeError('a text without its end');
    const text = this.#body.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** A value with its length in front; null for length -1. */
  value(): string | null {
    const length = this.int32();
    if (length < 0) return null;
    this.#at += length;
    return this.#body.toString('utf8', this.#at - length, this.#at);
  }
}

/** A message of the server: type, length, parts; texts end with a zero byte. */
export function message(type: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

export function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

export function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

/** ErrorResponse. `FATAL` is followed by the end of the connection. */
export function errorMessage({error}: Failure, severity: 'ERROR' | 'FATAL' = 'ERROR'): Buffer {
  return message(
    'E',
    fields({S: severity, V: severity, C: error.code, M: error.message, D: error.detail, H: error.hint}),
  );
}

/** NoticeResponse. */
export function noticeMessage({severity, message: text, detail, hint}: Notice): Buffer {
  const code = severity === 'WARNING' ? '01000' : '00000';
  return message('N', fields({S: severity, V: severity, C: code, M: text, D: detail, H: hint}));
}

/** RowDescription. */
export function rowDescription(table: Table): Buffer {
  const columns = table.columns.flatMap(({name, type}) => [
    Buffer.from(`${name}\0`),
    int32(0),
    int16(0),
    int32(typeIds[type]),
    int16(-1),
    int32(-1),
    int16(0),
  ]);
  return message('T', int16(table.columns.length), ...columns);
}

/** DataRow for every row, all values as text. */
export function dataRows(table: Table): Buffer[] {
  return table.rows.map(row => {
    const values = table.columns.map(({type}, index) => {
      const text = printed(row[index] ?? null, type);
      if (text === null) return int32(-1);
      const bytes = Buffer.from(text);
      return Buffer.concat([int32(bytes.length), bytes]);
    });
    return message('D', int16(values.length), ...values);
  });
}

function fields(values: Readonly<Record<string, string | undefined>>): Buffer {
  const parts = Object.entries(values).map(([key, value]) => (value === undefined ? '' : `${key}${value}\0`));
  return Buffer.from(`${parts.join('')}\0`);
}

/** pg_type.oid */
const typeIds: Record<SqlType, number> = {
  bool: 16,
  int8: 20,
  int4: 23,
  text: 25,
  json: 114,
  float8: 701,
  timestamptz: 1184,
  interval: 1186,
  void: 2278,
  pg_lsn: 3220,
};
