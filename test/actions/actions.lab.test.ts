import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import type {Situation} from '../../source/actions/action.ts';
import {
  isPrimaryLike,
  monitorOf,
  nodeNamed,
  placeOf,
  postgresOf,
  reportsNow,
} from '../../source/actions/cluster-facts.ts';
import {containerRestart} from '../../source/actions/container-restart.ts';
import {containerStart} from '../../source/actions/container-start.ts';
import {containerStop} from '../../source/actions/container-stop.ts';
import {failover} from '../../source/actions/failover.ts';
import {maintenanceOff, maintenanceOn} from '../../source/actions/maintenance.ts';
import {promotion} from '../../source/actions/promotion.ts';
import {reload} from '../../source/actions/reload.ts';
import {restart} from '../../source/actions/restart.ts';
import {setPriority} from '../../source/actions/set-priority.ts';
import {setQuorum} from '../../source/actions/set-quorum.ts';
import {setSyncStandbys} from '../../source/actions/set-sync-standbys.ts';
import {switchover} from '../../source/actions/switchover.ts';
import {loadCluster} from '../../source/config/load-cluster.ts';
import {isSettled} from '../lab/cluster.ts';
import {lostRows} from '../lab/lost-rows.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {waitUntil} from '../lab/wait.ts';
import {isHealthy as showsHealthy} from '../robot/cluster-table.ts';
import {pictures} from '../robot/robot.ts';
import {doneInActionsTest} from './done-on-lab.ts';
import {type Hands, openHands} from './hands.ts';
import {whileItOnlyRuns} from './only-run.ts';
import {type Operator, openOperator} from './operator.ts';

// One cluster, one writer and one console for the whole file: each test begins with a healthy cluster, whichever node is the primary.
const lab = await sharedLab();
/** Sees what a console sees, and does nothing. */
let observer: Pick<Operator, 'situation' | 'sees' | 'close'>;
let hands: Hands;

beforeAll(async () => {
  await fromTheBeginning();
  await waitUntil('rows are written', 30_000, () => (lab.loadProgress()?.acknowledged ?? 0) > 0);
  const cluster = await loadCluster({config: lab.configFile});
  if (!cluster.ok) throw new Error(cluster.problem.message);
  [observer, hands] = await Promise.all([openOperator(cluster.value), openHands(lab)]);
});

afterEach(async ({task}) => {
  if (task.result?.state !== 'fail') return;
  console.error(pictures());
  await hands.close();
  await fromTheBeginning();
  hands = await openHands(lab);
});

afterAll(async () => {
  await Promise.all([observer.close(), hands.close()]);
  await fromTheBeginning();
  await lab.fault('load', 0);
});

async function fromTheBeginning(): Promise<void> {
  await lab.restore();
  await onMonitor('alter system reset pgautofailover.node_considered_unhealthy_timeout');
  await onMonitor('select pg_reload_conf()');
  await onMonitor("select pgautofailover.set_formation_number_sync_standbys('default', 1)");
  await lab.waitFor(isSettled, 30_000);
  await lab.fault('load', 20);
}

async function onMonitor(sql: string): Promise<void> {
  const argv = ['psql', '-Xq', '-d', 'pg_auto_failover', '-p', '6000', '-c', sql];
  const {exitCode, stderr} = await lab.dockerExec('vm3', 'pg_monitor', argv);
  if (exitCode !== 0) throw new Error(`${sql}: ${stderr}`);
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
  await observer.sees('a healthy cluster', isHealthy, 120_000);
}

/** Resolves when rows are acknowledged again. */
async function writesGoOn(): Promise<void> {
  const before = lab.loadProgress()?.acknowledged ?? 0;
  await waitUntil('rows are acknowledged', 60_000, () => (lab.loadProgress()?.acknowledged ?? 0) > before + 5);
}

/** After so much silence, and no answer, the monitor takes a node for dead; its own choice is 20 s. */
async function considerUnhealthyAfter(seconds: number): Promise<void> {
  await onMonitor(`alter system set pgautofailover.node_considered_unhealthy_timeout = ${seconds * 1000}`);
  await onMonitor('select pg_reload_conf()');
  await observer.sees('the setting', now => monitorOf(now)?.settings.nodeConsideredUnhealthyTimeout === seconds * 1000);
}

const outcomeOnScreen = /✔ done after|✖ failed/;
const startOfPostgres = (node: string) => postgresOf(observer.situation(), node)?.startedAt;
const startOfContainer = (name: string) => placeOf(observer.situation(), name)?.inspected?.startedAt;

