import {lockHolderQuery} from '../../monitor/lock-holder-query.ts';
import {readingQuery} from '../../monitor/reading-query.ts';
import type {MonitorCall, Notice} from '../answer.ts';
import {AdvisoryLocks, type LockOwner} from '../sql/advisory-locks.ts';
import {type Catalog, evaluateSelect, type FunctionResult, type Given} from '../sql/evaluate.ts';
import {parseSelect} from '../sql/select.ts';
import {hash, serverFunction} from '../sql/server-functions.ts';
import {serverVersion, serverVersionNumber} from '../sql/server-version.ts';
import {columnsOf, type Failure, failure, notKnown, type SqlValue, type StatementResult} from '../sql/table.ts';
import {normalized, type Token, tokensOf} from '../sql/tokens.ts';
import type {World} from '../world.ts';
import {monitorCall} from './monitor-calls.ts';
import {monitorReading, settingText} from './monitor-reading.ts';
import {formationUri, monitorTable} from './monitor-tables.ts';

export type SessionOptions = {user: string; database: string; pid: number; settings: ReadonlyMap<string, string>};

/** A session in the monitor's database. What a transaction calls takes effect when it commits. */
export type MonitorSession = {
  /** Runs one statement; parameters stand for $1 and so on. An empty statement gives the tag ''. */
  run(statement: string, parameters?: readonly (string | null)[]): StatementResult;
  /** As ReadyForQuery says it: idle, in a transaction, in a failed one. */
  transaction(): 'I' | 'T' | 'E';
  /** Channels it listens to. */
  readonly channels: ReadonlySet<string>;
  /** Gives back its locks. */
  end(): void;
};

const locksOf = new WeakMap<World, AdvisoryLocks>();
const reading = normalized(readingQuery);
const lockHolder = normalized(lockHolderQuery);

