import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import ssh2 from 'ssh2';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openPrivateKey} from '../../source/ssh/open-private-key.ts';
import {newKey, publicKey} from './sshd.ts';

describe('an encrypted key', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'pgaf-keys-'));
  });
  afterAll(() => rm(directory, {recursive: true}));

  test.each([
    ['ed25519', []],
    ['ecdsa', ['-Z', 'aes256-cbc']],
    ['rsa', ['-Z', 'aes128-ctr', '-a', '3']],
    ['ed25519', ['-Z', 'aes256-gcm@openssh.com', '-a', '2']],
    ['ecdsa', ['-m', 'PEM']],
  ])('of type %s made with %j is opened by its passphrase and by no other', async (type, more) => {
    const file = path.join(directory, [type, ...more].join('').replaceAll(/[^a-z0-9]/gi, '_'));
    await newKey(file, type, 'pässword', more);
    const content = await readFile(file);
    const opened = await openPrivateKey(content, 'pässword');
    if (!opened.ok) throw new Error(opened.problem.detail);
    expect(opened.value.isPrivateKey()).toBe(true);
    expect(opened.value.getPublicSSH().toString('base64')).toBe((await publicKey(file)).split(' ')[1]);
    const signed = opened.value.sign('data');
    const publicHalf = ssh2.utils.parseKey(await readFile(`${file}.pub`));
    if (publicHalf instanceof Error) throw publicHalf;
    expect(publicHalf.verify('data', signed)).toBe(true);
    expect(await openPrivateKey(content, 'password')).toMatchObject({ok: false, problem: {kind: 'key-file'}});
    expect(await openPrivateKey(content, '')).toMatchObject({ok: false, problem: {kind: 'key-file'}});
  });

  test('does not stop the rest of the program while it is being opened', async () => {
    const file = path.join(directory, 'slow');
    await newKey(file, 'ed25519', 'x');
    let turns = 0;
    const count = () => {
      turns++;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    const opened = await openPrivateKey(await readFile(file), 'x');
    clearImmediate(timer);
    expect(opened.ok).toBe(true);
    // Two blocks of sixteen rounds or more, each followed by a turn of the others.
    expect(turns).toBeGreaterThan(30);
  });
});
