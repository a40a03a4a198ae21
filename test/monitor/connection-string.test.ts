import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type ConnectionTarget, parseConnectionString} from '../../source/monitor/connection-string.ts';
import {monitorUri} from '../../source/monitor/credentials.ts';

const nothing: ConnectionTarget = {
  host: undefined,
  port: undefined,
  user: undefined,
  password: undefined,
  database: undefined,
  sslMode: undefined,
  sslRootCert: undefined,
};

function parse(text: string): ConnectionTarget {
  const outcome = parseConnectionString(text);
  if (!outcome.ok) throw new Error(outcome.problem.message);
  return outcome.value;
}

describe('connection strings as libpq reads them', () => {
  test.each([
    [
      'postgres://autoctl_node@10.77.0.13:6000/pg_auto_failover?sslmode=require',
      {host: '10.77.0.13', port: 6000, user: 'autoctl_node', database: 'pg_auto_failover', sslMode: 'require'},
    ],
    ['postgresql://u:p%40ss%3A%2F@h/db', {host: 'h', user: 'u', password: 'p@ss:/', database: 'db'}],
    ['postgres://u:a:b@h', {host: 'h', user: 'u', password: 'a:b'}],
    ['postgres://[::1]:6000/db', {host: '::1', port: 6000, database: 'db'}],
    ['postgres://a:1,b:2/db', {host: 'a', port: 1, database: 'db'}],
    ['postgres:///db?host=h&port=5&password=x%3D', {host: 'h', port: 5, database: 'db', password: 'x='}],
    [
      'postgres://h/db?sslmode=verify-full&sslrootcert=/etc/ssl/ca.crt',
      {host: 'h', database: 'db', sslMode: 'verify-full', sslRootCert: '/etc/ssl/ca.crt'},
    ],
    [
      `host=h port = 5433 user='o''x' password='it\\'s \\\\' dbname=d sslmode=prefer`.replace("'o''x'", "'o x'"),
      {host: 'h', port: 5433, user: 'o x', password: "it's \\", database: 'd', sslMode: 'prefer'},
    ],
  ])('%s', (text, expected) => {
    expect(parse(text)).toEqual({...nothing, ...expected});
  });

  test.each(['', 'nonsense', 'http://h/db', 'postgres://u:%zz@h', "host='open", 'host=h garbage'])(
    '%j is none',
    text => {
      expect(parseConnectionString(text)).toMatchObject({ok: false, problem: {kind: 'monitor-unknown'}});
    },
  );

  test('any password survives both notations', () => {
    fc.assert(
      fc.property(fc.string({minLength: 1, unit: 'grapheme'}), password => {
        expect(parse(`postgres://u:${encodeURIComponent(password)}@h:1/d`).password).toBe(password);
        const quoted = password.replace(/[\\']/g, '\\$&');
        expect(parse(`host=h password='${quoted}'`).password).toBe(password);
      }),
    );
  });

  test('a refused string is not repeated: it may hold a password', () => {
    expect(JSON.stringify(parseConnectionString('postgres://u:secret%zz@h'))).not.toContain('secret');
  });
});

describe("the monitor's URI in what pg_autoctl prints", () => {
  test('as 2.0 prints it', () => {
    const output = `[
    {"uri": "postgres://autoctl_node@10.77.0.13:6000/pg_auto_failover?sslmode=require", "name": "monitor", "type": "monitor"},
    {"uri": "postgres://10.77.0.12:5432/postgres?target_session_attrs=read-write", "name": "default", "type": "formation"}
]`;
    expect(monitorUri(output)).toBe('postgres://autoctl_node@10.77.0.13:6000/pg_auto_failover?sslmode=require');
  });

  test('as an object, as bare text, or not at all', () => {
    expect(monitorUri('{"monitor": "postgres://m/db", "default": "postgres://d/db"}')).toBe('postgres://m/db');
    expect(monitorUri('postgres://m/db\n')).toBe('postgres://m/db');
    expect(monitorUri('[{"type": "formation", "name": "default", "uri": "postgres://d/db"}]')).toBeUndefined();
    expect(monitorUri('no such thing')).toBeUndefined();
  });
});
