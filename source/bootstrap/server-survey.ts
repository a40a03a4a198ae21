import {literal} from '../actions/commands.ts';
import {notedFile, parseNoted} from './noted-parameters.ts';
import {requiredParameters} from './required-parameters.ts';

/** What the PostgreSQL of a container says of what a bootstrap may have to change there. */
export type ServerSurvey = {
  /** Its pg_hba.conf, whole. */
  hba: string;
  /** What ALTER SYSTEM has set, as it is written. */
  parameters: ReadonlyMap<string, string>;
  /** What of it a bootstrap has set, and to what; null: it has taken it back. */
  noted: ReadonlyMap<string, string | null>;
  /** What it runs with of those of which a standby needs as much as its primary. */
  required: ReadonlyMap<string, number>;
  /** Parameters that wait for a restart of PostgreSQL. */
  waiting: readonly string[];
  /** The owner of each database, and whether that is a superuser. */
  databases: ReadonlyMap<string, {owner: string; isSuperuser: boolean}>;
  roles: readonly string[];
  /** What all its databases take on disk. */
  bytes: number;
  /** Of a standby: where it looks for its primary. */
  follows?: string | undefined;
};

/** One row, one column: a JSON object. */
export const serverSurveyQuery = `select json_build_object(
  'hba', pg_read_file(current_setting('hba_file')),
  'parameters', (select coalesce(json_object_agg(name, setting), '{}') from pg_file_settings where sourcefile like '%/postgresql.auto.conf'),
  'noted', pg_read_file('${notedFile}', 0, 1000000, true),
  'required', (select json_object_agg(name, setting::int) from pg_settings where name in (${requiredParameters.map(literal).join(', ')})),
  'waiting', (select coalesce(json_agg(name), '[]') from pg_settings where pending_restart),
  'databases', (select json_object_agg(datname, json_build_array(rolname, rolsuper)) from pg_database join pg_authid on pg_authid.oid = datdba),
  'follows', case when pg_is_in_recovery() then substring(current_setting('primary_conninfo') from 'host=''?([^ '']+)') end,
  'roles', (select json_agg(rolname) from pg_authid where rolcanlogin),
  'bytes', (select sum(pg_database_size(oid)) from pg_database))`;

/** undefined: it is not what the query answers. */
export function parseServerSurvey(output: string): ServerSurvey | undefined {
  const value = parseJson(output);
  if (!isRecord(value) || typeof value.hba !== 'string') return undefined;
  const {hba, parameters, noted, required, waiting, databases, roles, follows, bytes} = value;
  const owners = Object.entries(isRecord(databases) ? databases : {}).map(([name, of]) => {
    const [owner, isSuperuser] = Array.isArray(of) ? of : [];
    return [name, {owner: String(owner), isSuperuser: isSuperuser === true}] as const;
  });
  return {
    hba,
    parameters: new Map(
      Object.entries(isRecord(parameters) ? parameters : {}).map(([name, setting]) => [name, String(setting)]),
    ),
    noted: parseNoted(typeof noted === 'string' ? noted : ''),
    required: new Map(
      Object.entries(isRecord(required) ? required : {}).map(([name, setting]) => [name, Number(setting)]),
    ),
    waiting: words(waiting),
    databases: new Map(owners),
    roles: words(roles),
    bytes: typeof bytes === 'number' ? bytes : 0,
    follows: typeof follows === 'string' ? follows : undefined,
  };
}

function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What psql says instead of a row: the server does not answer yet.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