/** Who the primary is now, and the two others. */
function roles(): {primary: string; standby: string; other: string} {
  const nodes = monitorOf(observer.situation())?.nodes ?? [];
  const [standby, other] = nodes.filter(node => node.reportedState === 'secondary');
  const primary = nodes.find(node => node.reportedState === 'primary');
  if (primary === undefined || standby === undefined || other === undefined)
    throw new Error('the cluster is not at rest');
  return {primary: primary.name, standby: standby.name, other: other.name};
}

describe('each action, from keypress or command to the outcome on the monitor', () => {
  it('settings are set and taken back, in the order of a planned outage (R54)', async () => {
    const {keys, command} = hands;
    const {primary, standby, other} = roles();
    await keys.done(setPriority, {node: standby, value: '90'});
    expect(nodeNamed(observer.situation(), standby)?.candidatePriority).toBe(90);
    await keys.takenBack(setPriority);
    expect(nodeNamed(observer.situation(), standby)?.candidatePriority).toBe(50);
    await command.refused(setQuorum, {node: other, value: 'off'}, 'lower that first');
    await keys.forced(setQuorum, {node: other, value: 'off'});
    await keys.failed("can't set replication quorum to false");
    await keys.done(setSyncStandbys, {value: '0'});
    await command.done(setQuorum, {node: other, value: 'off'});
    const {id} = nodeNamed(observer.situation(), other) ?? {};
    expect(monitorOf(observer.situation())?.synchronousStandbyNames).not.toContain(`standby_${id}`);
    await keys.done(setQuorum, {node: other, value: 'on'});
    await command.done(setSyncStandbys, {value: '1'});
    await healthy(primary);
  });

  it('the primary is moved by switchover, promotion and failover', async () => {
    const {keys, command} = hands;
    for (const [way, kind] of [
      [keys, switchover],
      [command, promotion],
      [keys, failover],
      [command, switchover],
      [keys, promotion],
      [command, failover],
    ] as const) {
      const {primary, standby} = roles();
      const said = await way.done(kind, kind === promotion ? {node: standby} : {});
      await healthy(kind === promotion ? standby : undefined);
      expect(roles().primary).not.toBe(primary);
      expect(said).toContain(`${roles().primary} is the primary on the monitor`);
    }
  });

  it('a node with candidate priority 0 is not promoted; by force it is, since the monitor asks only for its state', async () => {
    const {keys, command} = hands;
    const {standby} = roles();
    await command.done(setPriority, {node: standby, value: '0'});
    await keys.refused(promotion, {node: standby}, `${standby} can be promoted`);
    await keys.forced(promotion, {node: standby});
    await keys.robot.waitFor(/✔ done after/, 60_000);
    expect(nodeNamed(observer.situation(), standby)?.candidatePriority).toBe(0);
    await command.done(setPriority, {node: standby, value: '50'});
    await healthy(standby);
  });

  it('Postgres reads its configuration again, and is restarted on standbys', async () => {
    const {keys, command} = hands;
    const {primary, standby, other} = roles();
    await keys.done(reload, {node: standby});
    await command.done(reload, {node: primary});
    for (const [way, node] of [
      [keys, standby],
      [command, other],
    ] as const) {
      const [postgres, container] = [startOfPostgres(node), startOfContainer(node)];
      await way.done(restart, {node});
      await observer.sees('Postgres is another', () => ![undefined, postgres].includes(startOfPostgres(node)));
      expect(startOfContainer(node)).toBe(container);
      await healthy(primary);
    }
  });

  it('containers are restarted: of a standby, of the monitor', async () => {
    const {keys, command} = hands;
    const {primary, standby} = roles();
    expect(await keys.done(containerRestart, {node: standby})).toContain('writes were possible all the time');
    await healthy();
    await command.done(containerRestart, {node: 'pg_monitor'});
    await healthy(primary);
  });
});

