import {chmod, mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import type {HostKeyQuestion} from '../../source/ssh/ask.ts';
import type {HostSettings} from '../../source/ssh/host-settings.ts';
import {fingerprint} from '../../source/ssh/known-hosts.ts';
import {firstResult, open, problemOfConnecting} from './hosts.ts';
import {haveSshd, newKey, publicKey, type Sshd, startSshd} from './sshd.ts';

const ready = await haveSshd();

describe.skipIf(!ready)('the host key of a server', () => {
  let sshd: Sshd;
  let directory: string;
  let knownHosts: string;
  let otherKey: string;
  beforeAll(async () => {
    sshd = await startSshd();
    await newKey(path.join(sshd.directory, 'other'), 'ed25519');
    otherKey = await publicKey(path.join(sshd.directory, 'other'));
  });
  afterAll(() => sshd.remove());
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'pgaf-known-'));
    knownHosts = path.join(directory, '.ssh', 'known_hosts');
  });
  afterEach(() => rm(directory, {recursive: true}));

  const name = () => `[127.0.0.1]:${sshd.port}`;
  const settings = (...files: string[]): HostSettings => ({...sshd.settings, knownHostsFiles: files});
  const print = (key: string) => fingerprint(Buffer.from(key.split(' ')[1] ?? '', 'base64'));
  async function known(text: string): Promise<HostSettings> {
    const file = path.join(directory, 'known');
    await writeFile(file, text);
    return settings(file);
  }

  test('that is not known is shown, asked about and, when trusted, added for the next time', async () => {
    const questions: HostKeyQuestion[] = [];
    const trustHostKey = async (question: HostKeyQuestion) => {
      questions.push(question);
      return true;
    };
    expect(await firstResult(open(settings(knownHosts), {trustHostKey}))).toBeUndefined();
    expect(questions).toEqual([
      {
        host: `vm2 (127.0.0.1:${sshd.port})`,
        keyType: 'ssh-ed25519',
        fingerprint: print(sshd.hostKeys.ed25519),
        otherKnownKeys: [],
        file: knownHosts,
      },
    ]);
    expect(await readFile(knownHosts, 'utf8')).toBe(`${name()} ${sshd.hostKeys.ed25519}\n`);
    expect((await stat(knownHosts)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(knownHosts))).mode & 0o777).toBe(0o700);
    expect(await firstResult(open(settings(knownHosts)))).toBeUndefined();
  });

  test('is added on a line of its own', async () => {
    const before = await known(`vm1 ${otherKey}`);
    expect(await firstResult(open(before, {trustHostKey: async () => true}))).toBeUndefined();
    expect(await readFile(before.knownHostsFiles[0] ?? '', 'utf8')).toBe(
      `vm1 ${otherKey}\n${name()} ${sshd.hostKeys.ed25519}\n`,
    );
  });

  test.each([
    ['refused', false],
    ['not answered', undefined],
  ])('that is not known refuses the connection when the question is %s', async (_how, answer) => {
    const problem = await problemOfConnecting(settings(knownHosts), {trustHostKey: async () => answer});
    expect(problem).toMatchObject({
      kind: 'host-key-unknown',
      message: expect.stringContaining(print(sshd.hostKeys.ed25519)),
    });
    await expect(stat(knownHosts)).rejects.toThrow('ENOENT');
  });

  test('is asked about once, for all that wait for it', async () => {
    let asked = 0;
    const trustHostKey = async () => {
      asked++;
      await new Promise(setImmediate);
      return true;
    };
    const results = [1, 2, 3].map(() => firstResult(open(settings(knownHosts), {trustHostKey})));
    expect(await Promise.all(results)).toEqual([undefined, undefined, undefined]);
    expect(asked).toBe(1);
  });

  test('that has changed is refused without a question; both fingerprints and the line are told', async () => {
    const changed = await known(`# mine\n${name()} ${otherKey}\n`);
    const problem = await problemOfConnecting(changed, {trustHostKey: () => Promise.reject(new Error('asked'))});
    expect(problem.kind).toBe('host-key-changed');
    expect(problem.message).toContain(print(otherKey));
    expect(problem.message).toContain(print(sshd.hostKeys.ed25519));
    expect(problem.brief).toBe(
      `host key changed: known ${print(otherKey).slice(0, 15)}…, offered ${print(sshd.hostKeys.ed25519).slice(7, 15)}…`,
    );
    expect(problem.remedy).toContain(`${changed.knownHostsFiles[0]}:2`);
    expect(problem.remedy).toContain(`ssh-keygen -f ${changed.knownHostsFiles[0]} -R '${name()}'`);
  });

  test('that is revoked is refused', async () => {
    const revoked = await known(`${name()} ${sshd.hostKeys.ed25519}\n@revoked * ${sshd.hostKeys.ed25519}\n`);
    expect(await problemOfConnecting(revoked, {trustHostKey: async () => true})).toMatchObject({
      kind: 'host-key-revoked',
    });
  });

  test('that only a certificate authority vouches for is refused clearly', async () => {
    const authority = await known(`@cert-authority * ${otherKey}\n`);
    const problem = await problemOfConnecting(authority, {trustHostKey: async () => true});
    expect(problem).toMatchObject({kind: 'host-certificate', message: expect.stringContaining('certificate')});
  });

  test('is asked for in the type that is known', async () => {
    expect(await firstResult(open(await known(`${name()} ${sshd.hostKeys.ecdsa}\n`)))).toBeUndefined();
  });

  test('may be known in a further file; the first one need not exist', async () => {
    const global = await known(`${name()} ${sshd.hostKeys.ed25519}\n`);
    expect(await firstResult(open(settings(knownHosts, ...global.knownHostsFiles)))).toBeUndefined();
  });

  test('may be known by an alias', async () => {
    const alias = await known(`bastion ${sshd.hostKeys.ed25519}\n`);
    expect(await firstResult(open({...alias, hostKeyAlias: 'bastion'}))).toBeUndefined();
  });

  test('is refused when a file can not be read: it might forbid the key', async () => {
    const trusting = await known(`${name()} ${sshd.hostKeys.ed25519}\n`);
    // A folder can not be read by root, either.
    const problem = await problemOfConnecting(settings(directory, ...trusting.knownHostsFiles), {
      trustHostKey: async () => true,
    });
    expect(problem).toMatchObject({
      kind: 'host-key-unknown',
      message: expect.stringContaining(`${directory} can not be read`),
    });
  });

  test('is remembered for this run where no file takes it', async () => {
    const questions: HostKeyQuestion[] = [];
    const trustHostKey = async (question: HostKeyQuestion) => {
      questions.push(question);
      return true;
    };
    const nowhere = settings(path.join(directory, 'file', 'known_hosts'));
    await writeFile(path.join(directory, 'file'), '');
    await chmod(path.join(directory, 'file'), 0o400);
    expect(await firstResult(open(nowhere, {trustHostKey}))).toBeUndefined();
    expect(await firstResult(open(nowhere, {trustHostKey}))).toBeUndefined();
    expect(questions).toHaveLength(1);
  });

  test('of a type that HostKeyAlgorithms does not allow is not accepted', async () => {
    const problem = await problemOfConnecting({...sshd.settings, hostKeyAlgorithms: ['rsa-sha2-512']});
    expect(problem).toMatchObject({kind: 'algorithms', message: expect.stringContaining('host key format')});
  });
});
