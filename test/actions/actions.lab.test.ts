import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import type {ActionKind, Request, Situation} from '../../source/actions/action.ts';
import type {ActionRun} from '../../source/actions/action-run.ts';
import {monitorOf, nodeNamed, placeOf, postgresOf, reportsNow} from '../../source/actions/cluster-facts.ts';
import {containerRestart} from '../../source/actions/container-restart.ts';
import {containerStart} from '../../source/actions/container-start.ts';
import {containerStop} from '../../source/actions/container-stop.ts';
import {failover} from '../../source/actions/failover.ts';
import {maintenanceOff, maintenanceOn} from '../../source/actions/maintenance.ts';
import {promotion} from '../../source/actions/promotion.ts';
import {actionKind} from '../../source/actions/registry.ts';
import {reload} from '../../source/actions/reload.ts';
import {restart} from '../../source/actions/restart.ts';
import {setPriority} from '../../source/actions/set-priority.ts';
import {setQuorum} from '../../source/actions/set-quorum.ts';
import {setSyncStandbys} from '../../source/actions/set-sync-standbys.ts';
import {switchover} from '../../source/actions/switchover.ts';
import {loadCluster} from '../../source/config/load-cluster.ts';
import {isSettled} from '../lab/cluster.ts';
import {lostRows} from '../lab/lost-rows.ts';
import {movePrimary} from '../lab/move-primary.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {waitUntil} from '../lab/wait.ts';
import {type Operator, openOperator, outcomeOf} from './operator.ts';

// One cluster, one writer and one operator for the whole file: each test begins with a healthy cluster and pg_node1 as its primary.
const lab = await sharedLab();
let operator: Operator;

beforeAll(async () => {
  await fromTheBeginning();
  await waitUntil('rows are written', 30_000, () => (lab.loadProgress()?.acknowledged ?? 0) > 0);
  const cluster = await loadCluster({config: lab.configFile});
  if (!cluster.ok) throw new Error(cluster.problem.message);
  operator = await openOperator(cluster.value);
});

afterEach(async ({task}) => {
  if (task.result?.state !== 'fail') return;
  await fromTheBeginning();
});

afterAll(async () => {
  await operator.close();
  await fromTheBeginning();
  await lab.fault('load', 0);
});

async function fromTheBeginning(): Promise<void> {
  await lab.restore();
  await onMonitor('alter system reset pgautofailover.node_considered_unhealthy_timeout');
  await onMonitor('select pg_reload_conf()');
  await onMonitor("select pgautofailover.set_formation_number_sync_standbys('default', 1)");
  await lab.waitFor(isSettled, 30_000);
  await movePrimary(lab, 'pg_node1');
  await lab.fault('load', 20);
}

async function onMonitor(sql: string): Promise<void> {
  const argv = ['psql', '-Xq', '-d', 'pg_auto_failover', '-p', '6000', '-c', sql];
  const {exitCode, stderr} = await lab.dockerExec('vm3', 'pg_monitor', argv);
  if (exitCode !== 0) throw new Error(`${sql}: ${stderr}`);
}

async function done(kind: ActionKind, request: Request): Promise<ActionRun> {
  const run = await operator.act(kind, request);
  const {kind: outcome, said} = outcomeOf(run);
  expect(outcome, said).toBe('done');
  return run;
}

/** Refused for this reason, and nothing moved on the monitor. */
async function refused(kind: ActionKind, request: Request, reason: string): Promise<void> {
  const run = await operator.act(kind, request);
  expect(outcomeOf(run)).toMatchObject({kind: 'refused', said: expect.stringContaining(reason)});
  expect(run.steps.every(step => step.state === 'waiting' && step.output.length === 0)).toBe(true);
}

async function healthy(primary?: string): Promise<void> {
  const isHealthy = (now: Situation) => {
    const reading = monitorOf(now);
    const states = reading?.nodes.map(node => `${node.reportedState}/${node.assignedState}/${node.health}`).sort();
    const settled =
      states?.join(' ') === 'primary/primary/good secondary/secondary/good secondary/secondary/good' &&
      now.assessment.verdict.level === 'healthy' &&
      reading?.nodes.every(node => reportsNow(now, node)) === true;
    return settled && (primary === undefined || nodeNamed(now, primary)?.reportedState === 'primary');
  };
  await operator.sees('a healthy cluster', isHealthy, 120_000);
}

