import {describe, expect, it} from 'vitest';
import type {ActionKind, Request, Situation} from '../../source/actions/action.ts';
import {monitorOf, nodeNamed} from '../../source/actions/cluster-facts.ts';
import {maintenanceOn} from '../../source/actions/maintenance.ts';
import {actionKind} from '../../source/actions/registry.ts';
import {setPriority} from '../../source/actions/set-priority.ts';
import {setQuorum} from '../../source/actions/set-quorum.ts';
import {setSyncStandbys} from '../../source/actions/set-sync-standbys.ts';
import {embeddedCluster} from './embedded-cluster.ts';
import {outcomeOf} from './operator.ts';

const states = (situation: Situation) =>
  monitorOf(situation)
    ?.nodes.map(node => `${node.reportedState}/${node.assignedState}`)
    .join(' ');

describe('settings on the embedded cluster', () => {
  it.each<[string, ActionKind, Request, (situation: Situation) => unknown, unknown, unknown]>([
    [
      'a priority',
      setPriority,
      {node: 'pg_node2', value: '90'},
      now => nodeNamed(now, 'pg_node2')?.candidatePriority,
      90,
      50,
    ],
    ['number-sync-standbys', setSyncStandbys, {value: '0'}, now => monitorOf(now)?.formation.numberSyncStandbys, 0, 1],
  ])('%s is applied and verified, and taken back', async (_, kind, request, read, value, old) => {
    const {operator} = await embeddedCluster();
    const run = await operator.act(kind, request);
    expect(outcomeOf(run)).toMatchObject({kind: 'done'});
    expect(read(operator.situation())).toBe(value);
    expect(run.undo?.kind).toBe(kind.id);
    const undo = actionKind(run.undo?.kind ?? '');
    const back = undo && (await operator.act(undo, run.undo?.request ?? {}));
    expect(back?.outcome?.kind).toBe('done');
    expect(read(operator.situation())).toBe(old);
  });

  it('takes a node out of the quorum and back, in the order of a planned outage (R54)', async () => {
    const {operator} = await embeddedCluster();
    const refused = await operator.act(setQuorum, {node: 'pg_node3', value: 'off'});
    expect(outcomeOf(refused)).toMatchObject({kind: 'refused', said: expect.stringContaining('nothing was changed')});
    const zero = await operator.act(setSyncStandbys, {value: '0'});
    expect(zero.outcome?.kind).toBe('done');
    const off = await operator.act(setQuorum, {node: 'pg_node3', value: 'off'});
    expect(outcomeOf(off)).toMatchObject({kind: 'done'});
    expect(monitorOf(operator.situation())?.synchronousStandbyNames).not.toContain('standby_3');
    const on = await operator.act(setQuorum, {node: 'pg_node3', value: 'on'});
    expect(on.outcome?.kind).toBe('done');
    const one = await operator.act(setSyncStandbys, {value: '1'});
    expect(one.outcome?.kind).toBe('done');
  });

  it("shows the monitor's own refusal, and what it means, when it is forced past the guard", async () => {
    const {operator} = await embeddedCluster();
    const run = await operator.act(setQuorum, {node: 'pg_node3', value: 'off'}, {force: true});
    expect(run.outcome?.kind).toBe('failed');
    expect(run.outcome?.message).toContain("can't set replication quorum to false: lower number-sync-standbys first");
  });

  it('R03: number-sync-standbys 0 is refused too early, and frees the writes in time', async () => {
    const {world, operator} = await embeddedCluster();
    world.faults.kill('pg_node2');
    world.faults.kill('pg_node3');
    await operator.sees(
      'no standby streams',
      now => now.snapshot.hosts[0]?.postgres !== undefined && streaming(now) === 0,
    );
    const early = await operator.act(setSyncStandbys, {value: '0'});
    expect(outcomeOf(early)).toMatchObject({kind: 'refused', said: expect.stringContaining('R04')});
    world.advance(30_000);
    await operator.sees(
      'both given up',
      now => states(now) === 'primary/primary secondary/catchingup secondary/catchingup',
    );
    const inTime = await operator.act(setSyncStandbys, {value: '0'});
    expect(outcomeOf(inTime)).toMatchObject({kind: 'done'});
    await operator.sees(
      'writes',
      now => now.assessment.verdict.writable === true && states(now)?.startsWith('wait_primary/wait_primary') === true,
    );
  });

  it('R04: forced too early the primary is stuck, and its present priority set again frees it', async () => {
    const {world, operator} = await embeddedCluster();
    world.faults.kill('pg_node2');
    world.faults.kill('pg_node3');
    await operator.sees('no standby streams', now => streaming(now) === 0);
    const wedge = await operator.act(setSyncStandbys, {value: '0'}, {force: true, leaveAfterMs: 1500});
    expect(outcomeOf(wedge)).toMatchObject({kind: 'unknown'});
    world.advance(30_000);
    await operator.sees(
      'stuck',
      now =>
        (nodeNamed(now, 'pg_node1')?.stateAgeSeconds ?? 0) > 25 &&
        states(now)?.startsWith('apply_settings/primary') === true,
    );
    const again = await operator.act(setPriority, {node: 'pg_node2', value: '50'});
    expect(outcomeOf(again)).toMatchObject({kind: 'done'});
    await operator.sees('writes', now => now.assessment.verdict.writable === true);
  });

  it('R08: nobody may be chosen in an election until one priority is set', async () => {
    const {world, operator} = await embeddedCluster();
    for (const node of ['pg_node1', 'pg_node2', 'pg_node3']) {
      world.monitor.call({call: 'set_node_candidate_priority', formation: 'default', node, priority: 0});
      await operator.sees(
        'applied',
        now => nodeNamed(now, node)?.candidatePriority === 0 && states(now)?.startsWith('primary/primary') === true,
      );
    }
    world.monitor.call({call: 'perform_failover', formation: 'default', group: 0});
    await operator.sees(
      'all have reported',
      now => states(now) === 'report_lsn/report_lsn report_lsn/report_lsn report_lsn/report_lsn',
    );
    const run = await operator.act(setPriority, {node: 'pg_node3', value: '50'});
    expect(outcomeOf(run)).toMatchObject({kind: 'done', said: expect.stringMatching(/pg_node3 is (wait_)?primary/)});
  });

  it('R30: a standby that is cut off goes into maintenance first, then number-sync-standbys 0 frees the writes', async () => {
    const {world, operator} = await embeddedCluster();
    world.faults.kill('pg_node3');
    world.faults.partition('vm1', 'vm2');
    await operator.sees('no standby streams', now => streaming(now) === 0);
    world.advance(20_000);
    await operator.sees('one is given up', now => nodeNamed(now, 'pg_node3')?.assignedState === 'catchingup');
    const early = await operator.act(setSyncStandbys, {value: '0'});
    expect(outcomeOf(early)).toMatchObject({
      kind: 'refused',
      said: expect.stringContaining(':maintenance on pg_node2 first (R30)'),
    });
    const out = await operator.act(maintenanceOn, {node: 'pg_node2'});
    expect(outcomeOf(out)).toMatchObject({kind: 'done'});
    const free = await operator.act(setSyncStandbys, {value: '0'});
    expect(outcomeOf(free)).toMatchObject({kind: 'done'});
    await operator.sees('writes', now => now.assessment.verdict.writable === true);
  });
});

function streaming({snapshot}: Situation): number {
  const sample = snapshot.hosts[0]?.postgres;
  return sample !== undefined && 'value' in sample ? sample.value.replication.length : Number.NaN;
}
