import type {PseudoTtyOptions} from 'ssh2';
import {good, type Outcome, type Problem} from '../cluster/problem.ts';
import type {SshConnection} from './connect.ts';
import type {RemoteProcess, Session} from './host-connection.ts';
import {execute, sessionLimit} from './open-channel.ts';

/** sshd allows ten sessions a connection (MaxSessions); two are left to the person's own use of the same limit and to races. */
const usualLimit = 8;
/** A second connection that is not used any more is closed after this time. */
const idleMs = 30_000;

/** After this time the server may allow more again: a session that was left behind counts there until its process has ended. */
const recoveryMs = 30_000;

/** `served`: it has allowed a session before. */
type Slots = {connection: SshConnection; used: number; limit: number; served: boolean};

/**
 * The sessions of one host, over its first connection and, when that is full, a second one. What finds no place waits for one.
 */
export class SessionPool {
  readonly #connectSecond: () => Promise<Outcome<SshConnection>>;
  readonly #waiting = new Set<() => void>();
  readonly #first: Slots;
  #second: Promise<Outcome<Slots>> | undefined;
  readonly #recoveryMs: number;
  readonly #recoveries = new Set<NodeJS.Timeout>();
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(first: SshConnection, connectSecond: () => Promise<Outcome<SshConnection>>, recovery = recoveryMs) {
    this.#first = {connection: first, used: 0, limit: usualLimit, served: false};
    this.#connectSecond = connectSecond;
    this.#recoveryMs = recovery;
  }

  /** Starts a command line, on a terminal if one is asked for; waits for a free session until the signal is aborted, then says why there was none. */
  async start(
    commandLine: string,
    signal: AbortSignal,
    pty?: PseudoTtyOptions,
  ): Promise<Outcome<RemoteProcess & Session>> {
    let refusal: Problem | undefined;
    while (!signal.aborted) {
      const slots = await this.#free(signal);
      if (!slots.ok) return slots;
      if (slots.value === undefined) break;
      const started = await this.#startIn(slots.value, commandLine, signal, pty);
      if (started.ok) return good(started.process);
      if (!started.refusal.limit) return {ok: false, problem: started.refusal.problem};
      refusal = started.refusal.problem;
      if (slots.value.limit === 0) return {ok: false, problem: refusal};
    }
    return {ok: false, problem: refusal ?? sessionLimit(this.#first.connection)};
  }

  /** Closes the second connection; the first is its owner's. */
  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    for (const timer of this.#recoveries) clearTimeout(timer);
    const second = await this.#second;
    if (second?.ok === true) await second.value.connection.close();
  }

  async #startIn(slots: Slots, commandLine: string, signal: AbortSignal, pty: PseudoTtyOptions | undefined) {
    slots.used++;
    const started = await execute(slots.connection, commandLine, signal, pty);
    if (started.ok) {
      slots.served = true;
      started.channel.once('close', () => this.#release(slots));
      return started;
    }
    // So many fit, and no more; none at all when this was the first. One that has just ended may count there for a moment yet.
    if (started.refusal.limit) this.#narrow(slots, Math.max(slots.used - 1, slots.served ? 1 : 0));
    this.#release(slots);
    return started;
  }

  #narrow(slots: Slots, limit: number): void {
    slots.limit = limit;
    const timer = setTimeout(() => {
      this.#recoveries.delete(timer);
      slots.limit = usualLimit;
      this.#wakeAll();
    }, this.#recoveryMs);
    this.#recoveries.add(timer);
  }

  #release(slots: Slots): void {
    slots.used--;
    this.#wakeAll();
    if (slots !== this.#first && slots.used === 0) this.#closeWhenIdle(slots);
  }

  /** A place in one of the connections; undefined when the signal came before there was one. */
  async #free(signal: AbortSignal): Promise<Outcome<Slots | undefined>> {
    while (!signal.aborted) {
      if (this.#first.used < this.#first.limit || this.#first.limit === 0) return good(this.#first);
      this.#second ??= this.#openSecond();
      const second = await untilAborted(this.#second, signal);
      if (second === undefined) break;
      if (this.#first.used < this.#first.limit) continue;
      if (second.ok && second.value.used < second.value.limit) return second;
      await this.#placeFreed(signal);
    }
    return good(undefined);
  }

  async #openSecond(): Promise<Outcome<Slots>> {
    const connected = await this.#connectSecond();
    if (!connected.ok) {
      // Tried again with the next command that finds the first one full.
      this.#second = undefined;
      return connected;
    }
    void connected.value.closed.then(() => {
      this.#second = undefined;
      this.#wakeAll();
    });
    return good({connection: connected.value, used: 0, limit: Math.min(usualLimit, this.#first.limit), served: false});
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #placeFreed(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
      if (signal.aborted) wake();
    });
  }

  #closeWhenIdle(slots: Slots): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      if (slots.used === 0) void slots.connection.close();
    }, idleMs);
  }
}

/** The result, or undefined when the signal comes first. */
function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise(resolve => {
    const giveUp = () => resolve(undefined);
    signal.addEventListener('abort', giveUp);
    void result.then(value => {
      signal.removeEventListener('abort', giveUp);
      resolve(value);
    });
  });
}