/** Resolves when rows are acknowledged again. */
async function writesGoOn(): Promise<void> {
  const before = lab.loadProgress()?.acknowledged ?? 0;
  await waitUntil('rows are acknowledged', 60_000, () => (lab.loadProgress()?.acknowledged ?? 0) > before + 5);
}

/** After so much silence, and no answer, the monitor takes a node for dead; 20 s is its own choice. */
async function considerUnhealthyAfter(seconds: number): Promise<void> {
  await onMonitor(`alter system set pgautofailover.node_considered_unhealthy_timeout = ${seconds * 1000}`);
  await onMonitor('select pg_reload_conf()');
  await operator.sees('the setting', now => monitorOf(now)?.settings.nodeConsideredUnhealthyTimeout === seconds * 1000);
}

const startOfPostgres = (node: string) => postgresOf(operator.situation(), node)?.startedAt;
const startOfContainer = (name: string) => placeOf(operator.situation(), name)?.inspected?.startedAt;

describe('each action, from the call to the outcome on the monitor', () => {
  it('settings are set and taken back, in the order of a planned outage (R54)', async () => {
    const priority = await done(setPriority, {node: 'pg_node2', value: '90'});
    expect(nodeNamed(operator.situation(), 'pg_node2')?.candidatePriority).toBe(90);
    const undo = actionKind(priority.undo?.kind ?? '');
    expect(undo).toBe(setPriority);
    await done(setPriority, priority.undo?.request ?? {});
    expect(nodeNamed(operator.situation(), 'pg_node2')?.candidatePriority).toBe(50);
    await refused(setQuorum, {node: 'pg_node3', value: 'off'}, 'lower that first');
    await done(setSyncStandbys, {value: '0'});
    await done(setQuorum, {node: 'pg_node3', value: 'off'});
    expect(monitorOf(operator.situation())?.synchronousStandbyNames).not.toContain('standby_3');
    await done(setQuorum, {node: 'pg_node3', value: 'on'});
    await done(setSyncStandbys, {value: '1'});
    await healthy('pg_node1');
  });

  it('Postgres reads its configuration again, and is restarted on a standby and on the primary', async () => {
    await done(reload, {node: 'pg_node2'});
    for (const node of ['pg_node2', 'pg_node1']) {
      const [postgres, container] = [startOfPostgres(node), startOfContainer(node)];
      await done(restart, {node});
      expect(startOfPostgres(node)).not.toBe(postgres);
      expect(startOfContainer(node)).toBe(container);
      await healthy();
    }
    await movePrimary(lab, 'pg_node1');
    await healthy('pg_node1');
  });

  it('containers are restarted: of a standby, of the monitor, of the primary (R56)', async () => {
    const standby = await done(containerRestart, {node: 'pg_node2'});
    expect(standby.withoutWritesSeconds).toBeNull();
    await healthy();
    await done(containerRestart, {node: 'pg_monitor'});
    await healthy('pg_node1');
    const timeline = nodeNamed(operator.situation(), 'pg_node1')?.timeline ?? 0;
    const primary = await done(containerRestart, {node: 'pg_node1'});
    expect(primary.transitions.map(each => each.assignedState)).toContain('draining');
    expect(nodeNamed(operator.situation(), 'pg_node1')?.timeline).toBeGreaterThan(timeline);
    await healthy();
    await movePrimary(lab, 'pg_node1');
    await healthy('pg_node1');
  });
});

