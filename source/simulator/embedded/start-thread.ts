import {Worker} from 'node:worker_threads';
import type {ClusterTime} from '../../cluster/cluster-time.ts';
import {bad, errorText, type Outcome} from '../../cluster/problem.ts';
import type {ClusterConfiguration} from '../../config/configuration.ts';
import {demoConfiguration} from './demo-configuration.ts';
import {clearAbandonedKeys, writeKeys} from './key-folder.ts';
import {type FromThread, isFromThread, type Reply, type Request, type Setup, type ToThread} from './message.ts';

/** An embedded cluster in a thread of its own. */
export type EmbeddedThread = {
  /** What the console needs to find it. */
  configuration: ClusterConfiguration;
  ask(request: Request): Promise<Outcome<Reply>>;
  /** Notices, and the end of a drill; the first listener also hears what was said before it. Returns the unsubscriber. */
  listen(listener: (message: FromThread) => void): () => void;
  /** Its own time; undefined before it has told it. */
  time(): ClusterTime | undefined;
  /** Resolves with what it died of, if it does. */
  died: Promise<unknown>;
  /** Ends every server and takes the keys away. */
  close(): Promise<void>;
};

/** A thread that does not end by itself is ended after this. */
const politeMs = 2000;
/** An hour at once with 300 nodes takes some seconds: after this nothing is to be hoped for. */
const patienceMs = 60_000;

/** Room for new objects: V8 would take four times as much for the short-lived ones of many nodes, and never give it back. */
const youngMegabytes = 48;

/** Starts it; rejects when that fails. `program` is the file that the thread runs: thread.ts, or the bundle that has it in it. */
export async function startEmbeddedThread(program: URL, setup: Setup): Promise<EmbeddedThread> {
  const worker = new Worker(program, {
    workerData: setup,
    execArgv: [],
    stdin: false,
    resourceLimits: {maxYoungGenerationSizeMb: youngMegabytes},
  });
  const listeners = new Set<(message: FromThread) => void>();
  const unheard: FromThread[] = [];
  const waiting = new Map<number, (outcome: Outcome<Reply>) => void>();
  const ready = Promise.withResolvers<FromThread & {say: 'ready'}>();
  const death = Promise.withResolvers<unknown>();
  let lastId = 0;
  let ended: string | undefined;
  let closing: Promise<void> | undefined;
  let time: (ClusterTime & {turns: number}) | undefined;

  worker.on('message', (message: unknown) => {
    if (!isFromThread(message)) return;
    if (message.say === 'ready') ready.resolve(message);
    else if (message.say === 'time') time = timeAfter(time, message);
    else if (message.say !== 'reply') {
      if (listeners.size === 0) unheard.push(message);
      for (const listener of listeners) listener(message);
    } else {
      waiting.get(message.id)?.(message.outcome);
      waiting.delete(message.id);
    }
  });
  const fail = (error: unknown) => {
    ended ??= errorText(error);
    for (const answer of waiting.values()) answer(gone(ended));
    waiting.clear();
    ready.reject(error);
    if (closing === undefined) death.resolve(error);
  };
  worker.on('error', fail);
  worker.on('exit', code => fail(new Error(`its thread ended with code ${code}`)));

  const send = (request: ToThread['request'], deadlineMs: number) =>
    new Promise<Outcome<Reply>>(resolve => {
      if (ended !== undefined) return resolve(gone(ended));
      lastId += 1;
      const message: ToThread = {id: lastId, request};
      const late = setTimeout(() => {
        waiting.delete(message.id);
        resolve(bad('timeout', `the embedded cluster has not answered for ${deadlineMs / 1000} s`));
      }, deadlineMs);
      waiting.set(message.id, outcome => {
        clearTimeout(late);
        resolve(outcome);
      });
      worker.postMessage(message);
    });

  clearAbandonedKeys();
  const {hosts, keys} = await whenReady();
  return {
    configuration: demoConfiguration(hosts, keys),
    ask: request => send(request, patienceMs),
    listen(listener) {
      listeners.add(listener);
      for (const message of unheard.splice(0)) listener(message);
      return () => listeners.delete(listener);
    },
    time: () => time,
    died: death.promise,
    close() {
      closing ??= end();
      return closing;
    },
  };

  async function whenReady() {
    const late = setTimeout(
      () => ready.reject(new Error(`its thread was not ready within ${patienceMs / 1000} s`)),
      patienceMs,
    );
    try {
      const {hosts, userKey} = await ready.promise;
      return {hosts, keys: writeKeys(userKey, hosts)};
    } catch (error) {
      await worker.terminate();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  async function end(): Promise<void> {
    await send({ask: 'close'}, politeMs);
    keys.forget();
    await worker.terminate();
  }
}

/** A reading that was on its way at a turn of time is of the time before it. */
const onTheWayMs = 500;

function timeAfter(
  before: (ClusterTime & {turns: number}) | undefined,
  {clock, pace, turns}: FromThread & {say: 'time'},
): ClusterTime & {turns: number} {
  const at = Date.now();
  const steadySince = before?.turns === turns ? before.steadySince : at + onTheWayMs;
  return {at, clock, pace, turns, steadySince};
}

function gone(why: string): Outcome<Reply> {
  return bad('internal', `the embedded cluster ended: ${why}`);
}
