import {expect, test} from 'vitest';
import {askNobody} from '../../source/ssh/ask.ts';
import {printable} from '../../source/ssh/printable.ts';
import {Questions, whenAlone} from '../../source/ssh/questions.ts';

test('after a failed attempt nothing is asked until a person wants to be', async () => {
  const questions = new Questions({
    ...askNobody,
    password: async () => 'secret',
    passphrase: async () => 'open',
    trustHostKey: async () => true,
  });
  const key = {host: 'vm2', keyType: 'ssh-ed25519', fingerprint: 'SHA256:x', otherKnownKeys: [], file: undefined};
  questions.mayAsk = false;
  expect(await questions.password('root', 'vm2', false)).toBeUndefined();
  expect(await questions.passphrase('/key', false)).toBeUndefined();
  expect(
    await questions.keyboardInteractive({user: 'root', host: 'vm2', title: '', instructions: '', prompts: []}),
  ).toBeUndefined();
  expect(await questions.trustHostKey(key)).toBe(false);
  questions.insist();
  expect(await questions.password('root', 'vm2', false)).toBe('secret');
  expect(await questions.passphrase('/key', false)).toBe('open');
  expect(await questions.trustHostKey(key)).toBe(true);
});

test('a question that fails does not keep the next one from being asked', async () => {
  const first = whenAlone(() => Promise.reject(new Error('no terminal')));
  const second = whenAlone(() => Promise.resolve('asked'));
  await expect(first).rejects.toThrow('no terminal');
  expect(await second).toBe('asked');
});

test('words of a server can not move the cursor or hide', () => {
  expect(printable('a\u001b[2J\u001b]0;title\u0007b\u009b31mc\r\nd\u202ee')).toBe('ab 31mc d e');
  expect(printable('two\r\nlines\u0000\n', true)).toBe('two\nlines');
  expect(printable('x'.repeat(10_000))).toHaveLength(2000);
});
