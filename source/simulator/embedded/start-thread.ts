import {Worker} from 'node:worker_threads';
import {bad, errorText, type Outcome} from '../../cluster/problem.ts';
import type {ClusterConfiguration} from '../../config/configuration.ts';
import {demoConfiguration} from './demo-configuration.ts';
import {writeKeys} from './key-folder.ts';
import {type FromThread, isFromThread, type Reply, type Request, type Setup, type ToThread} from './message.ts';

/** An embedded cluster in a thread of its own. */
export type EmbeddedThread = {
  /** What the console needs to find it. */
  configuration: ClusterConfiguration;
  ask(request: Exclude<Request, {ask: 'close'}>): Promise<Outcome<Reply>>;
  /** Notices, and the end of a drill. Returns the unsubscriber. */
  listen(listener: (message: FromThread) => void): () => void;
  /** Resolves with what it died of, if it does. */
  died: Promise<unknown>;
  /** Ends every server and takes the keys away. */
  close(): Promise<void>;
};

/** A thread that does not end by itself is ended after this. */
const politeMs = 2000;

/** Starts it; `program` is the file that the thread runs: thread.ts, or the bundle that has it in it. */
export async function startEmbeddedThread(program: URL, setup: Setup): Promise<EmbeddedThread> {
  const worker = new Worker(program, {workerData: setup, execArgv: [], stdin: false});
  const listeners = new Set<(message: FromThread) => void>();
  const waiting = new Map<number, (outcome: Outcome<Reply>) => void>();
  const ready = Promise.withResolvers<FromThread & {say: 'ready'}>();
  const death = Promise.withResolvers<unknown>();
  let lastId = 0;
  let ended: string | undefined;
  let closing: Promise<void> | undefined;

  worker.on('message', (message: unknown) => {
    if (!isFromThread(message)) return;
    if (message.say === 'ready') ready.resolve(message);
    else if (message.say !== 'reply') for (const listener of listeners) listener(message);
    else {
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

  const send = (request: Request) =>
    new Promise<Outcome<Reply>>(resolve => {
      if (ended !== undefined) return resolve(gone(ended));
      lastId += 1;
      waiting.set(lastId, resolve);
      const message: ToThread = {id: lastId, request};
      worker.postMessage(message);
    });

  const {hosts, userKey} = await ready.promise;
  const keys = writeKeys(userKey, hosts);
  return {
    configuration: demoConfiguration(hosts, keys),
    ask: send,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    died: death.promise,
    close() {
      closing ??= end();
      return closing;
    },
  };

  async function end(): Promise<void> {
    await Promise.race([send({ask: 'close'}), new Promise(resolve => setTimeout(resolve, politeMs).unref())]);
    await worker.terminate();
    keys.forget();
  }
}

function gone(why: string): Outcome<Reply> {
  return bad('internal', `the embedded cluster ended: ${why}`);
}
