import {afterEach} from 'vitest';
import type {Problem} from '../../source/cluster/problem.ts';
import {problemOf} from '../../source/cluster/sample.ts';
import {type Ask, askNobody} from '../../source/ssh/ask.ts';
import {type HostConnection, openHost} from '../../source/ssh/host-connection.ts';
import type {HostSettings} from '../../source/ssh/host-settings.ts';

const opened: {close(): Promise<unknown>}[] = [];

/** Closed after the test, last one first, whatever happens. */
export function closeAfterTest<T extends {close(): Promise<unknown>}>(thing: T): T {
  opened.push(thing);
  return thing;
}

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

/** Opens a host as the console does; closed after the test. Not answered questions stay unanswered. */
export function open(settings: HostSettings, ask: Partial<Ask> = {}): HostConnection {
  return closeAfterTest(openHost(settings, {ask: {...askNobody, ...ask}, now: Date.now, random: () => 0.5}));
}

/** Waits for the first result of connecting; the problem, or undefined when the host is connected. */
export async function firstResult(host: HostConnection): Promise<Problem | undefined> {
  while (host.link() === undefined) await change(host);
  return problemOf(host.link());
}

/** The problem that a host which can not be reached shows; fails when it is connected. */
export async function problemOfConnecting(settings: HostSettings, ask: Partial<Ask> = {}): Promise<Problem> {
  const problem = await firstResult(open(settings, ask));
  if (problem === undefined) throw new Error('it is connected');
  return problem;
}

/** Resolves at the next change of the link. */
export function change(host: HostConnection): Promise<void> {
  return new Promise(resolve => {
    const unsubscribe = host.subscribe(() => {
      unsubscribe();
      resolve();
    });
  });
}
