import {answerMark, prepareStatement, statementName} from '../../postgres/reading-query.ts';
import type {ContainerPlace} from '../program.ts';
import {AdvisoryLocks} from '../sql/advisory-locks.ts';
import {type Catalog, evaluateSelect} from '../sql/evaluate.ts';
import {parseSelect} from '../sql/select.ts';
import {serverFunction} from '../sql/server-functions.ts';
import {serverVersion, serverVersionNumber} from '../sql/server-version.ts';
import {failure, notKnown, type StatementResult} from '../sql/table.ts';
import {normalized, type Token, tokensOf} from '../sql/tokens.ts';
import type {PostgresView} from '../world.ts';
import {nodeFunction, nodeTable, roles} from './node-catalog.ts';
import {nodeReading} from './node-reading.ts';
import type {SqlServer} from './sql-server.ts';

const preparation = normalized(prepareStatement);

/** Opens a session on a data node's PostgreSQL; the text of psql's error when it does not run or does not let in. */
export function openNodeSession(
  place: ContainerPlace,
  {user, database, settings}: {user: string; database: string; settings: ReadonlyMap<string, string>},
): SqlServer | string {
  const {world, host, container} = place;
  const first = world.postgres(host, container);
  if (!first.ok) return first.error;
  const {port, startedAt} = first.value;
  const socket = `psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.${port}" failed: FATAL:  `;
  const role = roles.find(([name]) => name === user);
  if (role === undefined) return `${socket}role "${user}" does not exist`;
  if (!['postgres', 'template1'].includes(database)) return `${socket}database "${database}" does not exist`;

  const own = new Map(settings);
  const locks = new AdvisoryLocks();
  const owner = {applicationName: () => 'psql', startedAt: world.now()};
  let state: 'I' | 'T' | 'E' = 'I';
  let prepared = false;

  const setting = (view: PostgresView, name: string): string | undefined => {
    switch (name) {
      case 'default_transaction_read_only':
        return own.get(name) ?? (view.readOnly ? 'on' : 'off');
      case 'transaction_read_only':
        return readOnly(view) ? 'on' : 'off';
      case 'in_hot_standby':
        return view.inRecovery ? 'on' : 'off';
      case 'port':
        return String(view.port);
      case 'data_directory':
        return view.dataDirectory;
      case 'synchronous_standby_names':
        return view.synchronousStandbyNames;
      case 'primary_conninfo':
        return view.receiverHost === undefined ? '' : `host=${view.receiverHost} user=pgautofailover_replicator`;
      default:
        return own.get(name) ?? standardSettings.get(name);
    }
  };
  const readOnly = (view: PostgresView) =>
    view.inRecovery || (own.get('default_transaction_read_only') ?? (view.readOnly ? 'on' : 'off')) === 'on';

  const catalogOf = (view: PostgresView): Catalog => ({
    table: (name, given) => nodeTable(view, name, given),
    call: (name, given) =>
      nodeFunction(view, name, given) ??
      serverFunction(name, given, {
        world,
        host,
        user,
        database,
        pid: 300,
        startedAt: view.startedAt,
        setting: each => setting(view, each),
        locks,
        owner,
      }),
  });

  const run = (text: string, view: PostgresView): StatementResult => {
    const tokens = tokensOf(text);
    const [command] = tokens;
    const word = command?.kind === 'word' ? command.text : '';
    if (command === undefined) return {ok: true, tag: '', notices: []};
    if (['commit', 'end', 'rollback', 'abort'].includes(word)) {
      const tag = state === 'E' || word === 'rollback' || word === 'abort' ? 'ROLLBACK' : 'COMMIT';
      state = 'I';
      return {ok: true, tag, notices: []};
    }
    if (state === 'E') {
      return failure('25P02', 'current transaction is aborted, commands ignored until end of transaction block');
    }
    switch (word) {
      case 'begin':
      case 'start':
        state = 'T';
        return {ok: true, tag: 'BEGIN', notices: []};
      case 'prepare':
        if (normalized(text) !== preparation) return notKnown();
        prepared = true;
        return {ok: true, tag: 'PREPARE', notices: []};
      case 'execute':
        return execute(tokens, view);
      case 'set': {
        const [name, , ...values] = tokens.slice(1);
        if (name === undefined || values.length === 0) return notKnown();
        own.set(name.text, values.map(token => token.text).join(' '));
        return {ok: true, tag: 'SET', notices: []};
      }
      case 'show':
        return show(tokens, view);
      case 'select': {
        const parsed = parseSelect(tokens, []);
        return parsed === undefined ? notKnown() : evaluateSelect(parsed, catalogOf(view));
      }
      case 'checkpoint':
        return {ok: true, tag: 'CHECKPOINT', notices: []};
      default:
        return changes(word, tokens, view);
    }
  };

  const execute = (tokens: readonly Token[], view: PostgresView): StatementResult => {
    const [, name, , request] = tokens;
    if (!prepared || name?.text !== statementName) {
      return failure('26000', `prepared statement "${name?.text ?? ''}" does not exist`);
    }
    const answer = `${answerMark} ${request?.text ?? ''} ${JSON.stringify(nodeReading(view))}`;
    return {
      ok: true,
      tag: 'SELECT 1',
      table: {columns: [{name: '?column?', type: 'text'}], rows: [[answer]]},
      notices: [],
    };
  };

  const show = (tokens: readonly Token[], view: PostgresView): StatementResult => {
    const name = tokens
      .slice(1)
      .map(token => token.text)
      .join('');
    const value = setting(view, name);
    if (value === undefined) return failure('42704', `unrecognized configuration parameter "${name}"`);
    return {ok: true, tag: 'SHOW', table: {columns: [{name, type: 'text'}], rows: [[value]]}, notices: []};
  };

  /** Nothing is stored; but where nothing may be written, that is what the server says first. */
  const changes = (word: string, tokens: readonly Token[], view: PostgresView): StatementResult => {
    if (!writing.includes(word)) return notKnown();
    const object = ['create', 'drop', 'alter'].includes(word) ? ` ${tokens[1]?.text ?? ''}` : '';
    const command = `${word}${object}`.toUpperCase();
    if (command === 'ALTER SYSTEM') return notKnown();
    return readOnly(view) ? failure('25006', `cannot execute ${command} in a read-only transaction`) : notKnown();
  };

  return {
    user,
    database,
    superuser: role[1],
    port,
    databases: ['postgres', 'template0', 'template1'],
    relations: [],
    run(statement) {
      const view = world.postgres(host, container);
      if (!view.ok) return failure('57P01', 'terminating connection due to administrator command');
      const result = run(statement, view.value);
      if (!result.ok && state === 'T') state = 'E';
      return result;
    },
    transaction: () => state,
    lost() {
      const view = world.postgres(host, container);
      // Restarted in between is another server as well.
      return view.ok && view.value.startedAt === startedAt ? undefined : serverGone;
    },
    end: () => undefined,
  };
}

/** What psql prints when its server has gone. */
export const serverGone = `FATAL:  terminating connection due to administrator command
server closed the connection unexpectedly
\tThis probably means the server terminated abnormally
\tbefore or while processing the request.
connection to server was lost
`;

const writing = [
  'insert',
  'update',
  'delete',
  'truncate',
  'create',
  'drop',
  'alter',
  'vacuum',
  'copy',
  'merge',
  'grant',
];

const standardSettings = new Map(
  Object.entries({
    application_name: 'psql',
    archive_mode: 'off',
    client_encoding: 'UTF8',
    fsync: 'on',
    hot_standby: 'on',
    listen_addresses: '*',
    lock_timeout: '0',
    max_connections: '100',
    max_replication_slots: '12',
    max_wal_senders: '12',
    search_path: '"$user", public',
    server_version: serverVersion,
    server_version_num: String(serverVersionNumber),
    shared_buffers: '128MB',
    statement_timeout: '0',
    synchronous_commit: 'on',
    timezone: 'Etc/UTC',
    wal_keep_size: '8GB',
    wal_level: 'replica',
    wal_log_hints: 'on',
  }),
);
