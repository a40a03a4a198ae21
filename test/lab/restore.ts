import {isSettled, monitorQuery, rebuildNode, showState} from './cluster.ts';
import {injectFault, machineOfContainer} from './faults.ts';
import {faultsInPlace} from './faults-in-place.ts';
import {bootMachine, machineIndexes, runInside} from './machine.ts';
import type {Plan} from './plan.ts';
import {waitUntil} from './wait.ts';

/**
 * Takes all faults back and waits until the cluster is at rest. A node that cannot follow the new primary (pg_auto_failover 2.0 does not rewind
 * every old primary) gets a fresh disk, and a keeper that stays silent is started again.
 */
export async function restore(plan: Plan): Promise<void> {
  const faults = faultsInPlace(plan.name);
  await injectFault(plan, 'thaw');
  await injectFault(plan, 'heal');
  await injectFault(plan, 'load', '0');
  for (const host of Object.keys(faults.slow)) await injectFault(plan, 'slow', host, '0');
  await Promise.all(faults.off.map(host => injectFault(plan, 'poweron', host)));
  await Promise.all(machineIndexes.map(index => bootMachine(plan, index)));
  for (const container of faults.stopped) await injectFault(plan, 'start', container);
  // With the monitor's own timeouts, a failover that has just begun takes a minute.
  if (!(await settles(plan, 120_000))) await rebuildStuckNodes(plan);
  if (await allReport(plan, 15_000)) return;
  // A keeper that waits for an answer of a monitor whose machine lost power waits for hours: nobody tells it that the connection is dead.
  for (const name of await silentNodes(plan)) {
    await runInside(plan.name, machineOfContainer(name), ['docker', 'restart', '--time', '5', name], {timeout: 90_000});
  }
  if (!(await settles(plan, 90_000)) || !(await allReport(plan, 15_000)))
    throw new Error(`these nodes do not report to the monitor: ${(await silentNodes(plan)).join(', ')}`);
}

async function rebuildStuckNodes(plan: Plan): Promise<void> {
  const nodes = (await showState(plan)) ?? [];
  const states = nodes.map(({nodename, current_group_state: state}) => ({nodename, state}));
  if (states.some(({state}) => /^(primary|wait_primary)$/.test(state))) {
    const stuck = states.filter(({state}) => !/^(primary|wait_primary|secondary|catchingup)$/.test(state));
    for (const {nodename} of stuck) await rebuildNode(plan, nodename);
  }
  if (!(await settles(plan, 90_000))) throw new Error(`the cluster does not come to rest: ${JSON.stringify(states)}`);
}

/** Nodes whose keeper has not reported for some seconds. The monitor's health checks do not notice. */
async function silentNodes(plan: Plan): Promise<string[]> {
  const silent = "select nodename from pgautofailover.node where reporttime < now() - interval '8 s'";
  return ((await monitorQuery(plan, silent)) ?? []).map(row => String(row.nodename));
}

async function allReport(plan: Plan, deadline: number): Promise<boolean> {
  try {
    return await waitUntil('all nodes report', deadline, async () => (await silentNodes(plan)).length === 0);
  } catch {
    return false;
  }
}

async function settles(plan: Plan, deadline: number): Promise<boolean> {
  try {
    return await waitUntil('the cluster is at rest', deadline, async () => isSettled((await showState(plan)) ?? []));
  } catch {
    return false;
  }
}
