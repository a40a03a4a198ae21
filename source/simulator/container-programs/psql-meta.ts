import type {PsqlSession} from './psql.ts';
import {formatTable} from './psql-format.ts';

/** Runs one of psql's backslash commands, of those that the embedded cluster has. */
export async function metaCommand(session: PsqlSession, line: string): Promise<void> {
  const {server, output, format} = session;
  const [command = '', ...words] = line.replace(/;$/, '').split(/\s+/);
  const argument = words.join(' ');
  const rows = (names: string[], values: string[][]) =>
    output.out(formatTable({columns: names.map(name => ({name, type: 'text'})), rows: values}, format));
  switch (command) {
    case '\\conninfo':
      await output.out(
        `You are connected to database "${server.database}" as user "${server.user}" via socket in "/var/run/postgresql" at port "${server.port}".\n`,
      );
      return;
    case '\\l':
    case '\\list':
      if (!format.tuplesOnly) await output.out(title('List of databases', 48));
      await rows(
        ['Name', 'Owner', 'Encoding', 'Collate', 'Ctype'],
        server.databases.map(name => [name, 'postgres', 'UTF8', 'C.UTF-8', 'C.UTF-8']),
      );
      return;
    case '\\d':
    case '\\dt': {
      const schema = /^([\w]+)\.\*?/.exec(argument)?.[1];
      const found = server.relations.filter(each => each.schema === schema);
      if (found.length === 0) {
        await output.error(
          argument === '' ? 'Did not find any relations.\n' : `Did not find any relation named "${argument}".\n`,
        );
        return;
      }
      if (!format.tuplesOnly) await output.out(title('List of relations', 40));
      await rows(
        ['Schema', 'Name', 'Type', 'Owner'],
        found.map(({schema: place, name}) => [place, name, 'table', 'postgres']),
      );
      return;
    }
    case '\\du':
      await rows(['Role name'], [[server.user]]);
      return;
    case '\\x':
      format.expanded = !format.expanded;
      await output.out(`Expanded display is ${format.expanded ? 'on' : 'off'}.\n`);
      return;
    case '\\t':
      format.tuplesOnly = !format.tuplesOnly;
      await output.out(`Tuples only is ${format.tuplesOnly ? 'on' : 'off'}.\n`);
      return;
    case '\\a':
      format.unaligned = !format.unaligned;
      await output.out(`Output format is ${format.unaligned ? 'unaligned' : 'aligned'}.\n`);
      return;
    case '\\timing':
    case '\\pset':
    case '\\set':
    case '\\encoding':
      return;
    case '\\?':
    case 'help':
      await output.out(help);
      return;
    default:
      await output.error(`invalid command ${command}\nTry \\? for help.\n`);
  }
}

const help = `This is the embedded cluster: it knows show NAME, select of functions and of
  pg_stat_replication, pg_stat_wal_receiver, pg_replication_slots (data nodes),
  pgautofailover.node, event, formation, current_state(), last_events() (monitor),
  the monitor's functions such as pgautofailover.perform_failover(),
  begin, commit, rollback, and
  \\conninfo  \\l  \\dt  \\x  \\t  \\a  \\q
`;

function title(text: string, width: number): string {
  return `${' '.repeat(Math.max(0, Math.floor((width - text.length) / 2)))}${text}\n`;
}