describe('what is refused, and what would have been', () => {
  it('R07: a switchover with a silent quorum standby is refused; by force there is no primary until that is started', async () => {
    const {keys, command} = hands;
    const {primary, standby, other} = roles();
    await keys.done(containerStop, {node: other});
    await observer.sees('it is silent', now => (nodeNamed(now, other)?.reportAgeSeconds ?? 0) > 6);
    await keys.refused(switchover, {}, `R07: quorum node ${other} would block the election`);
    await command.refused(switchover, {}, `R07: quorum node ${other} would block the election`);
    await keys.refused(promotion, {node: standby}, `R07: quorum node ${other} would block the election`);
    await command.refused(failover, {}, `R07: quorum node ${other} would block the election`);
    await keys.refused(containerRestart, {node: primary}, `R07: quorum node ${other} would block the election`);
    await keys.refused(maintenanceOn, {node: standby}, 'enough synchronous standbys are left');
    await keys.refused(restart, {node: standby}, 'R58');
    await keys.forced(switchover, {});
    await observer.sees(
      'an election without end, and no writes',
      now => nodeNamed(now, standby)?.reportedState === 'report_lsn' && now.assessment.verdict.writable !== true,
    );
    // What the finding proposes.
    expect(
      observer
        .situation()
        .assessment.findings.map(finding => finding.remedy)
        .join('\n'),
    ).toContain(other);
    await keys.leftToItself();
    await keys.done(containerStart, {node: other});
    await healthy();
    await writesGoOn();
  });

  it('R06: with a standby in maintenance nothing that elects is allowed, and no second maintenance; by force none may fail any more, and an election waits; on a small screen', async () => {
    const {keys, command} = hands;
    const {primary, standby, other} = roles();
    keys.robot.resize(80, 24);
    await keys.done(maintenanceOn, {node: other});
    await keys.refused(switchover, {}, 'R06');
    await keys.refused(maintenanceOn, {node: standby}, 'enough synchronous standbys are left');
    await keys.done(maintenanceOff, {node: other});
    await command.done(maintenanceOn, {node: other});
    await keys.forced(maintenanceOn, {node: standby});
    // Their Postgres runs on in maintenance, and acknowledges as long as nobody stops it.
    await keys.robot.waitFor(/✔ done after[\s\S]*writes were possible all the time/, 60_000);
    await observer.sees('that none may fail', now => now.assessment.verdict.toleratesFailures === 0);
    await command.done(maintenanceOff, {node: standby});
    keys.robot.resize(120, 35);
    await keys.forced(switchover, {});
    await observer.sees(
      'an election that waits for it',
      now => nodeNamed(now, standby)?.reportedState === 'report_lsn' && now.assessment.verdict.writable !== true,
    );
    await keys.leftToItself();
    await command.done(maintenanceOff, {node: other});
    await healthy();
    await writesGoOn();
    expect(roles().primary).not.toBe(primary);
  });

  it('R03: number-sync-standbys 0 too early is refused; by force the primary is stuck, which its priority set again ends (R04)', async () => {
    const {keys, command} = hands;
    const {primary, standby, other} = roles();
    // Time enough to be too early.
    await considerUnhealthyAfter(120);
    await Promise.all([lab.fault('kill', standby), lab.fault('kill', other)]);
    await observer.sees('no standby streams', now => postgresOf(now, primary)?.replication.length === 0);
    await keys.refused(setSyncStandbys, {value: '0'}, `R04: ${standby} is dead or cut off, and still counted`);
    await command.refused(setPriority, {node: standby, value: '60'}, 'R04');
    await keys.refused(containerStop, {node: 'pg_monitor'}, 'R19');
    await keys.forced(setSyncStandbys, {value: '0'});
    await observer.sees(
      'stuck',
      now =>
        nodeNamed(now, primary)?.reportedState === 'apply_settings' &&
        (nodeNamed(now, primary)?.stateAgeSeconds ?? 0) > 6,
    );
    await keys.leftToItself();
    await command.refused(switchover, {}, `primary ${primary} is stable`);
    await keys.forced(switchover, {});
    await keys.failed("couldn't find the primary node");
    await considerUnhealthyAfter(12);
    await observer.sees('both silent for long', now =>
      [standby, other].every(node => (nodeNamed(now, node)?.reportAgeSeconds ?? 0) > 13),
    );
    await command.done(setPriority, {node: standby, value: '50'});
    await writesGoOn();
    await considerUnhealthyAfter(20);
    await Promise.all([lab.fault('start', standby), lab.fault('start', other)]);
    await observer.sees(
      'a primary with its standbys',
      now =>
        postgresOf(now, primary)?.replication.length === 2 &&
        nodeNamed(now, primary)?.reportedState === 'primary' &&
        monitorOf(now)?.nodes.every(node => node.reportedState === node.assignedState) === true &&
        [standby, other].every(name => {
          const node = nodeNamed(now, name);
          return node?.reportedState === 'secondary' && node.health === 'good' && reportsNow(now, node);
        }),
      60_000,
    );
    await keys.done(setSyncStandbys, {value: '1'});
    await healthy(primary);
  });

  it('R58, R19: the last standby that acknowledges is not stopped, nor the monitor without it; by force commits wait, and then the primary stops itself', async () => {
    const {keys, command} = hands;
    const {primary, standby, other} = roles();
    await command.done(containerStop, {node: other});
    await keys.refused(containerStop, {node: standby}, 'R58');
    await keys.forced(containerStop, {node: standby});
    await observer.sees(
      'a primary whose commits wait',
      now => postgresOf(now, primary)?.replication.length === 0 && now.assessment.verdict.writable !== true,
    );
    await keys.robot.waitFor(/✔ done after/, 30_000);
    await keys.refused(containerStop, {node: 'pg_monitor'}, 'R19');
    await keys.forced(containerStop, {node: 'pg_monitor'});
    await observer.sees(
      'neither a monitor nor a primary',
      now => monitorOf(now) === undefined && postgresOf(now, primary) === undefined,
      60_000,
    );
    await keys.robot.waitFor(/✔ done after/);
    await command.done(containerStart, {node: 'pg_monitor'});
    await command.done(containerStart, {node: standby});
    await command.done(containerStart, {node: other});
    await healthy();
    await writesGoOn();
  });

  it('R59: a node is not restarted without the monitor; by force, where it has no gate, it comes up only when the monitor is started', async () => {
    const {keys, command} = hands;
    const {primary, standby} = roles();
    await whileItOnlyRuns(lab, standby, async () => {
      await healthy(primary);
      await command.done(containerStop, {node: 'pg_monitor'});
      await observer.sees('the monitor away', now => monitorOf(now) === undefined);
      await keys.refused(containerRestart, {node: standby}, 'R59');
      const before = startOfContainer(standby);
      await keys.forced(containerRestart, {node: standby});
      // docker starts it again and again.
      await observer.sees('it ends by itself', now => {
        const inspected = placeOf(now, standby)?.inspected;
        return inspected !== undefined && inspected.startedAt !== before && inspected.restarts > 1;
      });
      expect(postgresOf(observer.situation(), standby)).toBeUndefined();
      await keys.leftToItself();
      await command.done(containerStart, {node: 'pg_monitor'});
      await healthy(primary);
    });
    await healthy(primary);
  });

  // Most of the time it elects, and mostly the same one again; when that one is the last to report pg_auto_failover lets it wait for itself.
  it.each([restart, containerRestart])(
    'R56: the $id of the primary comes to its end; where an election of it does not (R09), what the console proposes ends it',
    async kind => {
      const {keys} = hands;
      const {primary} = roles();
      const began = startOfPostgres(primary);
      await keys.started(kind, {node: primary});
      const proposed = () => observer.situation().assessment.findings.find(finding => finding.code === 'R09')?.remedy;
      const isOver = () => outcomeOnScreen.test(keys.robot.screen());
      await observer.sees('the end of it, or why there is none', () => isOver() || proposed() !== undefined, 150_000);
      const remedy = proposed();
      if (remedy === undefined) {
        expect(keys.robot.screen()).toContain('✔ done after');
        await observer.sees('Postgres is another', () => ![undefined, began].includes(startOfPostgres(primary)));
      } else {
        await onMonitor(/update pgautofailover.*$/.exec(remedy)?.[0] ?? '');
        await observer.sees('a primary', now => monitorOf(now)?.nodes.some(isPrimaryLike) === true, 60_000);
        keys.robot.press('w');
        // The node that fetched from itself has gone its own way.
        await lab.restore();
        await lab.fault('load', 20);
      }
      await healthy();
    },
  );

  it('nothing that was acknowledged is lost, on any node, and the console shows a healthy cluster', async () => {
    await lab.fault('load', 0);
    await healthy();
    await hands.keys.sees(showsHealthy);
    for (const [host, node] of [
      ['vm1', 'pg_node1'],
      ['vm2', 'pg_node2'],
      ['vm3', 'pg_node3'],
    ] as const)
      await waitUntil(`all rows on ${node}`, 20_000, async () => (await lostRows(lab, host, node)) === 0);
  });
});

it('each of these actions was done from the keyboard and by command', () => {
  expect(hands.doneBothWays()).toEqual(expect.arrayContaining(doneInActionsTest));
});