/** Opens a session in the monitor's database. */
export function openMonitorSession(world: World, options: SessionOptions): MonitorSession {
  const locks = locksOf.get(world) ?? new AdvisoryLocks();
  locksOf.set(world, locks);
  const settings = new Map(options.settings);
  const owner: LockOwner = {applicationName: () => settings.get('application_name') ?? '', startedAt: world.now()};
  const channels = new Set<string>();
  let state: 'I' | 'T' | 'E' = 'I';
  /** What the transaction has called, to be done at its end. */
  let pending: MonitorCall[] = [];
  let transactionReadOnly: boolean | undefined;

  const readOnly = () => transactionReadOnly ?? settings.get('default_transaction_read_only') === 'on';

  const run = (text: string, parameters: readonly (string | null)[]): StatementResult => {
    const tokens = tokensOf(text).filter(token => token.text !== ';' || token.kind !== 'symbol');
    const [first, second] = tokens;
    const word = first?.kind === 'word' ? first.text : undefined;
    if (first === undefined) return done('');
    if (word === 'commit' || word === 'end') return commit();
    if (word === 'rollback' || word === 'abort') return rollBack();
    if (state === 'E') {
      return failure('25P02', 'current transaction is aborted, commands ignored until end of transaction block');
    }
    switch (word) {
      case 'begin':
      case 'start':
        return begin(tokens);
      case 'listen':
        if (second !== undefined) channels.add(second.text);
        return done('LISTEN');
      case 'unlisten':
        if (second?.text === '*') channels.clear();
        else channels.delete(second?.text ?? '');
        return done('UNLISTEN');
      case 'set':
        return set(tokens);
      case 'reset':
        settings.delete(second?.text ?? '');
        return done('RESET');
      case 'show':
        return show(tokens);
      case 'discard':
        channels.clear();
        locks.unlockAll(owner);
        return done('DISCARD ALL');
      case 'alter':
        return alterSystem(tokens);
      case 'select':
        return select(text, tokens, parameters);
      default:
        return notKnown();
    }
  };

  const begin = (tokens: readonly Token[]): StatementResult => {
    const words = tokens.map(token => token.text).join(' ');
    transactionReadOnly = / read only/.test(words) ? true : / read write/.test(words) ? false : undefined;
    if (state === 'T') return {...done('BEGIN'), notices: [warning('there is already a transaction in progress')]};
    state = 'T';
    return done('BEGIN');
  };

  const leave = (): boolean => {
    const failed = state === 'E';
    state = 'I';
    transactionReadOnly = undefined;
    return failed;
  };

  const commit = (): StatementResult => {
    if (state === 'I') return {...done('COMMIT'), notices: [warning('there is no transaction in progress')]};
    const calls = pending;
    pending = [];
    if (leave()) return done('ROLLBACK');
    for (const call of calls) {
      const answer = world.monitor.call(call);
      if (!answer.ok) return {...answer, notices: []};
    }
    return done('COMMIT');
  };

  const rollBack = (): StatementResult => {
    const outside = state === 'I';
    pending = [];
    leave();
    return outside
      ? {...done('ROLLBACK'), notices: [warning('there is no transaction in progress')]}
      : done('ROLLBACK');
  };

  const set = (tokens: readonly Token[]): StatementResult => {
    const words = tokens.slice(1).filter(token => !['session', 'local'].includes(token.text));
    const [name, sign, ...values] = words;
    if (name?.text === 'transaction') {
      transactionReadOnly = words.some(token => token.text === 'only');
      return done('SET');
    }
    if (name === undefined || sign === undefined || !['=', 'to'].includes(sign.text) || values.length === 0)
      return notKnown();
    settings.set(name.text, values.map(token => token.text).join(' '));
    return done('SET');
  };

  const monitorSetting = (name: string): number | undefined => {
    const all = world.monitor.settings();
    return Object.hasOwn(all, name) ? all[name] : undefined;
  };

  const setting = (name: string): string | undefined => {
    const own = /^pgautofailover\.(.*)$/.exec(name)?.[1];
    if (own !== undefined) return settingText(own, monitorSetting(own)) ?? undefined;
    if (name === 'transaction_read_only') return readOnly() ? 'on' : 'off';
    return settings.get(name) ?? standardSettings.get(name);
  };

  const show = (tokens: readonly Token[]): StatementResult => {
    const name = tokens
      .slice(1)
      .map(token => token.text)
      .join('');
    const value = setting(name);
    if (value === undefined) return failure('42704', `unrecognized configuration parameter "${name}"`);
    return {
      ok: true,
      tag: 'SHOW',
      table: {columns: [{name: name.replace(/^.*\./, ''), type: 'text'}], rows: [[value]]},
      notices: [],
    };
  };

  const alterSystem = (tokens: readonly Token[]): StatementResult => {
    const [, system, verb, prefix, , name, , value] = tokens;
    if (system?.text !== 'system' || verb?.text !== 'set' || prefix?.text !== 'pgautofailover') return notKnown();
    if (!superusers.includes(options.user)) {
      return failure('42501', `permission denied to set parameter "pgautofailover.${name?.text ?? ''}"`);
    }
    const milliseconds = settingValue(value, tokens[8]);
    if (name === undefined || monitorSetting(name.text) === undefined || milliseconds === undefined)
      return failure('42704', `unrecognized configuration parameter "pgautofailover.${name?.text ?? ''}"`);
    world.monitor.set(name.text, milliseconds);
    return done('ALTER SYSTEM');
  };

  const select = (text: string, tokens: readonly Token[], parameters: readonly (string | null)[]): StatementResult => {
    if (normalized(text) === reading) {
      const json = JSON.stringify(monitorReading(world, parameters[0] ?? '', Number(parameters[1] ?? -1)));
      const table = {columns: [{name: 'reading', type: 'json' as const}], rows: [[json]]};
      return {ok: true, tag: 'SELECT 1', table, notices: []};
    }
    if (normalized(text) === lockHolder) return holderOf(`${parameters[0]},${hash(parameters[1] ?? '')}`);
    const parsed = parseSelect(tokens, parameters);
    return parsed === undefined ? notKnown() : evaluateSelect(parsed, catalog);
  };

  const holderOf = (key: string): StatementResult => {
    const holder = locks.holder(key);
    const columns = columnsOf('application_name text, client_address text, seconds float8');
    const rows =
      holder === undefined
        ? []
        : [[holder.applicationName(), '127.0.0.1', (world.now() - holder.startedAt) / 1000] as const];
    return {ok: true, tag: `SELECT ${rows.length}`, table: {columns, rows}, notices: []};
  };

  const catalog: Catalog = {
    table: (name, given) => monitorTable(world, name, given),
    call: (name, given) =>
      ownFunction(name, given) ??
      serverFunction(name, given, {
        world,
        user: options.user,
        database: options.database,
        pid: options.pid,
        host: world.monitor.host,
        startedAt: world.monitor.startedAt(),
        setting,
        locks,
        owner,
      }),
  };

  const ownFunction = (name: string, given: Given): FunctionResult => {
    const own = /^pgautofailover\.(.*)$/.exec(name)?.[1];
    if (own === undefined) return undefined;
    const formation = String(given.positional[0] ?? given.named.get('formation_id') ?? 'default');
    if (own === 'synchronous_standby_names') {
      const group = Number(given.positional[1] ?? given.named.get('group_id') ?? 0);
      return textValue(world.monitor.synchronousStandbyNames(formation, group));
    }
    if (own === 'formation_uri') return textValue(formationUri(world, formation));
    const call = monitorCall(world, own, given);
    if (call === undefined) return undefined;
    return 'ok' in call ? call : change(call);
  };

  const change = (call: MonitorCall): FunctionResult => {
    const inTransaction = state === 'T';
    const answer = world.monitor.call(call, {rollBack: inTransaction || readOnly()});
    if (!answer.ok) return answer;
    if (readOnly()) return {...readOnlyRefusal(call), notices: answer.notices};
    if (inTransaction) pending.push(call);
    return {
      ok: true,
      value: answer.value ?? '',
      type: answer.value === null ? 'void' : 'bool',
      notices: answer.notices,
    };
  };

  return {
    run(statement, parameters = []) {
      const result = run(statement, parameters);
      if (!result.ok && state === 'T') state = 'E';
      return result;
    },
    transaction: () => state,
    channels,
    end: () => locks.unlockAll(owner),
  };
}

