import {backOffMs} from '../cluster/back-off.ts';
import {good, type Outcome, type Problem} from '../cluster/problem.ts';
import {current, failed, problemOf, type Sample} from '../cluster/sample.ts';
import type {ClusterEvent, MonitorMessage, MonitorReading} from '../cluster/snapshot.ts';
import {containerRuns} from '../docker/docker.ts';
import {connectMonitor, type MonitorConnection, type MonitorOptions, type WayMemory} from './connect.ts';
import {EventCursor} from './event-cursor.ts';
import {monitorProblem} from './monitor-problem.ts';
import {type ParsedReading, parseReading} from './reading.ts';
import {eventPage, readingQuery} from './reading-query.ts';
import {WakeUp} from './wake-up.ts';

/** What one look at the monitor brought: the state, and what happened since the last look. */
export type MonitorUpdate = {
  reading: Sample<MonitorReading>;
  /** Oldest first, none twice. */
  newEvents: readonly ClusterEvent[];
  newMessages: readonly MonitorMessage[];
};

export type MonitorWatch = {
  close(): Promise<void>;
  /** Reads at once; when there is no connection, tries at once. */
  refresh(): void;
};

const periodMs = 1000;
/** Notifications come in bursts, one a node: one read answers them all. */
const burstMs = 20;
/** And while they do not end, so many times as long as a read took lies between two: a reader of many nodes is no load of its own. */
const restAfterRead = 3;
const statementTimeoutMs = 2000;

/**
 * Watches the monitor for ever: reads once a second and at each notification, one read at a time, on one connection of its own that
 * can change nothing. When the connection is lost it says why, and connects again with back-off.
 */
