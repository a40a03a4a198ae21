import {hostTime} from '../host-clock.ts';
import type {World} from '../world.ts';
import type {AdvisoryLocks, LockOwner} from './advisory-locks.ts';
import type {FunctionResult, Given} from './evaluate.ts';
import {serverVersion} from './server-version.ts';
import type {SqlType, SqlValue} from './table.ts';

/** The session that a function is called in. */
export type FunctionPlace = {
  world: World;
  host: string;
  user: string;
  database: string;
  pid: number;
  startedAt: number;
  setting(name: string): string | undefined;
  locks: AdvisoryLocks;
  owner: LockOwner;
};

/** What every PostgreSQL server has, primary or standby; undefined: not known here. */
export function serverFunction(name: string, given: Given, place: FunctionPlace): FunctionResult {
  const [first = null] = given.positional;
  const key = given.positional.join(',');
  switch (name) {
    case 'now':
    case 'clock_timestamp':
    case 'statement_timestamp':
    case 'transaction_timestamp':
    case 'current_timestamp':
      return result(hostTime(place.world, place.host), 'timestamptz');
    case 'version':
      return result(
        `PostgreSQL ${serverVersion} on x86_64-pc-linux-gnu, compiled by gcc (Debian 10.2.1-6) 10.2.1 20210110, 64-bit`,
        'text',
      );
    case 'current_user':
    case 'session_user':
    case 'user':
      return result(place.user, 'text');
    case 'current_database':
    case 'current_catalog':
      return result(place.database, 'text');
    case 'current_schema':
      return result('public', 'text');
    case 'pg_backend_pid':
      return result(place.pid, 'int4');
    case 'pg_postmaster_start_time':
      return result(place.startedAt, 'timestamptz');
    case 'pg_is_in_recovery':
      return result(false, 'bool');
    case 'pg_reload_conf':
      return result(true, 'bool');
    case 'current_setting': {
      const value = place.setting(String(first));
      if (value !== undefined || given.positional.length > 1) return result(value ?? null, 'text');
      const error = {code: '42704', message: `unrecognized configuration parameter "${String(first)}"`};
      return {ok: false, error, notices: []};
    }
    case 'hashtext':
      return result(hash(String(first)), 'int4');
    case 'pg_try_advisory_lock':
    case 'pg_try_advisory_xact_lock':
      return result(place.locks.tryLock(place.owner, key), 'bool');
    case 'pg_advisory_unlock': {
      const had = place.locks.unlock(place.owner, key);
      const message = "you don't own a lock of type ExclusiveLock";
      return {ok: true, value: had, type: 'bool', notices: had ? [] : [{severity: 'WARNING', message}]};
    }
    case 'pg_advisory_unlock_all':
      place.locks.unlockAll(place.owner);
      return result('', 'void');
    default:
      return undefined;
  }
}

/** hashtext; not PostgreSQL's own: only equal texts give equal numbers. */
export function hash(text: string): number {
  let value = 7;
  for (const character of text) value = (Math.imul(value, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return value;
}

function result(value: SqlValue, type: SqlType): FunctionResult {
  return {ok: true, value, type};
}