describe('what is refused, and what would have been', () => {
  it('R07: a switchover with a silent quorum standby is refused; by force there is no primary until that is started', async () => {
    await done(containerStop, {node: 'pg_node3'});
    await operator.sees('it is silent', now => (nodeNamed(now, 'pg_node3')?.reportAgeSeconds ?? 0) > 6);
    await refused(switchover, {}, 'R07: quorum node pg_node3 would block the election');
    await refused(promotion, {node: 'pg_node2'}, 'R07: quorum node pg_node3 would block the election');
    await refused(failover, {}, 'R07: quorum node pg_node3 would block the election');
    await refused(containerRestart, {node: 'pg_node1'}, 'R07: quorum node pg_node3 would block the election');
    await refused(maintenanceOn, {node: 'pg_node2'}, 'enough synchronous standbys are left');
    await refused(restart, {node: 'pg_node2'}, 'R58');
    const wedged = await operator.act(switchover, {}, {force: true, leaveAfterMs: 10_000});
    expect(outcomeOf(wedged)).toMatchObject({kind: 'unknown'});
    await operator.sees('an election without end', now => nodeNamed(now, 'pg_node2')?.reportedState === 'report_lsn');
    expect(operator.situation().assessment.verdict.writable).not.toBe(true);
    // What the finding proposes.
    expect(
      operator
        .situation()
        .assessment.findings.map(finding => finding.remedy)
        .join('\n'),
    ).toContain('pg_node3');
    await done(containerStart, {node: 'pg_node3'});
    await healthy();
    await writesGoOn();
    await movePrimary(lab, 'pg_node1');
    await healthy('pg_node1');
  });

  it('R06: with a standby in maintenance nothing that elects is allowed, and no second maintenance that could block the writes', async () => {
    await done(maintenanceOn, {node: 'pg_node3'});
    await refused(switchover, {}, 'R06');
    await refused(maintenanceOn, {node: 'pg_node2'}, 'enough synchronous standbys are left');
    await done(maintenanceOff, {node: 'pg_node3'});
    await healthy('pg_node1');
  });

  it('R03: number-sync-standbys 0 too early is refused; by force the primary is stuck, which its priority set again ends (R04)', async () => {
    // Time enough to be too early.
    await considerUnhealthyAfter(120);
    await Promise.all([lab.fault('kill', 'pg_node2'), lab.fault('kill', 'pg_node3')]);
    await operator.sees('no standby streams', now => postgresOf(now, 'pg_node1')?.replication.length === 0);
    await refused(setSyncStandbys, {value: '0'}, 'R04: pg_node2 is dead or cut off, and still counted');
    await refused(setPriority, {node: 'pg_node2', value: '60'}, 'R04');
    await refused(containerStop, {node: 'pg_monitor'}, 'R19');
    const stuck = await operator.act(setSyncStandbys, {value: '0'}, {force: true, leaveAfterMs: 6000});
    expect(stuck.outcome?.kind, outcomeOf(stuck).said).toBe('unknown');
    await operator.sees(
      'stuck',
      now =>
        monitorOf(now)?.nodes[0]?.reportedState === 'apply_settings' &&
        (nodeNamed(now, 'pg_node1')?.stateAgeSeconds ?? 0) > 12,
    );
    await considerUnhealthyAfter(20);
    await operator.sees('both silent for long', now =>
      ['pg_node2', 'pg_node3'].every(node => (nodeNamed(now, node)?.reportAgeSeconds ?? 0) > 21),
    );
    await done(setPriority, {node: 'pg_node2', value: '50'});
    await writesGoOn();
    await Promise.all([lab.fault('start', 'pg_node2'), lab.fault('start', 'pg_node3')]);
    await operator.sees(
      'a primary with its standbys',
      now =>
        postgresOf(now, 'pg_node1')?.replication.length === 2 &&
        nodeNamed(now, 'pg_node1')?.reportedState === 'primary' &&
        monitorOf(now)?.nodes.every(node => node.reportedState === node.assignedState) === true &&
        ['pg_node2', 'pg_node3'].every(name => {
          const node = nodeNamed(now, name);
          return node?.reportedState === 'secondary' && node.health === 'good' && reportsNow(now, node);
        }),
      60_000,
    );
    await done(setSyncStandbys, {value: '1'});
    await healthy('pg_node1');
  });

  it('R59: a node is not restarted without the monitor; by force it comes up only when the monitor is started', async () => {
    await done(containerStop, {node: 'pg_monitor'});
    await operator.sees('the monitor away', now => monitorOf(now) === undefined);
    await refused(containerRestart, {node: 'pg_node2'}, 'R59');
    const forced = await operator.act(containerRestart, {node: 'pg_node2'}, {force: true, leaveAfterMs: 8000});
    expect(outcomeOf(forced)).toMatchObject({kind: 'unknown'});
    expect(postgresOf(operator.situation(), 'pg_node2')).toBeUndefined();
    await done(containerStart, {node: 'pg_monitor'});
    await healthy('pg_node1');
  });

  it('nothing that was acknowledged is lost, on any node', async () => {
    await lab.fault('load', 0);
    await healthy();
    for (const [host, node] of [
      ['vm1', 'pg_node1'],
      ['vm2', 'pg_node2'],
      ['vm3', 'pg_node3'],
    ] as const)
      await waitUntil(`all rows on ${node}`, 20_000, async () => (await lostRows(lab, host, node)) === 0);
  });
});
