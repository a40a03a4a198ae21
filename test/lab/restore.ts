import {makeCluster} from './bootstrap.ts';
import {
  forgetNode,
  isSettled,
  monitorContainer,
  monitorPsql,
  monitorQuery,
  nodeContainer,
  showState,
} from './cluster.ts';
import {injectFault, machineOfContainer} from './faults.ts';
import {faultsInPlace} from './faults-in-place.ts';
import {bootMachine, machinesOf, runInside} from './machine.ts';
import type {Plan} from './plan.ts';
import {waitUntil} from './wait.ts';

/**
 * Takes all faults back and waits until the cluster is at rest. A node that cannot follow the new primary (pg_auto_failover 2.0 does not rewind
 * every old primary) gets a fresh disk.
 */
export async function restore(plan: Plan): Promise<void> {
  const faults = faultsInPlace(plan.name);
  await injectFault(plan, 'thaw');
  await injectFault(plan, 'heal');
  await injectFault(plan, 'load', '0');
  for (const host of Object.keys(faults.slow)) await injectFault(plan, 'slow', host, '0');
  await Promise.all(faults.off.map(host => injectFault(plan, 'poweron', host)));
  await Promise.all(machinesOf(plan).map(index => bootMachine(plan, index)));
  for (const container of faults.stopped) await injectFault(plan, 'start', container);
  await Promise.all([monitorContainer, ...machinesOf(plan).map(nodeContainer)].map(name => startAsMade(plan, name)));
  // With the monitor's own timeouts, a failover that has just begun takes a minute.
  if ((await comesToRest(plan, 120_000)) && (await pausedNodes(plan)).length === 0) return;
  // A node that is to fetch what it misses from itself waits for ever, and nobody is the primary meanwhile (R09): the election begins anew.
  await monitorPsql(plan, "update pgautofailover.node set goalstate = 'report_lsn' where goalstate = 'fast_forward'");
  await waitUntil('there is a primary', 60_000, async () =>
    ((await showState(plan)) ?? []).some(({current_group_state: state}) => /^(primary|wait_primary)$/.test(state)),
  );
  await rebuildStuckNodes(plan);
  if (!(await comesToRest(plan, 90_000)))
    throw new Error(`the cluster does not come to rest: ${JSON.stringify(await showState(plan))}`);
}

/** What a test that broke off has left: a container that is stopped, or that docker would not start again (a drop sees to that). */
async function startAsMade(plan: Plan, container: string): Promise<void> {
  const index = machineOfContainer(plan, container);
  const options = {timeout: 90_000};
  await runInside(plan.name, index, ['docker', 'update', '--restart', 'unless-stopped', container], options);
  await runInside(plan.name, index, ['docker', 'start', container], options);
}

/** One that was elected by fast_forward stops there when it is a standby again (its recovery_target_lsn stays), and to resume it would promote it. */
async function pausedNodes(plan: Plan): Promise<readonly string[]> {
  const sql = 'select pg_is_in_recovery() and pg_get_wal_replay_pause_state() <> $$not paused$$';
  const answers = await Promise.all(
    machinesOf(plan).map(async index => {
      const name = nodeContainer(index);
      const argv = ['docker', 'exec', name, 'psql', '-XqAt', '-d', 'postgres', '-c', sql];
      return {name, paused: (await runInside(plan.name, index, argv, {timeout: 10_000})).stdout.trim() === 't'};
    }),
  );
  return answers.filter(({paused}) => paused).map(({name}) => name);
}

async function rebuildStuckNodes(plan: Plan): Promise<void> {
  const nodes = (await showState(plan)) ?? [];
  const states = nodes.map(({nodename, current_group_state: state, health}) => ({nodename, state, health}));
  if (!states.some(({state}) => /^(primary|wait_primary)$/.test(state))) return;
  const paused = await pausedNodes(plan);
  // A secondary that has not become healthy by now has lost its way as well.
  const stuck = states.filter(
    ({nodename, state, health}) =>
      !/^(primary|wait_primary)$/.test(state) && (state !== 'secondary' || health !== 1 || paused.includes(nodename)),
  );
  const missing = machinesOf(plan)
    .map(nodeContainer)
    .filter(name => !states.some(({nodename}) => nodename === name));
  for (const name of [...stuck.map(({nodename}) => nodename), ...missing]) await forgetNode(plan, name);
  await makeCluster(plan);
}

/**
 * At rest: the states are as they should be, and every node has reported a running Postgres since this began: the monitor takes its time to
 * notice what a short fault did.
 */
async function comesToRest(plan: Plan, deadline: number): Promise<boolean> {
  let began: unknown;
  try {
    return await waitUntil('the cluster is at rest', deadline, async () => {
      began ??= (await monitorQuery(plan, 'select now()::text as now'))?.[0]?.now;
      return (
        began !== undefined && (await allReportSince(plan, String(began))) && isSettled((await showState(plan)) ?? [])
      );
    });
  } catch {
    return false;
  }
}

async function allReportSince(plan: Plan, began: string): Promise<boolean> {
  const fresh = `reportedpgisrunning and reporttime >= greatest('${began}'::timestamptz, now() - interval '8 s')`;
  const rows = await monitorQuery(plan, `select bool_and(${fresh}) as fresh from pgautofailover.node`);
  return rows?.[0]?.fresh === true;
}
