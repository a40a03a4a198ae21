import type {ContainerPlace, SimulatedProcess} from '../program.ts';
import {serverVersion} from '../sql/server-version.ts';
import {startupOptions} from '../sql/startup-options.ts';
import {insideQuote, splitStatements} from '../sql/tokens.ts';
import {noAnswer, openServer} from './find-server.ts';
import {createLineReader} from './input.ts';
import {type Output, outputOf} from './output.ts';
import {errorText, formatTable, noticeText, type RowFormat} from './psql-format.ts';
import {metaCommand} from './psql-meta.ts';
import {type PsqlOptions, parsePsqlOptions} from './psql-options.ts';
import {roleWord} from './role-word.ts';
import type {SqlServer} from './sql-server.ts';
import {waitFor} from './wait.ts';

/** How long TCP tries where nothing answers. */
const tcpTriesMs = 130_000;

/** psql: -c, statements from standard input, or a prompt on a terminal. Exit status as psql's: 1 of -c, 2 connection, 3 script. */
export async function psql(process: SimulatedProcess, place: ContainerPlace): Promise<number> {
  const output = outputOf(process);
  const options = parsePsqlOptions(process.argv, process.environment);
  if ('mistake' in options) {
    await output.error(`${options.mistake}\nTry "psql --help" for more information.\n`);
    return 1;
  }
  if (options.information === 'version' || options.information === 'help') {
    await output.out(options.information === 'version' ? `psql (PostgreSQL) ${serverVersion}\n` : helpText);
    return 0;
  }
  const {user} = process;
  if (user !== undefined && user.name === undefined && options.user === undefined) {
    await output.error(`psql: error: local user with ID ${user.id} does not exist\n`);
    return 2;
  }
  const named = {...options, user: options.user ?? user?.name};
  const server = openServer(place, named, startupOptions(process.environment.PGOPTIONS));
  if (server === noAnswer) return waitInVain(process, place, output, options);
  if (typeof server === 'string') {
    await output.error(`${server}\n`);
    return 2;
  }
  const session = {server, output, format: formatOf(options), quiet: options.quiet};
  try {
    if (options.information === 'list') {
      await metaCommand(session, '\\l');
      return 0;
    }
    if (options.commands.length > 0) return await runCommands(session, options.commands);
    return await runInput(process, place, session, options);
  } finally {
    server.end();
  }
}

/** What psql works with: a server, where it prints, and how. */
export type PsqlSession = {server: SqlServer; output: Output; format: RowFormat; quiet: boolean};

const helpText = `psql is the PostgreSQL interactive terminal.

Usage:
  psql [OPTION]... [DBNAME [USERNAME]]

  -c, --command=COMMAND    run only single command (SQL or internal) and exit
  -d, --dbname=DBNAME      database name to connect to
  -A, --no-align           unaligned table output mode
  -t, --tuples-only        print rows only
  -x, --expanded           turn on expanded table output
  -h, --host=HOSTNAME      database server host or socket directory
  -p, --port=PORT          database server port
  -U, --username=USERNAME  database user name
`;

function formatOf({tuplesOnly, unaligned, expanded, separator}: PsqlOptions): RowFormat {
  return {tuplesOnly, unaligned, expanded, separator};
}

async function waitInVain(
  process: SimulatedProcess,
  {world}: ContainerPlace,
  output: Output,
  options: PsqlOptions,
): Promise<number> {
  const limit = Number(process.environment.PGCONNECT_TIMEOUT) * 1000 || tcpTriesMs;
  if (!(await waitFor(world, limit, process.signal))) return 130;
  const why = limit === tcpTriesMs ? 'Connection timed out' : 'timeout expired';
  const port = options.port ?? 5432;
  await output.error(`psql: error: connection to server at "${options.host ?? ''}", port ${port} failed: ${why}\n`);
  return 2;
}

async function runCommands(session: PsqlSession, commands: readonly string[]): Promise<number> {
  for (const command of commands) {
    if (command.trim().startsWith('\\')) {
      await metaCommand(session, command.trim());
      continue;
    }
    const {statements, rest} = splitStatements(command);
    for (const statement of [...statements, rest.trim()].filter(each => each !== '')) {
      const outcome = await runStatement(session, statement);
      if (outcome !== 'done') return outcome === 'lost' ? 2 : 1;
    }
  }
  return 0;
}

async function runInput(
  process: SimulatedProcess,
  place: ContainerPlace,
  session: PsqlSession,
  options: PsqlOptions,
): Promise<number> {
  const interactive = process.terminal !== undefined;
  const reader = createLineReader(process, session.output);
  if (interactive && !options.quiet) await session.output.out(`psql (${serverVersion})\nType "help" for help.\n\n`);
  let pending = '';
  try {
    for (;;) {
      const input = await reader.read(promptOf(session.server, pending, options.prompt, () => roleWord(place)));
      if (input.kind === 'end') {
        if (interactive && !process.signal.aborted) await session.output.out('\\q\n');
        return process.signal.aborted ? 137 : 0;
      }
      if (input.kind === 'interrupt') {
        pending = '';
        continue;
      }
      const line = input.text;
      const isFresh = pending.trim() === '';
      // A command of psql's own is heard in the middle of a statement as well, but not inside a quoted text.
      const isCommand = /^\s*\\/.test(line) && !insideQuote(pending);
      if (isCommand || (isFresh && /^\s*(quit|exit|help)\s*$/.test(line))) {
        if (/^\s*(\\q|quit|exit)\s*;?\s*$/.test(line)) return 0;
        if (/^\s*\\r\s*$/.test(line)) pending = '';
        await metaCommand(session, line.trim());
        continue;
      }
      const cut = splitStatements(`${pending}${line}\n`);
      pending = cut.rest.trim() === '' ? '' : cut.rest;
      for (const statement of cut.statements) {
        const outcome = await runStatement(session, statement);
        if (outcome === 'lost') return 2;
        if (outcome === 'failed' && options.stopOnError && !interactive) return 3;
      }
    }
  } finally {
    reader.release();
  }
}

/** As PROMPT1 says, of whose substitutions a command is the role; the usual one for a statement that goes on. */
function promptOf(server: SqlServer, pending: string, first: string | undefined, role: () => string): string {
  const mark = pending === '' ? '=' : insideQuote(pending) ? "'" : '-';
  const transaction = {I: '', T: '*', E: '!'}[server.transaction()];
  const values: Record<string, string> = {
    '/': server.database,
    R: mark,
    x: transaction,
    '#': server.superuser ? '#' : '>',
  };
  const prompt = (pending === '' ? first : undefined) ?? '%/%R%x%# ';
  return prompt.replaceAll(/%(?:`[^`]*`|([/Rx#]))/g, (_all, name?: string) =>
    name === undefined ? role() : (values[name] ?? ''),
  );
}

async function runStatement(session: PsqlSession, statement: string): Promise<'done' | 'failed' | 'lost'> {
  const {server, output} = session;
  if (statement === '') return 'done';
  const gone = server.lost();
  if (gone !== undefined) {
    await output.error(gone);
    return 'lost';
  }
  const result = server.run(statement);
  for (const notice of result.notices) await output.error(noticeText(notice));
  if (!result.ok) {
    await output.error(errorText(result.error));
    return 'failed';
  }
  if (result.table !== undefined) await output.out(formatTable(result.table, session.format));
  else if (!session.quiet && result.tag !== '') await output.out(`${result.tag}\n`);
  return 'done';
}
