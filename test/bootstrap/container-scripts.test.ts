import {execFileSync, spawnSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {certificateFactsScript, parseCertificateFacts} from '../../source/bootstrap/certificates.ts';
import {hbaBlock, linesIn, onlyEncrypted, writeHbaScript} from '../../source/bootstrap/host-based-access.ts';
import {parseVolumeFacts, volumeFactsScript} from '../../source/bootstrap/host-survey.ts';
import {notedFile, setParametersScript} from '../../source/bootstrap/noted-parameters.ts';
import {parsePeers, peersScript} from '../../source/bootstrap/survey-peers.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'pgaf-scripts-'));
});
afterAll(() => rmSync(root, {recursive: true, force: true}));

describe('the look at certificates', () => {
  const file = (name: string) => path.join(root, name);
  const openssl = (...argv: readonly string[]) => execFileSync('openssl', argv, {stdio: ['ignore', 'pipe', 'ignore']});
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

  beforeAll(() => {
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      file('ca.key'),
      '-out',
      file('ca.crt'),
      '-subj',
      '/CN=authority',
      '-days',
      '2',
    );
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      file('other.key'),
      '-out',
      file('other.crt'),
      '-subj',
      '/CN=other',
      '-days',
      '2',
    );
    openssl('req', '-new', ...key, '-keyout', file('vm1.key'), '-out', file('vm1.csr'), '-subj', '/CN=vm1');
    writeFileSync(file('vm1.names'), 'subjectAltName=IP:10.0.0.11,DNS:vm1.example.com\n');
    const sign = ['x509', '-req', '-in', file('vm1.csr'), '-CA', file('ca.crt'), '-CAkey', file('ca.key')];
    openssl(...sign, '-CAcreateserial', '-extfile', file('vm1.names'), '-out', file('vm1.crt'), '-days', '1');
    openssl(...sign, '-CAcreateserial', '-extfile', file('vm1.names'), '-out', file('old.crt'), '-days', '0');
  });

  function look(address: string, files: {ca?: string; crt?: string; key?: string; mode?: number} = {}) {
    const folder = mkdtempSync(path.join(root, 'seen-'));
    const put = (name: string, from: string) => writeFileSync(path.join(folder, name), readFileSync(file(from)));
    put('authority.crt', files.ca ?? 'ca.crt');
    put('server.crt', files.crt ?? 'vm1.crt');
    put('server.key', files.key ?? 'vm1.key');
    chmodSync(path.join(folder, 'server.key'), files.mode ?? 0o600);
    const script = certificateFactsScript.replaceAll('/pgaf/certificates', folder);
    return parseCertificateFacts(execFileSync('sh', ['-c', script, 'look', address], {encoding: 'utf8'}));
  }

  test.each<[string, Parameters<typeof look>, readonly string[]]>([
    ['by their address', ['10.0.0.11'], []],
    ['by a name', ['vm1.example.com'], []],
    ['where any will do', [''], []],
    ['of another address', ['10.0.0.12'], ['other-address']],
    ['of another name', ['vm2.example.com'], ['other-address']],
    ['with a key that everybody may read', ['', {mode: 0o644}], ['open']],
    ['with the key of another', ['', {key: 'other.key'}], ['other-key']],
    ['of another authority', ['', {ca: 'other.crt'}], ['unsigned']],
    ['that have expired', ['', {crt: 'old.crt'}], ['expired']],
  ])('finds what is wrong with those %s', (_, of, mistakes) => {
    expect(look(...of).mistakes).toEqual(mistakes);
  });

  test('says until when they serve, and that it did not see them', () => {
    expect(look('').ends).toMatch(/\d{4} GMT$/);
    expect(parseCertificateFacts('sh: openssl: not found\n').mistakes).toEqual(['not-seen']);
    expect(parseCertificateFacts('unreadable server.key\nopen\nother-key\nseen\n').mistakes).toEqual([
      'unreadable server.key',
    ]);
  });
});

describe('the look into a volume', () => {
  test.each<[string, readonly string[], boolean]>([
    ['nothing of pg_auto_failover', [], false],
    ['a node', ['.config/pg_autoctl/home/pgaf/pg_autoctl.cfg'], true],
    [
      'a node that was begun',
      ['.config/pg_autoctl/home/pgaf/pg_autoctl.cfg', '.local/share/pg_autoctl/home/pgaf/pg_autoctl.init'],
      false,
    ],
  ])('finds %s', (_, files, isMade) => {
    const folder = mkdtempSync(path.join(root, 'volume-'));
    for (const file of files) {
      mkdirSync(path.dirname(path.join(folder, file)), {recursive: true});
      writeFileSync(path.join(folder, file), '');
    }
    const script = volumeFactsScript.replaceAll('/volume', folder);
    const output = execFileSync('sh', ['-c', script, 'look', 'pgaf', '/home'], {encoding: 'utf8'});
    expect(parseVolumeFacts(output)).toMatchObject({isMade, isEmpty: files.length === 0});
  });
});

