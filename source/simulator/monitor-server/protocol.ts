import {failure, type StatementResult} from '../sql/table.ts';
import {splitStatements} from '../sql/tokens.ts';
import type {MonitorSession} from './monitor-session.ts';
import {BodyReader, dataRows, errorMessage, int16, int32, message, noticeMessage, rowDescription} from './wire.ts';

/** The part of PostgreSQL's protocol that comes after the startup: simple and extended queries, notifications. */
export type Protocol = {
  receive(type: string, body: Buffer): void;
  /** Says that the next statement may come. */
  ready(): void;
  /** Sends a notification: at once when no transaction is open, at its end otherwise. */
  notify(channel: string, payload: string): void;
};

type Portal = {statement: string; parameters: readonly (string | null)[]; result?: StatementResult};

/** Speaks for a session; `write` sends bytes to the client. Malformed messages throw RangeError. */
export function createProtocol(session: MonitorSession, write: (bytes: Buffer) => void): Protocol {
  const statements = new Map<string, string>();
  const portals = new Map<string, Portal>();
  let notifications: Buffer[] = [];
  /** After an error the rest is skipped until Sync. */
  let skipping = false;

  const ready = () => {
    const state = session.transaction();
    if (state === 'I') {
      for (const each of notifications) write(each);
      notifications = [];
    }
    write(message('Z', Buffer.from(state)));
  };

  const fail = (result: Extract<StatementResult, {ok: false}>) => {
    for (const notice of result.notices) write(noticeMessage(notice));
    write(errorMessage(result));
    skipping = true;
  };

  const complete = (result: Extract<StatementResult, {ok: true}>) => {
    if (result.table !== undefined) for (const row of dataRows(result.table)) write(row);
    write(result.tag === '' ? message('I') : message('C', result.tag));
  };

  const simpleQuery = (text: string) => {
    const {statements: list, rest} = splitStatements(text);
    const all = [...list, rest.trim()].filter(each => each !== '');
    if (all.length === 0) write(message('I'));
    for (const statement of all) {
      const result = session.run(statement);
      if (!result.ok) {
        fail(result);
        break;
      }
      for (const notice of result.notices) write(noticeMessage(notice));
      if (result.table !== undefined) write(rowDescription(result.table));
      complete(result);
    }
    skipping = false;
    ready();
  };

  const resultOf = (portal: Portal): StatementResult => {
    if (portal.result === undefined) {
      portal.result = session.run(portal.statement, portal.parameters);
      if (portal.result.ok) for (const notice of portal.result.notices) write(noticeMessage(notice));
    }
    return portal.result;
  };

  const bind = (reader: BodyReader) => {
    const portal = reader.text();
    const name = reader.text();
    const formats = Array.from({length: reader.int16()}, () => reader.int16());
    const parameters = Array.from({length: reader.int16()}, () => reader.value());
    const statement = statements.get(name);
    if (statement === undefined) {
      fail(failure('26000', `prepared statement "${name}" does not exist`));
    } else if (formats.includes(1)) {
      fail(failure('0A000', 'the embedded cluster takes no binary parameters'));
    } else {
      portals.set(portal, {statement, parameters});
      write(message('2'));
    }
  };

  const withPortal = (name: string, use: (result: Extract<StatementResult, {ok: true}>) => void) => {
    const portal = portals.get(name);
    const result = portal === undefined ? failure('34000', `portal "${name}" does not exist`) : resultOf(portal);
    if (result.ok) use(result);
    else fail(result);
  };

  const describe = (reader: BodyReader) => {
    const kind = reader.byte();
    const name = reader.text();
    // Of a statement nothing is known before it runs.
    if (kind === 'S') write(Buffer.concat([message('t', int16(0)), message('n')]));
    else withPortal(name, ({table}) => write(table === undefined ? message('n') : rowDescription(table)));
  };

  const extended = (type: string, reader: BodyReader) => {
    switch (type) {
      case 'P':
        statements.set(reader.text(), reader.text());
        write(message('1'));
        break;
      case 'B':
        bind(reader);
        break;
      case 'D':
        describe(reader);
        break;
      case 'E':
        withPortal(reader.text(), complete);
        break;
      case 'C':
        if (reader.byte() === 'S') statements.delete(reader.text());
        else portals.delete(reader.text());
        write(message('3'));
        break;
      case 'H':
        break;
      default:
        fail(failure('08P01', `invalid frontend message type ${type.charCodeAt(0)}`));
    }
  };

  return {
    receive(type, body) {
      const reader = new BodyReader(body);
      if (type === 'Q') {
        simpleQuery(reader.text());
      } else if (type === 'S') {
        skipping = false;
        if (session.transaction() === 'I') portals.clear();
        ready();
      } else if (!skipping) {
        extended(type, reader);
      }
    },
    ready,
    notify(channel, payload) {
      const notification = message('A', int32(1), channel, payload);
      if (session.transaction() === 'I') write(notification);
      else notifications.push(notification);
    },
  };
}
