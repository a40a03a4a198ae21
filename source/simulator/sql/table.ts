import type {DatabaseError, Notice} from '../answer.ts';

/** A value in a table: times as milliseconds since 1970, everything else as SQL prints it or as JavaScript has it. */
export type SqlValue = string | number | boolean | null;

const types = ['text', 'bool', 'int4', 'int8', 'float8', 'json', 'timestamptz', 'interval', 'pg_lsn', 'void'] as const;

export type SqlType = (typeof types)[number];

export type Column = {name: string; type: SqlType};

export type Table = {columns: readonly Column[]; rows: readonly (readonly SqlValue[])[]};

/** Columns by their names and types: `reportedtli int4, reportedlsn pg_lsn`. */
export function columnsOf(text: string): Column[] {
  return text.split(', ').map(each => {
    const [name = '', type = ''] = each.split(' ');
    return {name, type: types.find(known => known === type) ?? 'text'};
  });
}

/** The answer to one statement. `tag` is the command's, such as `SELECT 3`; no table: the command returns none. */
export type StatementResult = {ok: true; tag: string; table?: Table; notices: readonly Notice[]} | Failure;

export type Failure = {ok: false; error: DatabaseError; notices: readonly Notice[]};

/** A value as PostgreSQL prints it; null stays null. */
export function printed(value: SqlValue, type: SqlType): string | null {
  if (value === null) return null;
  if (type === 'timestamptz' && typeof value === 'number') return timestampText(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return String(value);
}

/** `2026-01-15 00:00:20.123+00` */
export function timestampText(at: number): string {
  return `${new Date(at)
    .toISOString()
    .replace('T', ' ')
    .slice(0, -1)
    .replace(/\.?0+$/, '')}+00`;
}

/** The error of PostgreSQL for what the embedded cluster does not do (feature_not_supported). */
export function notKnown(detail?: string): Failure {
  const message = 'the embedded cluster does not know this statement';
  return failure('0A000', message, detail === undefined ? {} : {detail});
}

/** An error as a statement's result. */
export function failure(code: string, message: string, more: {detail?: string; hint?: string} = {}): Failure {
  return {ok: false, error: {code, message, ...more}, notices: []};
}