describe('setting parameters', () => {
  test.each<[string, string, string]>([
    ['is noted before and after', '', 'after'],
    ['leaves the first note when it is refused', 'exit 3', 'before'],
  ])('%s', (_, end, noted) => {
    const data = mkdtempSync(path.join(root, 'data-'));
    mkdirSync(path.join(data, 'bin'));
    writeFileSync(path.join(data, 'bin', 'psql'), `#!/bin/sh\ncat "$PGDATA/${notedFile}" - >"$PGDATA/ran"\n${end}\n`);
    chmodSync(path.join(data, 'bin', 'psql'), 0o755);
    const {status} = spawnSync('sh', ['-c', setParametersScript, 'set', '5432', 'before', 'after'], {
      env: {PATH: `${data}/bin:/usr/bin:/bin`, PGDATA: data},
      input: ' alter system',
    });
    expect([status, readFileSync(path.join(data, 'ran'), 'utf8')]).toEqual([end === '' ? 0 : 3, 'before alter system']);
    expect(readFileSync(path.join(data, notedFile), 'utf8')).toBe(noted);
  });
});

describe('writing pg_hba.conf', () => {
  let data = '';
  beforeEach(() => {
    data = mkdtempSync(path.join(root, 'data-'));
    mkdirSync(path.join(data, 'bin'));
    writeFileSync(hba(), 'local all all trust\nhost all "x" 10.0.0.2/32 trust # Auto-generated by pg_auto_failover\n');
  });
  const hba = () => path.join(data, 'pg_hba.conf');

  function write(lines: readonly string[], mistake = '', ...more: readonly string[]): void {
    const psql = path.join(data, 'bin', 'psql');
    writeFileSync(
      psql,
      `#!/bin/sh\ncase "$*" in *pg_hba_file_rules*) printf '%s' '${mistake}';; *pg_reload_conf*) touch "$PGDATA/reloaded";; esac\n`,
    );
    chmodSync(psql, 0o755);
    execFileSync('sh', ['-c', writeHbaScript, 'hba', '5432', 'postgres', 'select 1', ...more], {
      env: {PATH: `${data}/bin:/usr/bin:/bin`, PGDATA: data},
      input: hbaBlock(lines),
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  }

  test('puts the lines first, keeps all others, and lets PostgreSQL read them', () => {
    write(['host all all 10.0.0.0/8 md5']);
    const text = readFileSync(hba(), 'utf8');
    expect(linesIn(text)).toEqual(['host all all 10.0.0.0/8 md5']);
    expect(text).toMatch(
      /# end: .*\nlocal all all trust\nhost all "x" 10.0.0.2\/32 trust # Auto-generated by pg_auto_failover\n$/,
    );
    expect(existsSync(path.join(data, 'reloaded'))).toBe(true);
  });

  test('lets nobody in without TLS by lines of pg_auto_failover, when that is asked for, but the health checks of the monitor', () => {
    const generated = (type: string) => `${type} all "x" 10.0.0.2/32 trust # Auto-generated by pg_auto_failover`;
    const health = 'host all "pgautofailover_monitor" 10.0.0.3/32 trust # Auto-generated by pg_auto_failover';
    const own = 'host all all 10.0.0.4/32 md5';
    writeFileSync(hba(), [generated('host'), generated('hostssl'), health, own, ''].join('\n'));
    write([], '', onlyEncrypted);
    expect(readFileSync(hba(), 'utf8')).toBe([generated('hostssl'), generated('hostssl'), health, own, ''].join('\n'));
  });

  test('replaces what it wrote before, and takes it out again', () => {
    const before = readFileSync(hba(), 'utf8');
    write(['host all all 10.0.0.0/8 md5']);
    write(['host all all 10.1.0.0/16 md5']);
    expect(linesIn(readFileSync(hba(), 'utf8'))).toEqual(['host all all 10.1.0.0/16 md5']);
    write([]);
    expect(readFileSync(hba(), 'utf8')).toBe(before);
  });

  test('takes lines back that PostgreSQL finds a mistake in', () => {
    const before = readFileSync(hba(), 'utf8');
    expect(() => write(['host all all nonsense md5'], '1|invalid')).toThrow(/was left as it is: 1\|invalid/);
    expect(readFileSync(hba(), 'utf8')).toBe(before);
    expect(existsSync(path.join(data, 'reloaded'))).toBe(false);
  });

  test('takes lines back that PostgreSQL could not look at', () => {
    const before = readFileSync(hba(), 'utf8');
    const noAnswer = "'; exit 1; printf '";
    expect(() => write(['host all all 10.0.0.0/8 md5'], noAnswer)).toThrow(/it could not be checked/);
    expect(readFileSync(hba(), 'utf8')).toBe(before);
  });
});

describe('how a host finds the others', () => {
  let tools: string;

  beforeEach(() => {
    tools = mkdtempSync(path.join(tmpdir(), 'pgaf-peers-'));
    tool(
      'getent',
      'case "$*" in "ahosts vm2") echo "10.0.0.12 STREAM vm2"; echo "10.0.0.12 DGRAM";; "hosts 10.0.0.12") echo "10.0.0.12 vm2.example vm2";; *) exit 2;; esac',
    );
    tool('ip', 'echo "10.0.0.12 dev eth0 src 10.0.0.11 uid 0"');
  });
  afterEach(() => rmSync(tools, {recursive: true, force: true}));

  function tool(name: string, script: string): void {
    const file = path.join(tools, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  test('is asked forth and back, and from where it sends', () => {
    const env = {PATH: `${tools}:/usr/bin:/bin`};
    const output = execFileSync('sh', ['-c', peersScript, 'survey', 'vm2', 'vm9'], {env, encoding: 'utf8'});
    expect(parsePeers(output)).toEqual([
      {address: 'vm2', resolved: ['10.0.0.12'], names: ['vm2.example', 'vm2'], leavesFrom: '10.0.0.11'},
      {address: 'vm9', resolved: [], names: [], leavesFrom: undefined},
    ]);
  });
});
