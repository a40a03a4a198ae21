import {describe, expect, it} from 'vitest';
import type {Situation, Step} from '../../source/actions/action.ts';
import type {ActionRun} from '../../source/actions/action-run.ts';
import {openAction} from '../../source/actions/action-run.ts';
import {type ActionEdges, type RunSignals, runAction} from '../../source/actions/run-action.ts';
import {switchover as switchoverKind} from '../../source/actions/switchover.ts';
import {assess} from '../../source/cluster/assess.ts';
import {bad, good, type Outcome} from '../../source/cluster/problem.ts';
import type {Snapshot} from '../../source/cluster/snapshot.ts';
import type {KeptLock} from '../../source/monitor/kept-lock.ts';
import {
  at,
  host,
  monitorNode,
  monitorReading,
  postgresReading,
  replicationRow,
  snapshot,
  withNodes,
} from '../snapshots/snapshot.ts';

const switchover = switchoverKind.of({});

/** A cluster that a test moves by hand, and the run that watches it. */
function stage(first: Snapshot = snapshot()) {
  let now = at;
  let seen = first;
  const listeners = new Set<() => void>();
  const command = Promise.withResolvers<Outcome<{exitCode: number | null}>>();
  const executed: Step[] = [];
  const runs: ActionRun[] = [];
  const recorded: ActionRun[] = [];
  let print: (line: string) => void = () => undefined;
  let audit: Outcome<void> = good(undefined);
  let lock: KeptLock = {kind: 'unknown', release: () => undefined};
  const situation = (): Situation => ({snapshot: seen, assessment: assess(seen, now), now, docker: new Map()});
  const edges: ActionEdges = {
    execute(step, onLine) {
      executed.push(step);
      print = onLine;
      onLine('03:12:47 INFO  Listening monitor notifications');
      return command.promise;
    },
    lock: () => Promise.resolve(lock),
    record(run) {
      recorded.push(run);
      return audit;
    },
    situation,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    now: () => now,
    onChange: run => runs.push(run),
  };
  return {
    edges,
    /** The command prints it; after that it ends. */
    refuse(words: string, exitCode = 1) {
      print(words);
      command.resolve(good({exitCode}));
    },
    executed,
    listeners,
    recorded,
    /** The audit log takes no more. */
    breakAudit() {
      audit = bad('internal', 'no space left on device');
    },
    takeLock(by: string) {
      lock = {kind: 'taken', by};
    },
    situation,
    last: () => runs.at(-1),
    command,
    /** A new snapshot, so much later. */
    async see(next: Snapshot, laterMs: number) {
      now += laterMs;
      seen = refreshed(next, now);
      for (const listener of listeners) listener();
      await settled();
    },
    /** Resolves when the command runs. */
    async start(signals: RunSignals = {}) {
      const ended = runAction(openAction(switchover, situation()), switchover.identity(situation()), edges, signals);
      await settled();
      return {ended};
    },
    startConfirmedAs(identity: string) {
      return runAction(openAction(switchover, situation()), identity, edges);
    },
    startForced() {
      return runAction(openAction(switchover, situation(), true), switchover.identity(situation()), edges);
    },
  };
}

/** What is pending in this turn has happened. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

/** The same observations, made just now. */
function refreshed(of: Snapshot, now: number): Snapshot {
  const monitor = of.monitor !== undefined && 'value' in of.monitor ? {...of.monitor, at: now - 200} : of.monitor;
  const hosts = of.hosts.map(each =>
    each.postgres !== undefined && 'value' in each.postgres
      ? {...each, postgres: {...each.postgres, at: now - 200}}
      : each,
  );
  return {...of, monitor, hosts};
}

const electing = {
  ...withNodes([
    monitorNode(1, {reportedState: 'draining', assignedState: 'report_lsn', postgresRunning: false}),
    monitorNode(2, {assignedState: 'report_lsn'}),
    monitorNode(3, {assignedState: 'report_lsn'}),
  ]),
  hosts: [
    host(1, {postgres: {error: bad('postgres-down', 'Postgres is not running').problem, at, source: 'psql'}}),
    host(2),
    host(3),
  ],
};

