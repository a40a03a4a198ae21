import {isSettled} from './cluster.ts';
import type {Lab} from './lab.ts';

/** Makes a node the primary, unless it is, and waits until the cluster is at rest: for tests that must not lose the monitor with it. */
export async function movePrimary(lab: Lab, node: string): Promise<void> {
  const isPrimary = (each: {nodename: string; current_group_state: string}) =>
    each.nodename === node && each.current_group_state === 'primary';
  if (!(await lab.showState()).some(isPrimary)) {
    const argv = ['pg_autoctl', 'perform', 'promotion', '--name', node];
    const {exitCode, stderr} = await lab.dockerExec('vm3', 'pg_monitor', argv);
    if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
  }
  await lab.waitFor(nodes => isSettled(nodes) && nodes.some(isPrimary), 90_000);
}
