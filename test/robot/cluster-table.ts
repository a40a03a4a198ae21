import type {NodeState} from '../lab/cluster.ts';
import type {Robot} from './robot.ts';

// How tests read the console's Cluster screen, with the marks of UTF-8 or those of ASCII.

/** The nodes of the table: `pg_node1 primary`, or `pg_node1 primary -> draining` where the monitor wants another state. */
export function tableIn(screen: string): string[] {
  const rows = screen.matchAll(/^[ ▶>](pg_node\d) {2,}(\w+(?: [→>] \w+)?) /gm);
  return [...rows].map(([, name, role = '']) => `${name} ${role.replace(/ [→>] /, ' -> ')}`);
}

/** The same from `pg_autoctl show state --json`, in the order of the table: that of the hosts, as the nodes' names are. */
export function statesOf(nodes: readonly NodeState[]): string[] {
  const sorted = nodes.toSorted((one, other) => (one.nodename < other.nodename ? -1 : 1));
  return sorted.map(({nodename, current_group_state: reported, assigned_group_state: assigned}) =>
    reported === assigned ? `${nodename} ${reported}` : `${nodename} ${reported} -> ${assigned}`,
  );
}

/** Whether the header names the node as the primary. */
export function showsPrimary(screen: string, node: string): boolean {
  return new RegExp(`primary ${node} `).test(screen.split('\n')[0] ?? '');
}

/** Whether the screen shows the whole cluster and calls it healthy. */
export function isHealthy(screen: string): boolean {
  return / HEALTHY /.test(screen.split('\n')[0] ?? '') && tableIn(screen).length === 3;
}

/** Moves the selection down to a node. */
export async function select(robot: Robot, node: string): Promise<void> {
  const selected = new RegExp(`^[▶>]${node} `, 'm');
  for (let row = 0; row < 3 && !selected.test(robot.screen()); row += 1) {
    const before = robot.screen();
    robot.press('j');
    await robot.waitFor(screen => screen !== before);
  }
  await robot.waitFor(selected);
}
