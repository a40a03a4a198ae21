import {connect} from 'node:net';
import {expect, onTestFinished, test} from 'vitest';
import {openBlackHole} from './black-hole.ts';

test('a black hole answers nobody, and is gone when closed', async () => {
  const hole = await openBlackHole();
  onTestFinished(hole.close);
  const attempt = () =>
    new Promise<string>(resolve => {
      const socket = connect({host: hole.address, port: hole.port});
      const finish = (word: string) => {
        socket.destroy();
        resolve(word);
      };
      socket.once('connect', () => finish('connected'));
      socket.once('error', error => finish('code' in error ? String(error.code) : error.message));
      setTimeout(() => finish('silence'), 300);
    });
  expect(await Promise.all([attempt(), attempt(), attempt()])).toEqual(['silence', 'silence', 'silence']);
  await hole.close();
  expect(await attempt()).toBe('ECONNREFUSED');
});
