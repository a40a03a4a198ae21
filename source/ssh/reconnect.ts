import {setImmediate} from 'node:timers/promises';
import {backOffMs} from '../cluster/back-off.ts';
import {bad, errorText, good, type Outcome, type Problem, type ProblemKind} from '../cluster/problem.ts';
import {failed, problemOf, type Sample} from '../cluster/sample.ts';
import type {HostLink} from '../cluster/snapshot.ts';
import type {SshConnection} from './connect.ts';
import type {HostEnvironment} from './host-connection.ts';
import {hostLabel} from './host-label.ts';
import type {HostSettings} from './host-settings.ts';
import {Questions} from './questions.ts';
import {SessionPool} from './session-pool.ts';

/** A connection that is up, with its sessions. */
export type Up = {connection: SshConnection; sessions: SessionPool};

/** Problems that another attempt does not cure by itself: tried now and then, without a question, so that no server bans us. */
const lasting: readonly ProblemKind[] = [
  'host-key-unknown',
  'host-key-changed',
  'host-key-revoked',
  'host-certificate',
  'authentication',
  'key-file',
  'algorithms',
];
const quickBackOff = {firstMs: 500, maxMs: 15_000};
const slowBackOff = {firstMs: 30_000, maxMs: 300_000};
/** A connection that lived shorter than this was one more failure: a server that hangs up at once is not to be hammered. */
const settledMs = 5000;

/** A host that was reached keeps its turn for so long: its handshake is what takes the time of both machines. */
const handshakeMs = 4000;

/** Connects to a host, and again whenever the connection is lost, for ever. The SSH library is loaded with the first attempt. */
export class Reconnecting {
  readonly #settings: HostSettings;
  readonly #environment: HostEnvironment;
  readonly #questions: Questions;
  readonly #over = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Set<(outcome: Outcome<Up>) => void>();
  readonly #done: Promise<void>;
  #up: Up | undefined;
  #sample: Sample<HostLink> | undefined;
  #failures = 0;
  /** The last attempt has failed, as opposed to: a connection was just lost. */
  #down: boolean = false;
  /** Ends the wait before the next attempt; undefined while none is on. */
  #wake: (() => void) | undefined;

  constructor(settings: HostSettings, environment: HostEnvironment) {
    this.#settings = settings;
    this.#environment = environment;
    this.#questions = new Questions(environment.ask);
    this.#done = this.#keep();
  }

  link(): Sample<HostLink> | undefined {
    return this.#sample;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  retryNow(): void {
    this.#questions.insist();
    this.#up?.connection.probe();
    this.#wake?.();
  }

  /**
   * The connection: at once when it is up or the last attempt has failed (with its problem), else when the attempt under way, or about to
   * begin, has ended. Aborting the signal ends the wait.
   */
  connected(signal: AbortSignal): Promise<Outcome<Up>> {
    if (this.#up !== undefined) return Promise.resolve(good(this.#up));
    const problem = problemOf(this.#sample);
    if (problem !== undefined && this.#wake !== undefined && this.#down) return Promise.resolve({ok: false, problem});
    return new Promise(resolve => {
      const give = (outcome: Outcome<Up>) => {
        signal.removeEventListener('abort', giveUp);
        this.#waiting.delete(give);
        resolve(outcome);
      };
      const giveUp = () => give({ok: false, problem: problem ?? this.#notYet()});
      signal.addEventListener('abort', giveUp);
      this.#waiting.add(give);
      if (signal.aborted) giveUp();
    });
  }

  async close(): Promise<void> {
    this.#over.abort();
    this.#listeners.clear();
    this.#wake?.();
    const up = this.#up;
    await Promise.all([up?.sessions.close(), up?.connection.close()]);
    await this.#done;
  }

  async #keep(): Promise<void> {
    await this.#environment.begin;
    while (!this.#over.signal.aborted) {
      const attempt = await this.#attempt();
      const problem = attempt.ok ? await this.#use(attempt.value) : attempt.problem;
      if (this.#over.signal.aborted) break;
      this.#down = !attempt.ok;
      if (!attempt.ok) this.#failures++;
      const isLasting = lasting.includes(problem.kind);
      if (isLasting) this.#questions.mayAsk = false;
      this.#publish(failed(this.#sample, problem, this.#environment.now(), this.#source));
      // Who waits through the first moment after a loss is served by the next attempt.
      if (!attempt.ok) this.#answer(attempt);
      await this.#pause(
        backOffMs(this.#failures + 1, this.#environment.random, isLasting ? slowBackOff : quickBackOff),
      );
    }
    this.#answer(bad('cancelled', `the connection to ${this.#settings.name} was closed here`));
  }

  async #attempt(): Promise<Outcome<SshConnection>> {
    const turn = await this.#environment.turns?.take(this.#over.signal);
    try {
      // Evaluating the SSH library takes a moment: what is drawn at the end of this turn goes first.
      await setImmediate();
      await setImmediate();
      const {connect} = await import('./connect.ts');
      return await connect(this.#settings, this.#questions, this.#over.signal, () => turn?.last(handshakeMs));
    } catch (error) {
      return bad('internal', `connecting to ${this.#settings.name} failed: ${errorText(error)}`);
    } finally {
      turn?.end();
    }
  }

  /** Serves the connection until it is lost; the reason is its result. */
  async #use(connection: SshConnection): Promise<Problem> {
    const connectedAt = this.#environment.now();
    this.#questions.mayAsk = true;
    const sessions = new SessionPool(connection, () => this.#attempt());
    this.#up = {connection, sessions};
    const publish = () => {
      const value = {connectedAt, roundTripMs: connection.roundTripMs()};
      this.#publish({value, at: this.#environment.now(), source: this.#source});
    };
    connection.onRoundTrip(publish);
    publish();
    this.#answer(good(this.#up));
    if (this.#over.signal.aborted) await connection.close();
    const problem = await connection.closed;
    this.#up = undefined;
    void sessions.close();
    this.#failures = this.#environment.now() - connectedAt >= settledMs ? 0 : this.#failures + 1;
    return problem;
  }

  #publish(sample: Sample<HostLink>): void {
    this.#sample = sample;
    for (const listener of [...this.#listeners]) listener();
  }

  #answer(outcome: Outcome<Up>): void {
    for (const give of [...this.#waiting]) give(outcome);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(() => this.#wake?.(), milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #notYet(): Problem {
    return bad('not-connected', `the connection to ${hostLabel(this.#settings)} is not up yet`, {
      remedy: 'it is being tried; wait, or answer the open question',
    }).problem;
  }

  get #source(): string {
    return `ssh ${this.#settings.name}`;
  }
}
