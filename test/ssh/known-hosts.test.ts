import {execFileSync} from 'node:child_process';
import {createHmac, randomBytes} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {
  fingerprint,
  judgeHostKey,
  knownHostsLine,
  knownHostsName,
  knownKeyTypes,
  parseKnownHosts,
} from '../../source/ssh/known-hosts.ts';

function key(type: string, seed: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(seed.padEnd(32, '.'))]);
}

const ours = key('ssh-ed25519', 'ours');
const theirs = key('ssh-ed25519', 'theirs');
const rsa = key('ssh-rsa', 'rsa');
const line = (hosts: string, of: Buffer, marker = '') => `${marker}${knownHostsLine(hosts, of)}`;

function judge(text: string, name: string, offered = ours) {
  return judgeHostKey(parseKnownHosts(text, '/k'), name, offered);
}

describe('a host key', () => {
  test.each([
    ['its name', line('vm2', ours), 'vm2'],
    ['one of several names', line('vm1,vm2', ours), 'vm2'],
    ['its name in another case', line('VM2', ours), 'vm2'],
    ['a pattern', line('vm?,!vm9', ours), 'vm2'],
    ['a pattern with a star', line('*.example.org', ours), 'vm2.example.org'],
    ['its port', line('[vm2]:2222', ours), '[vm2]:2222'],
    ['its usual port', line('vm2', ours), '[vm2]:2222'],
    ['one of several keys', line('vm2', theirs) + line('vm2', ours), 'vm2'],
    ['a line with a comment and odd blanks', `\t${line('vm2', ours).trim()}  set up by hand\r\n`, 'vm2'],
  ])('is known by %s', (_how, text, name) => {
    expect(judge(text, name)).toEqual({kind: 'known'});
  });

  test.each([
    ['nothing', '', 'vm2'],
    ['another host', line('vm1', ours), 'vm2'],
    ['a pattern that excludes it', line('vm?,!vm2', ours), 'vm2'],
    ['another port', line('[vm2]:2222', ours), 'vm2'],
    ['a comment', `# ${line('vm2', ours)}`, 'vm2'],
    ['a line with an unknown marker', line('vm2', ours, '@trusted '), 'vm2'],
    ['a line that was cut', line('vm2', ours).slice(0, 12), 'vm2'],
    ['a usual port that has another key', line('vm2', theirs), '[vm2]:2222'],
  ])('is unknown by %s', (_how, text, name) => {
    expect(judge(text, name)).toEqual({kind: 'unknown', others: []});
  });

  test('is unknown, and said to have others, when only other types are known', () => {
    expect(judge(line('vm2', rsa), 'vm2')).toEqual({kind: 'unknown', others: ['ssh-rsa']});
  });

  test('has changed when another one of its type is known: file and line say where', () => {
    expect(judge(`# first\n\n${line('vm2', theirs)}`, 'vm2')).toMatchObject({
      kind: 'changed',
      known: {file: '/k', line: 3, key: theirs},
    });
  });

  test('that is revoked is refused, even where it is known as well', () => {
    const text = line('vm2', ours) + line('*', ours, '@revoked ');
    expect(judge(text, 'vm2')).toMatchObject({kind: 'revoked', known: {line: 2}});
    expect(judge(text, '[vm2]:2222')).toMatchObject({kind: 'revoked'});
    expect(judge(line('*', theirs, '@revoked ') + line('vm2', ours), 'vm2')).toEqual({kind: 'known'});
  });

  test('that only an authority vouches for is not called known', () => {
    expect(judge(line('vm2', theirs, '@cert-authority '), 'vm2')).toMatchObject({
      kind: 'certificate',
      known: {line: 1},
    });
    expect(judge(line('vm2', ours, '@cert-authority '), 'vm2')).toMatchObject({kind: 'certificate'});
    expect(judge(line('vm2', theirs, '@cert-authority ') + line('vm2', ours), 'vm2')).toEqual({kind: 'known'});
  });

  test('is found by its hashed name', () => {
    const salt = randomBytes(20);
    const hash = createHmac('sha1', salt).update('[vm2]:2222').digest('base64');
    const text = line(`|1|${salt.toString('base64')}|${hash}`, ours);
    expect(judge(text, '[vm2]:2222')).toEqual({kind: 'known'});
    expect(judge(text, 'vm2')).toEqual({kind: 'unknown', others: []});
    expect(judge(line('|1||', ours) + line('|2|a|b', ours), 'vm2')).toEqual({kind: 'unknown', others: []});
  });

  test('types that are known come in the order of the file', () => {
    const lines = parseKnownHosts(line('vm2', rsa) + line('vm1', ours) + line('vm2', ours), '/k');
    expect(knownKeyTypes(lines, 'vm2')).toEqual(['ssh-rsa', 'ssh-ed25519']);
  });

  test('can be written and read back under any name', () => {
    fc.assert(
      fc.property(fc.domain(), fc.integer({min: 1, max: 65_535}), (domain, port) => {
        const name = knownHostsName(domain, port, undefined);
        expect(judge(line(name, ours), name)).toEqual({kind: 'known'});
        expect(judge(line(name, theirs), name)).toMatchObject({kind: 'changed'});
      }),
    );
  });

  test('patterns agree with a plain definition of them, and never take long', () => {
    fc.assert(
      fc.property(
        fc.string({unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8}),
        fc.string({unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 8}),
        (pattern, name) => {
          fc.pre(pattern !== '');
          const expression = new RegExp(
            `^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`,
          );
          expect(judge(line(pattern, ours), name).kind === 'known').toBe(expression.test(name));
        },
      ),
      {numRuns: 500},
    );
    expect(judge(line(`${'*a'.repeat(200)}b`, ours), 'a'.repeat(2000))).toEqual({kind: 'unknown', others: []});
  });
});

describe('as OpenSSH sees it', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'pgaf-known-'));
  afterAll(() => rmSync(directory, {recursive: true}));

  test('fingerprints and hashed names are those of ssh-keygen', () => {
    const file = path.join(directory, 'id');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    const [type = '', encoded = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
    const blob = Buffer.from(encoded, 'base64');
    expect(execFileSync('ssh-keygen', ['-lf', `${file}.pub`], {encoding: 'utf8'})).toContain(fingerprint(blob));
    const known = path.join(directory, 'known_hosts');
    writeFileSync(known, `vm2 ${type} ${encoded}\n[vm3]:2222 ${type} ${encoded}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', known], {stdio: 'ignore'});
    const lines = parseKnownHosts(readFileSync(known, 'utf8'), known);
    expect(lines.map(({hosts}) => hosts.slice(0, 3))).toEqual(['|1|', '|1|']);
    expect(judgeHostKey(lines, 'vm2', blob)).toEqual({kind: 'known'});
    expect(judgeHostKey(lines, '[vm3]:2222', blob)).toEqual({kind: 'known'});
    expect(judgeHostKey(lines, 'vm4', blob)).toEqual({kind: 'unknown', others: []});
  });
});
