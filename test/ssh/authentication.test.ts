import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import type {AuthContext} from 'ssh2';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {InteractiveQuestion} from '../../source/ssh/ask.ts';
import type {HostSettings} from '../../source/ssh/host-settings.ts';
import {change, closeAfterTest, firstResult, open, problemOfConnecting} from './hosts.ts';
import {startServer} from './ssh-server.ts';
import {authorize, haveSshd, newKey, type Sshd, startSshd} from './sshd.ts';
import {until} from './until.ts';

const ready = await haveSshd();
const execute = promisify(execFile);
let keyNumber = 0;

describe.skipIf(!ready)('keys', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.remove());

  async function key(type = 'ed25519', passphrase = '', more: string[] = []): Promise<string> {
    const file = path.join(sshd.directory, `id_${++keyNumber}`);
    await newKey(file, type, passphrase, more);
    return file;
  }
  const using = (...identityFiles: string[]): HostSettings => ({...sshd.settings, identityFiles});

  test.each(['ed25519', 'ecdsa', 'rsa'])('of type %s let in', async type => {
    const file = await key(type);
    await authorize(sshd, file);
    expect(await firstResult(open(using(file)))).toBeUndefined();
  });

  test('are offered one after the other until one fits', async () => {
    expect(await firstResult(open(using(await key(), await key(), sshd.userKey)))).toBeUndefined();
  });

  test('that the server does not know are named, with what it accepts', async () => {
    const wrong = await key();
    const problem = await problemOfConnecting(using(wrong));
    expect(problem).toMatchObject({kind: 'authentication', remedy: expect.stringContaining('authorized_keys')});
    expect(problem.message).toContain(`does not let ${sshd.settings.user} in`);
    expect(problem.message).toContain(wrong);
    expect(problem.message).toContain('SHA256:');
    expect(problem.message).toContain('accepts publickey');
  });

  test('are offered in small numbers, so that the server does not hang up', async () => {
    const many = await Promise.all(Array.from({length: 8}, () => key()));
    const own = await startSshd();
    closeAfterTest({close: () => own.remove()});
    const problem = await problemOfConnecting({...own.settings, identityFiles: many});
    expect(problem).toMatchObject({kind: 'authentication', detail: expect.stringContaining(many[7] ?? '')});
    // Its words about a connection come after the end of it.
    await until(() => /(Connection closed|Disconnect\w+).* authenticating user/.test(own.log()));
    expect(own.log()).not.toContain('Too many authentication failures');
  });

  test('leave room for a password: after them nothing is tried that the server does not accept', async () => {
    const methods: string[] = [];
    const server = closeAfterTest(
      await startServer(context => {
        methods.push(context.method);
        if (context.method === 'password' && context.password === 'correct horse') context.accept();
        else context.reject(['publickey', 'password']);
      }),
    );
    const identityFiles = await Promise.all(Array.from({length: 5}, () => key()));
    const password = async () => 'correct horse';
    expect(await firstResult(open({...server.settings, identityFiles}, {password}))).toBeUndefined();
    expect(methods).toEqual(['none', ...identityFiles.map(() => 'publickey'), 'password']);
  });

  test('that are missing or no keys are said to be so', async () => {
    const text = path.join(sshd.directory, 'text');
    await writeFile(text, 'hello\n');
    const problem = await problemOfConnecting(using('/nowhere/id', text));
    expect(problem).toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining('there was nothing to offer'),
    });
    expect(problem.remedy).toContain('/nowhere/id does not exist');
    expect(problem.remedy).toContain(`${text} is no key`);
  });

  test.each([
    ['OpenSSH', []],
    ['PEM', ['-m', 'PEM']],
  ])('in the %s format that are encrypted ask for their passphrase, once for all hosts', async (_format, more) => {
    const file = await key('rsa', 'open sesame', more);
    await authorize(sshd, file);
    const asked: [string, boolean][] = [];
    const passphrase = async (name: string, again: boolean) => {
      asked.push([name, again]);
      return 'open sesame';
    };
    const results = [1, 2, 3].map(() => firstResult(open(using(file), {passphrase})));
    expect(await Promise.all(results)).toEqual([undefined, undefined, undefined]);
    expect(asked).toEqual([[file, false]]);
  });

  test('that are encrypted and not wanted by the server ask for nothing', async () => {
    const encrypted = await key('ed25519', 'secret');
    const passphrase = () => Promise.reject(new Error('asked'));
    expect(await firstResult(open(using(encrypted, sshd.userKey), {passphrase}))).toBeUndefined();
  });

  test('ask again after a wrong passphrase', async () => {
    const file = await key('ed25519', 'right');
    await authorize(sshd, file);
    const answers = ['wrong', 'right'];
    const asked: boolean[] = [];
    const passphrase = async (_name: string, again: boolean) => {
      asked.push(again);
      return answers.shift();
    };
    expect(await firstResult(open(using(file), {passphrase}))).toBeUndefined();
    expect(asked).toEqual([false, true]);
  });

  test('say what is the matter when no passphrase opens them', async () => {
    const file = await key('ed25519', 'right');
    await authorize(sshd, file);
    const problem = await problemOfConnecting(using(file), {passphrase: async () => 'wrong'});
    expect(problem).toMatchObject({
      kind: 'key-file',
      message: expect.stringContaining(`none of the passphrases given opens the key ${file}`),
    });
  });

  test('say so when nobody gives the passphrase, and ask again only when a person wants to', async () => {
    const file = await key('ed25519', 'right');
    await authorize(sshd, file);
    let answer: string | undefined;
    let asked = 0;
    const passphrase = async () => {
      asked++;
      return answer;
    };
    const host = open(using(file), {passphrase});
    expect(await firstResult(host)).toMatchObject({
      kind: 'key-file',
      remedy: expect.stringContaining(`ssh-add ${file}`),
    });
    expect(await problemOfConnecting(using(file), {passphrase})).toMatchObject({kind: 'key-file'});
    expect(asked).toBe(1);
    answer = 'right';
    host.retryNow();
    await change(host);
    expect(host.link()).toHaveProperty('value');
    expect(asked).toBe(2);
  });

  test('of an agent let in; with IdentitiesOnly only those that are named', async () => {
    const agent = await startAgent();
    const held = await key();
    await authorize(sshd, held);
    await execute('ssh-add', ['-q', held], {env: {...process.env, SSH_AUTH_SOCK: agent.socket}});
    const withAgent = {...sshd.settings, identityFiles: [], agentSocket: agent.socket};
    expect(await firstResult(open({...withAgent, identitiesOnly: false}))).toBeUndefined();
    expect(await problemOfConnecting({...withAgent, identitiesOnly: true})).toMatchObject({kind: 'authentication'});
    // The public half is enough to name it.
    await rm(held);
    expect(await firstResult(open({...withAgent, identitiesOnly: true, identityFiles: [held]}))).toBeUndefined();
  });

  test('of the agent come before the files, and an agent that is gone is no obstacle', async () => {
    const gone = {...sshd.settings, agentSocket: path.join(sshd.directory, 'no-agent'), identitiesOnly: false};
    expect(await firstResult(open(gone))).toBeUndefined();
    expect(await problemOfConnecting({...gone, identityFiles: []})).toMatchObject({
      kind: 'authentication',
      detail: expect.stringContaining('agent at'),
    });
  });
});