const switched = {
  ...snapshot({
    monitor: {
      value: monitorReading([
        monitorNode(1, {reportedState: 'secondary', assignedState: 'secondary', timeline: 6}),
        monitorNode(2, {reportedState: 'primary', assignedState: 'primary', timeline: 6, replicationState: 'quorum'}),
        monitorNode(3, {timeline: 6}),
      ]),
      at,
      source: 'monitor',
    },
  }),
  hosts: [
    host(1, {postgres: {value: postgresReading(2, {timeline: 6}), at, source: 'psql'}}),
    host(2, {
      postgres: {
        value: postgresReading(1, {timeline: 6, replication: [replicationRow(1), replicationRow(3)]}),
        at,
        source: 'psql',
      },
    }),
    host(3, {postgres: {value: postgresReading(3, {timeline: 6}), at, source: 'psql'}}),
  ],
};

describe('an action from its confirmation to its outcome', () => {
  it('is done when the monitor shows it, with each node followed and the time without writes measured', async () => {
    const cluster = stage();
    const {ended} = await cluster.start();
    await cluster.see(electing, 500);
    expect(cluster.last()?.waitingFor).toContain('pg_node1: draining -> report_lsn');
    cluster.command.resolve(good({exitCode: 0}));
    await cluster.see(electing, 1000);
    await cluster.see(switched, 1000);
    const run = await ended;
    expect(run.outcome).toEqual({kind: 'done', message: 'pg_node2 is the primary on the monitor, timeline 6'});
    expect(run.transitions.filter(each => each.node === 'pg_node1').map(each => each.reportedState)).toEqual([
      'primary',
      'draining',
      'secondary',
    ]);
    expect(run.withoutWritesSeconds).toBe(1.5);
    expect(run.steps[0]).toMatchObject({
      state: 'succeeded',
      exitCode: 0,
      output: ['03:12:47 INFO  Listening monitor notifications'],
    });
    expect(cluster.listeners.size).toBe(0);
  });

  it('counts its course in seconds of an embedded cluster, which run ten times as fast as those of this machine', async () => {
    const time = {at, clock: at + 86_400_000, pace: 10, steadySince: at};
    const cluster = stage({...snapshot(), time});
    const {ended} = await cluster.start();
    await cluster.see({...electing, time}, 500);
    cluster.command.resolve(good({exitCode: 0}));
    await cluster.see({...switched, time}, 1000);
    const {startedAt = 0, endedAt = 0, transitions, withoutWritesSeconds} = await ended;
    expect((endedAt - startedAt) / 1000).toBe(15);
    expect(withoutWritesSeconds).toBe(5);
    expect(
      transitions.filter(each => each.node === 'pg_node1').map(({at: moved}) => (moved - startedAt) / 1000),
    ).toEqual([0, 5, 15]);
  });

  it('is not known when its budget of such seconds is over', async () => {
    const time = {at, clock: at, pace: 10, steadySince: at};
    const cluster = stage({...snapshot(), time});
    await cluster.start();
    await cluster.see({...electing, time}, 100 * switchover.plan(cluster.situation()).budgetSeconds + 1);
    expect(cluster.last()?.outcome?.kind).toBe('unknown');
  });

  it('follows also the states that came and went between two readings: the monitor has events of them', async () => {
    const cluster = stage();
    const {ended} = await cluster.start();
    const event = (id: number, reportedState: 'primary' | 'draining', assignedState: 'draining' | 'report_lsn') => ({
      ...{id, at, group: 0, nodeId: 1, nodeName: 'pg_node1', reportedState, assignedState, timeline: 5},
      ...{lsn: undefined, candidatePriority: 50, replicationQuorum: true, description: ''},
    });
    await cluster.see(
      {...switched, events: [event(7, 'primary', 'draining'), event(8, 'draining', 'report_lsn')]},
      500,
    );
    cluster.command.resolve(good({exitCode: 0}));
    const path = (await ended).transitions.filter(each => each.node === 'pg_node1');
    expect(path.map(each => `${each.reportedState}/${each.assignedState}`)).toEqual([
      'primary/primary',
      'primary/draining',
      'draining/report_lsn',
      'secondary/secondary',
    ]);
  });

  it('takes none of the past for its own when it begins before the monitor was heard', async () => {
    const past = {id: 6, at, group: 0, nodeId: 1, nodeName: 'pg_node1', timeline: 4, candidatePriority: 50} as const;
    const states = {reportedState: 'demoted', assignedState: 'demoted', lsn: undefined} as const;
    const unheard = {...snapshot(), monitor: undefined, events: []};
    const cluster = stage(unheard);
    const ended = cluster.startForced();
    await settled();
    const history = {...past, ...states, replicationQuorum: true, description: ''};
    await cluster.see({...snapshot(), events: [history]}, 500);
    expect(cluster.last()?.transitions.map(each => each.reportedState)).not.toContain('demoted');
    cluster.command.resolve(good({exitCode: 0}));
    await cluster.see({...switched, events: [history]}, 5000);
    await ended;
  });

  it('says nothing more once it was left, also when its command ends: another run may be the newest by then', async () => {
    const cluster = stage();
    const leave = new AbortController();
    const {ended} = await cluster.start({leave: leave.signal});
    leave.abort();
    await ended;
    const last = cluster.last();
    cluster.command.resolve(good({exitCode: 0}));
    await settled();
    expect(cluster.last()).toBe(last);
  });

  it.each(['stop', 'leave'] as const)('begins nothing when it was told to %s while it asked for the lock', async by => {
    const cluster = stage();
    const {ended} = await cluster.start({[by]: AbortSignal.abort()});
    expect((await ended).outcome).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('nothing was changed'),
    });
    expect(cluster.executed).toEqual([]);
  });

  it('lets the command end by itself before it is called done', async () => {
    const cluster = stage();
    const {ended} = await cluster.start();
    await cluster.see(electing, 500);
    await cluster.see(switched, 1000);
    expect(cluster.last()?.phase).toBe('running');
    cluster.command.resolve(good({exitCode: 0}));
    expect((await ended).steps[0]).toMatchObject({state: 'succeeded', exitCode: 0});
  });

  it('refuses, and runs nothing, when the target is not the one that was confirmed', async () => {
    const cluster = stage();
    const run = await cluster.startConfirmedAs('another primary');
    expect(run.outcome?.kind).toBe('refused');
    expect(cluster.executed).toEqual([]);
  });

  it('refuses, and runs nothing, when a check fails at the last moment', async () => {
    const cluster = stage();
    const opened = openAction(switchover, cluster.situation());
    const identity = switchover.identity(cluster.situation());
    await cluster.see(withNodes([monitorNode(1), monitorNode(2), monitorNode(3, {reportAgeSeconds: 30})]), 2000);
    const run = await runAction(opened, identity, cluster.edges);
    expect(run.outcome?.kind).toBe('refused');
    expect(run.outcome?.message).toContain('R07');
    expect(cluster.executed).toEqual([]);
  });

  it('is written down before its first step and at its end; one that was refused once', async () => {
    const cluster = stage();
    const {ended} = await cluster.start();
    expect(cluster.recorded.map(run => run.phase)).toEqual(['running']);
    expect(cluster.executed).toHaveLength(1);
    cluster.command.resolve(good({exitCode: 0}));
    await cluster.see(switched, 1000);
    await ended;
    expect(cluster.recorded.map(run => run.outcome?.kind)).toEqual([undefined, 'done']);
    const refused = stage();
    await refused.startConfirmedAs('another primary');
    expect(refused.recorded.map(run => run.outcome?.kind)).toEqual(['refused']);
  });

  it('does not begin when it cannot be written down, unless forced', async () => {
    const cluster = stage();
    cluster.breakAudit();
    const {ended} = await cluster.start();
    expect((await ended).outcome).toEqual({
      kind: 'refused',
      message: 'the audit log cannot be written: no space left on device; nothing was changed',
    });
    expect(cluster.executed).toEqual([]);
    void cluster.startForced();
    await settled();
    expect(cluster.executed).toHaveLength(1);
  });

  it('does not begin while another console acts, and says who', async () => {
    const cluster = stage();
    cluster.takeLock('ann@bastion, for 12 s');
    const {ended} = await cluster.start();
    expect((await ended).outcome?.message).toBe(
      'another console is acting on this formation: ann@bastion, for 12 s; nothing was changed',
    );
    expect(cluster.executed).toEqual([]);
    expect(cluster.recorded.map(run => run.outcome?.kind)).toEqual(['refused']);
  });

  it.each([
    ['a step is begun when it is forced past its check', undefined, 1],
    ['a step is not begun past a check that is absolute, not even forced', true, 0],
  ] as const)('%s', async (_, absolute, commands) => {
    const cluster = stage();
    const {situation, edges} = cluster;
    const plan = switchover.plan(situation());
    const failing = {id: 'x', result: 'fail', title: 'it holds', evidence: 'it does not'} as const;
    const guarded = {
      ...switchover,
      plan: () => ({
        ...plan,
        steps: plan.steps.map(step => ({...step, preflight: () => [{...failing, ...(absolute && {absolute})}]})),
      }),
    };
    const leave = new AbortController();
    const ended = runAction(openAction(guarded, situation(), true), guarded.identity(situation()), edges, {
      leave: leave.signal,
    });
    await settled();
    expect(cluster.executed).toHaveLength(commands);
    leave.abort();
    await ended;
  });

  it('that is left is not known, and begins no further step', async () => {
    const cluster = stage();
    const leave = new AbortController();
    const {situation, edges} = cluster;
    const ended = runAction(openAction(switchover, situation()), switchover.identity(situation()), edges, {
      leave: leave.signal,
    });
    await settled();
    await cluster.see(electing, 500);
    leave.abort();
    const run = await ended;
    expect(run.outcome?.kind).toBe('unknown');
    expect(run.outcome?.message).toMatch(/may still be under way.*waiting for pg_node1: draining -> report_lsn/);
    expect(cluster.listeners.size).toBe(0);
  });

  it('is unknown, not failed, when the connection is lost, and still ends as done when the monitor shows it', async () => {
    const cluster = stage();
    const {ended} = await cluster.start();
    await cluster.see(electing, 500);
    cluster.command.resolve(bad('closed', 'vm3 closed the connection'));
    await cluster.see(electing, 500);
    await cluster.see(electing, 500);
    expect(cluster.last()?.outcome?.kind).toBe('unknown');
    expect(cluster.last()?.phase).toBe('running');
    await cluster.see(switched, 1000);
    expect((await ended).outcome?.kind).toBe('done');
  });

  it('is unknown after its budget, and says what the monitor waits for', async () => {
    const cluster = stage();
    const {ended} = await cluster.start();
    await cluster.see(electing, 61_000);
    expect(cluster.last()?.outcome?.kind).toBe('unknown');
    expect(cluster.last()?.outcome?.message).toContain('report_lsn');
    await cluster.see(switched, 1000);
    // The command hangs: its last words are not waited for for ever.
    await cluster.see(switched, 3000);
    expect((await ended).outcome?.kind).toBe('done');
  });

  it('has failed at once when the monitor refused it in words that leave nothing to wait for', async () => {
    const cluster = stage();
    const {ended} = await cluster.start();
    cluster.refuse('12:00:01 ERROR Monitor ERROR: cannot perform failover: not in a stable state');
    expect((await ended).outcome).toMatchObject({kind: 'failed', message: expect.stringContaining('(R13)')});
  });

  it('has failed at once also when it was refused with the status of one that has waited for long enough, and the primary moves', async () => {
    const cluster = stage();
    const {ended} = await cluster.start();
    await cluster.see(electing, 500);
    cluster.refuse(`12:00:01 ERROR Monitor ERROR:  couldn't find the primary node in formation "default", group 0`, 6);
    expect((await ended).outcome).toMatchObject({kind: 'failed', message: expect.stringContaining('(R13)')});
  });

  it('that is to end the writes does not wait for them', async () => {
    const {situation, edges, command, ...cluster} = stage();
    const ending = {...switchover, verify: () => ({state: 'done', message: 'all stopped', endsWrites: true}) as const};
    const ended = runAction(openAction(ending, situation()), ending.identity(situation()), edges);
    await settled();
    await cluster.see(electing, 500);
    command.resolve(good({exitCode: 0}));
    expect((await ended).outcome).toEqual({kind: 'done', message: 'all stopped'});
  });

  it('has failed when the command was refused and nothing moved', async () => {
    const cluster = stage();
    const {ended} = await cluster.start();
    cluster.command.resolve(good({exitCode: 6}));
    await cluster.see(snapshot(), 1000);
    await cluster.see(snapshot(), 1000);
    await cluster.see(snapshot(), 4000);
    const run = await ended;
    expect(run.outcome?.kind).toBe('failed');
    expect(run.steps[0]?.exitCode).toBe(6);
  });
});
