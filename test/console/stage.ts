import {PassThrough} from 'node:stream';
import {expect, vi} from 'vitest';
import type {ActionRun} from '../../source/actions/action-run.ts';
import {bad, good} from '../../source/cluster/problem.ts';
import type {Snapshot} from '../../source/cluster/snapshot.ts';
import type {ClusterConfiguration} from '../../source/config/configuration.ts';
import {defaultBootstrap} from '../../source/config/configuration.ts';
import type {Collector} from '../../source/console/collect.ts';
import {startConsole} from '../../source/console/console.ts';
import type {HostConnection, RemoteProcess} from '../../source/ssh/host-connection.ts';
import {at, snapshot} from '../snapshots/snapshot.ts';

/** A console on a cluster that the test moves by hand; `executed` has every command that would have run on a host. */
export function stage(options: {environment?: string; snapshot?: Snapshot; readOnly?: boolean} = {}) {
  let now = at;
  const asConfigured = (of: Snapshot): Snapshot => ({
    ...of,
    cluster: {...of.cluster, environment: options.environment, readOnly: options.readOnly === true},
  });
  let seen = asConfigured(options.snapshot ?? snapshot());
  const copied: string[] = [];
  const executed: {host: string; argv: readonly string[]}[] = [];
  const recorded: ActionRun[] = [];
  const outputs: PassThrough[] = [];
  const listeners = new Set<(urgent: boolean) => void>();
  const cluster: ClusterConfiguration = {
    name: 'orders',
    ...(options.environment === undefined ? {} : {environment: options.environment}),
    formation: 'default',
    image: 'citusdata/pg_auto_failover:15',
    readOnly: options.readOnly === true,
    actions: [],
    bootstrap: defaultBootstrap,
    hosts: [1, 2, 3].map(id => ({
      name: `vm${id}`,
      ssh: hostSettings(id),
      docker: ['docker'],
      node: {container: `pg_node${id}`, port: 5432},
    })),
  };
  const collector: Collector = {
    snapshot: () => seen,
    host: name => recordingHost(name, executed, outputs),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    settled: () => Promise.resolve(),
    retryNow: () => undefined,
    refresh: () => undefined,
    lock: () => Promise.resolve({kind: 'unknown', release: () => undefined}),
    setReadOnly(readOnly) {
      seen = {...seen, cluster: {...seen.cluster, readOnly}};
    },
    close: () => Promise.resolve(),
  };
  const running = startConsole(
    cluster,
    {
      now: () => now,
      random: () => 0.5,
      readOnly: options.readOnly === true,
      copy: text => copied.push(text),
      operator: {user: 'ann', sudoUser: undefined, machine: 'bastion', sshConnection: undefined},
      recordSession: () => good(undefined),
      record(run) {
        recorded.push(run);
        return good(undefined);
      },
    },
    () => collector,
  );
  running.armWhen(() => true);
  return {
    running,
    executed,
    copied,
    recorded,
    state: () => running.store.getState(),
    /** Resolves when so many commands have run. */
    executes: (count: number) => vi.waitFor(() => expect(executed).toHaveLength(count), {interval: 1}),
    /** A line from the commands that run. */
    async says(line: string) {
      for (const output of outputs) output.write(`${line}\n`);
      await new Promise(resolve => setImmediate(resolve));
    },
    screen: () => running.store.getState().screens.at(-1)?.name,
    /** Presses keys, each half a second after the one before. */
    press(...keys: string[]) {
      for (const key of keys) {
        now += 500;
        running.press({kind: 'key', key, text: key.length === 1 ? key : ''});
      }
    },
    pressAtOnce(key: string) {
      running.press({kind: 'key', key, text: key.length === 1 ? key : ''});
    },
    paste(text: string) {
      now += 500;
      running.press({kind: 'paste', text});
    },
    see(next: Snapshot) {
      seen = asConfigured(next);
      for (const listener of listeners) listener(true);
    },
  };
}

function hostSettings(id: number) {
  return {
    name: `vm${id}`,
    address: `10.0.0.1${id}`,
    port: 22,
    user: 'root',
    identityFiles: [],
    identitiesOnly: false,
    agentSocket: undefined,
    knownHostsFiles: [],
    jump: [],
  };
}

function recordingHost(
  name: string,
  executed: {host: string; argv: readonly string[]}[],
  outputs: PassThrough[],
): HostConnection {
  const refused = () => Promise.resolve(bad('not-connected', 'nothing is connected in this test'));
  return {
    name,
    link: () => undefined,
    subscribe: () => () => undefined,
    retryNow: () => undefined,
    run: refused,
    stream(argv) {
      executed.push({host: name, argv});
      return Promise.resolve(good(runningProcess(outputs)));
    },
    session: refused,
    forward: refused,
    close: () => Promise.resolve(),
  };
}

function runningProcess(outputs: PassThrough[]): RemoteProcess {
  const stdout = new PassThrough();
  outputs.push(stdout);
  const ended = Promise.withResolvers<{exitCode: number | null; signal: string | null}>();
  return {
    stdout,
    stderr: new PassThrough(),
    write: () => undefined,
    ended: ended.promise,
    close: () => ended.resolve({exitCode: null, signal: 'TERM'}),
  };
}