export function watchMonitor(options: MonitorOptions, listener: (update: MonitorUpdate) => void): MonitorWatch {
  const {clock, host} = options;
  const wake = new WakeUp();
  const memory: WayMemory = {};
  const cursor = new EventCursor();
  let messages: MonitorMessage[] = [];
  let sample: Sample<MonitorReading> | undefined;
  let where = `${host.name}:${options.port}`;
  let connection: MonitorConnection | undefined;
  let closed = false;

  const deliver = (reading: Sample<MonitorReading>, newEvents: readonly ClusterEvent[]) => {
    if (closed) return;
    sample = reading;
    const newMessages = messages;
    messages = [];
    listener({reading, newEvents, newMessages});
  };
  const fail = (problem: Problem) => deliver(failed(sample, problem, clock.now(), `monitor ${where}`), []);

  const watch = async () => {
    let failures = 0;
    while (!closed) {
      const connected = await connectMonitor(options, {readOnly: true, statementTimeoutMs}, memory);
      if (connected.ok) {
        connection = connected.value;
        where = connection.where;
        const session = await runSession(connection);
        await connection.close();
        connection = undefined;
        if (session.reads > 0) failures = 0;
        // When the host is gone, its own words say more.
        if (!closed) fail(problemOf(host.link()) ?? session.problem);
      } else {
        fail(await explained(connected.problem));
      }
      failures += 1;
      if (!closed) await wake.wait(backOffMs(failures, clock.random, {firstMs: 300, maxMs: 5000}));
    }
  };

  /** Reads until the connection is lost or a read fails. A database that is not a monitor is read again without a new connection. */
  const runSession = async (session: MonitorConnection): Promise<{reads: number; problem: Problem}> => {
    const target = {...session, host: host.name, container: options.container};
    let reads = 0;
    session.client.on('notification', message => {
      if (message.channel === 'log' && message.payload !== undefined)
        messages.push({at: clock.now(), text: message.payload});
      wake.ring();
    });
    session.client.on('notice', notice => messages.push({at: clock.now(), text: noticeText(notice)}));
    let lostCause: unknown;
    void session.lost.then(cause => {
      lostCause = cause;
      wake.ring();
    });
    try {
      await session.client.query('listen state; listen log');
      while (!closed && lostCause === undefined) {
        const startedAt = clock.now();
        wake.forget();
        const outcome = await read(session);
        // What the way there and back takes is work for nobody.
        const workMs = Math.max(0, clock.now() - startedAt - (current(host.link())?.roundTripMs ?? 0));
        if (closed) break;
        reads += 1;
        if (outcome.ok) {
          const {reading, events, full} = outcome.value;
          deliver({value: reading, at: clock.now(), source: `monitor ${where}`}, events);
          if (full) continue;
        } else {
          fail(outcome.problem);
        }
        const rang = await wake.wait(periodMs - (clock.now() - startedAt));
        if (rang && lostCause === undefined) {
          await pause(Math.max(burstMs, workMs * (1 + restAfterRead)) - (clock.now() - startedAt));
        }
      }
    } catch (error) {
      // The cause of a loss comes as an event just before or after the query's own, vaguer error.
      return {reads, problem: monitorProblem(lostCause ?? error, target)};
    }
    return {reads, problem: monitorProblem(lostCause ?? new Error('the connection was closed'), target)};
  };

  const read = async (
    session: MonitorConnection,
  ): Promise<Outcome<{reading: MonitorReading; events: ClusterEvent[]; full: boolean}>> => {
    const parsed = await readOnce(session, options.formation, cursor.from);
    if (!parsed.ok) return parsed;
    const {reading, events, lastEventId} = parsed.value;
    if (cursor.isBehind(lastEventId)) {
      cursor.reset();
      return read(session);
    }
    const full = events.length >= eventPage;
    return good({reading, events: cursor.take(events, full, clock.now()), full});
  };

  /** Why nothing listens, as docker knows it. */
  const explained = async (problem: Problem): Promise<Problem> => {
    if (problem.kind !== 'monitor-refused') return problem;
    const runs = await containerRuns(host, options.docker, options.container);
    if (runs.ok && !runs.value) {
      const remedy = `on ${host.name}: ${options.docker.join(' ')} start ${options.container}`;
      return {...problem, message: `${problem.message}: ${options.container} is not running`, remedy};
    }
    if (!runs.ok && runs.problem.kind === 'container-missing') {
      return {
        ...problem,
        message: `${problem.message}: ${runs.problem.message}`,
        ...(runs.problem.remedy === undefined ? {} : {remedy: runs.problem.remedy}),
      };
    }
    return problem;
  };

  let connectedAt = current(host.link())?.connectedAt;
  const unsubscribe = host.subscribe(() => {
    const now = current(host.link())?.connectedAt;
    if (now !== undefined && now !== connectedAt) wake.ring();
    connectedAt = now;
  });
  const finished = watch();

  return {
    async close() {
      closed = true;
      unsubscribe();
      wake.ring();
      // An attempt to connect is not waited for: it ends with its deadline, or with the host's connection.
      if (connection === undefined) return;
      await connection.close();
      await finished;
    },
    refresh: () => wake.ring(),
  };
}

/** One look, one round trip. Problems of the connection are thrown; what the answer lacks is a problem. */
async function readOnce(
  session: MonitorConnection,
  formation: string,
  afterEvent: number,
): Promise<Outcome<ParsedReading>> {
  const result = await session.client.query<{reading: unknown}>({
    name: 'pgaf_reading',
    text: readingQuery,
    values: [formation, afterEvent],
  });
  return parseReading(result.rows[0]?.reading, formation);
}

function noticeText(notice: {
  severity?: string | undefined;
  message?: string | undefined;
  detail?: string | undefined;
  hint?: string | undefined;
}): string {
  const head = [notice.severity, notice.message].filter(part => part !== undefined).join(': ');
  return [head, notice.detail, notice.hint].filter(part => part !== undefined).join(' · ');
}

function pause(milliseconds: number): Promise<void> {
  const {promise, resolve} = Promise.withResolvers<void>();
  setTimeout(resolve, Math.max(0, milliseconds));
  return promise;
}
