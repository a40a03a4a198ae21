import {expect, test} from 'vitest';
import type {FormationLock} from '../../source/monitor/formation-lock.ts';
import {keepLock} from '../../source/monitor/kept-lock.ts';

/** A lock that a test takes away and gives, and what is made of it. */
function stage(...answers: readonly ('held' | 'taken' | 'unknown')[]) {
  const left = [...answers];
  const connections: PromiseWithResolvers<unknown>[] = [];
  const waiting: (() => void)[] = [];
  const told: string[] = [];
  let held = 0;
  const take = async (): Promise<FormationLock> => {
    const kind = left.shift() ?? 'unknown';
    if (kind === 'taken') return {kind, by: 'ann@bastion, for 12 s'};
    if (kind === 'unknown') return {kind};
    const connection = Promise.withResolvers<unknown>();
    connections.push(connection);
    held += 1;
    connection.promise.then(() => {
      held -= 1;
    });
    return {kind, lost: connection.promise, release: () => connection.resolve('released')};
  };
  return {
    told,
    held: () => held,
    asked: () => answers.length - left.length,
    keep: () =>
      keepLock(
        take,
        () => new Promise(resolve => waiting.push(resolve)),
        by => told.push(by),
      ),
    async lose() {
      connections.at(-1)?.resolve(new Error('the connection was closed'));
      await turn();
    },
    async monitorSpeaks() {
      for (const resolve of waiting.splice(0)) resolve();
      await turn();
    },
  };
}

/** What is pending in this turn has happened. */
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

test('a lock that is lost with its connection is taken again when the monitor speaks, until it is released', async () => {
  const cluster = stage('held', 'unknown', 'held');
  const lock = await cluster.keep();
  if (lock.kind === 'taken') throw new Error('it is taken');
  expect(cluster.held()).toBe(1);
  await cluster.lose();
  expect([cluster.held(), cluster.asked()]).toEqual([0, 1]);
  await cluster.monitorSpeaks();
  expect([cluster.held(), cluster.asked()]).toEqual([0, 2]);
  await cluster.monitorSpeaks();
  expect(cluster.held()).toBe(1);
  lock.release();
  await turn();
  expect(cluster.held()).toBe(0);
  await cluster.monitorSpeaks();
  expect(cluster.asked()).toBe(3);
});

test('one for which the monitor could not be asked is taken when it has come up', async () => {
  const cluster = stage('unknown', 'held');
  expect((await cluster.keep()).kind).toBe('unknown');
  await cluster.monitorSpeaks();
  expect(cluster.held()).toBe(1);
});

test('who has it in the meantime is told once, and it is taken after them', async () => {
  const cluster = stage('unknown', 'taken', 'taken', 'held');
  await cluster.keep();
  for (let spoken = 0; spoken < 3; spoken++) await cluster.monitorSpeaks();
  expect(cluster.told).toEqual(['ann@bastion, for 12 s']);
  expect(cluster.held()).toBe(1);
});

test('one that is taken from the beginning is not asked for again', async () => {
  const cluster = stage('taken', 'held');
  expect(await cluster.keep()).toEqual({kind: 'taken', by: 'ann@bastion, for 12 s'});
  await cluster.monitorSpeaks();
  expect([cluster.asked(), cluster.told]).toEqual([1, []]);
});