describe('passwords and prompts', () => {
  const only = (method: AuthContext['method'], accept: (context: AuthContext) => boolean) => (context: AuthContext) => {
    if (accept(context)) context.accept();
    else context.reject([method]);
  };
  const opensWith = (password: string) =>
    only('password', context => context.method === 'password' && context.password === password);

  test('a password is asked for, and not again for the next connection', async () => {
    const server = closeAfterTest(await startServer(opensWith('correct horse')));
    const asked: unknown[] = [];
    const password = async (...question: unknown[]) => {
      asked.push(question);
      return 'correct horse';
    };
    expect(await firstResult(open(server.settings, {password}))).toBeUndefined();
    expect(await firstResult(open(server.settings, {password}))).toBeUndefined();
    expect(asked).toEqual([['operator', `vm2 (127.0.0.1:${server.settings.port})`, false]]);
  });

  test('a wrong password is asked for again, three times in all, and then said to be refused', async () => {
    const server = closeAfterTest(await startServer(opensWith('correct horse')));
    const asked: boolean[] = [];
    const password = async (_user: string, _host: string, again: boolean) => {
      asked.push(again);
      return 'wrong';
    };
    const host = open(server.settings, {password});
    expect(await firstResult(host)).toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining('tried password (refused); the server accepts password'),
    });
    expect(asked).toEqual([false, true, true]);
    expect(server.connections()).toBe(1);
  });

  test('nobody there to answer: no password is tried', async () => {
    const server = closeAfterTest(await startServer(opensWith('correct horse')));
    expect(await problemOfConnecting(server.settings)).toMatchObject({
      kind: 'authentication',
      remedy: expect.stringContaining('answer'),
    });
    expect(server.tried).toEqual(['none']);
  });

  test('nobody there to answer: a server that asks gets no wrong number of answers, at which sshd would hang up', async () => {
    let answered = 0;
    const server = closeAfterTest(
      await startServer(context => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{prompt: 'Password: ', echo: false}], () => {
          answered += 1;
          context.reject(['keyboard-interactive']);
        });
      }),
    );
    expect(await problemOfConnecting(server.settings)).toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining('keyboard-interactive (not answered)'),
      remedy: expect.stringContaining('answer'),
    });
    expect(answered).toBe(0);
  });

  test('questions of the server reach the person without control sequences', async () => {
    const server = closeAfterTest(
      await startServer(context => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt(
          [
            {prompt: 'Code\u001b[2J: ', echo: true},
            {prompt: 'PIN: ', echo: false},
          ],
          'Second factor',
          'Look at\nyour token\u0007',
          answers => {
            if (answers[0] === '123' && answers[1] === '456') context.accept();
            else context.reject(['keyboard-interactive']);
          },
        );
      }),
    );
    const questions: InteractiveQuestion[] = [];
    const keyboardInteractive = async (question: InteractiveQuestion) => {
      questions.push(question);
      return ['123', '456'];
    };
    expect(await firstResult(open(server.settings, {keyboardInteractive}))).toBeUndefined();
    expect(questions).toEqual([
      {
        user: 'operator',
        host: `vm2 (127.0.0.1:${server.settings.port})`,
        title: 'Second factor',
        instructions: 'Look at\nyour token',
        prompts: [
          {text: 'Code:', echo: true},
          {text: 'PIN:', echo: false},
        ],
      },
    ]);
  });

  test('a password that the server asks for as a prompt is remembered as well', async () => {
    const server = closeAfterTest(
      await startServer(context => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{prompt: 'Password: ', echo: false}], answers =>
          answers[0] === 'correct horse' ? context.accept() : context.reject(['keyboard-interactive']),
        );
      }),
    );
    let asked = 0;
    const password = async () => {
      asked++;
      return 'correct horse';
    };
    expect(await firstResult(open(server.settings, {password}))).toBeUndefined();
    expect(await firstResult(open(server.settings, {password}))).toBeUndefined();
    expect(asked).toBe(1);
  });

  test('a second factor after a key is asked for', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'pgaf-factor-'));
    closeAfterTest({close: () => rm(directory, {recursive: true})});
    const file = path.join(directory, 'id');
    await newKey(file, 'ed25519');
    let keyAccepted = false;
    const server = closeAfterTest(
      await startServer(context => {
        if (context.method === 'publickey') {
          // Without a signature it is only the question whether the key would do.
          if (context.signature === undefined) return context.accept();
          keyAccepted = true;
          return context.reject(['keyboard-interactive'], true);
        }
        if (context.method !== 'keyboard-interactive' || !keyAccepted) return context.reject(['publickey']);
        context.prompt([{prompt: 'Code: ', echo: true}], answers =>
          answers[0] === '123' ? context.accept() : context.reject(['keyboard-interactive']),
        );
      }),
    );
    const keyboardInteractive = async () => ['123'];
    expect(await firstResult(open({...server.settings, identityFiles: [file]}, {keyboardInteractive}))).toBeUndefined();
  });

  test('questions of several hosts come one after the other', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => startServer(opensWith('correct horse'))));
    for (const server of servers) closeAfterTest(server);
    let open_ = 0;
    let most = 0;
    const password = async () => {
      most = Math.max(most, ++open_);
      await new Promise(setImmediate);
      open_--;
      return 'correct horse';
    };
    const results = servers.map(server => firstResult(open(server.settings, {password})));
    expect(await Promise.all(results)).toEqual([undefined, undefined, undefined]);
    expect(most).toBe(1);
  });
});

async function startAgent(): Promise<{socket: string}> {
  const directory = await mkdtemp(path.join(tmpdir(), 'pgaf-agent-'));
  const socket = path.join(directory, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], {stdio: ['ignore', 'pipe', 'inherit']});
  closeAfterTest({
    async close() {
      const ended = once(agent, 'close');
      agent.kill();
      await ended;
      await rm(directory, {recursive: true});
    },
  });
  await once(agent.stdout, 'data');
  return {socket};
}