/** Roles of the monitor's database that may change its configuration. */
const superusers = ['postgres'];

const standardSettings = new Map(
  Object.entries({
    application_name: '',
    client_encoding: 'UTF8',
    default_transaction_read_only: 'off',
    in_hot_standby: 'off',
    lock_timeout: '0',
    search_path: '"$user", public',
    server_encoding: 'UTF8',
    server_version: serverVersion,
    server_version_num: String(serverVersionNumber),
    statement_timeout: '0',
    timezone: 'Etc/UTC',
  }),
);

function settingValue(value: Token | undefined, unit: Token | undefined): number | undefined {
  const match = /^(\d+)\s*(ms|s|min|h)?$/.exec(`${value?.text ?? ''}${unit?.text ?? ''}`);
  if (match === null) return undefined;
  return Number(match[1]) * ({ms: 1, s: 1000, min: 60_000, h: 3_600_000}[match[2] ?? 'ms'] ?? 1);
}

function readOnlyRefusal(call: MonitorCall): Failure {
  const command = call.call === 'remove_node' && call.force ? 'DELETE' : 'UPDATE';
  return failure('25006', `cannot execute ${command} in a read-only transaction`);
}

function textValue(value: SqlValue): FunctionResult {
  return {ok: true, value, type: 'text'};
}

function done(tag: string): {ok: true; tag: string; notices: readonly Notice[]} {
  return {ok: true, tag, notices: []};
}

function warning(message: string): Notice {
  return {severity: 'WARNING', message};
}
