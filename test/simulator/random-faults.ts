import type {MonitorCall} from '../../source/simulator/answer.ts';
import type {World} from '../../source/simulator/world.ts';

/** Something done to a world; `where` chooses the machine, node or value. Every one is possible at any time. */
export type Meddling = {
  name: string;
  /** `settings` and `drop` may take away what keeps acknowledged commits safe; everything else may not. */
  kind: 'machine' | 'network' | 'call' | 'settings' | 'drop' | 'mend';
  act(world: World, where: number): void;
};

const containers = ['pg_node1', 'pg_node2', 'pg_node3', 'pg_monitor'];
const image = 'citusdata/pg_auto_failover:15';

export const meddlings: readonly Meddling[] = [
  onHost('poweroff', 'machine', ({faults}, host) => faults.powerOff(host)),
  onHost('poweron', 'mend', ({faults}, host) => faults.powerOn(host)),
  {
    name: 'power cut everywhere',
    kind: 'machine',
    act: world => hostNames(world).forEach(world.faults.powerOff),
  },
  {name: 'poweron everywhere', kind: 'mend', act: world => hostNames(world).forEach(world.faults.powerOn)},
  onHost('partition', 'network', ({faults}, host) => faults.partition(host)),
  {
    name: 'partition of two',
    kind: 'network',
    act(world, where) {
      const hosts = hostNames(world);
      world.faults.partition(pick(hosts, where), pick(hosts, where + 1));
    },
  },
  {name: 'heal', kind: 'mend', act: ({faults}) => faults.heal()},
  onContainer('kill', 'machine', ({faults}, name) => faults.kill(name)),
  onContainer('stop', 'machine', ({faults}, name) => faults.stop(name)),
  onContainer('start', 'mend', ({faults}, name) => faults.start(name)),
  onContainer('restart', 'machine', restartContainer),
  {name: 'stop monitor', kind: 'machine', act: ({faults}) => faults.stop('pg_monitor')},
  {name: 'start all', kind: 'mend', act: ({faults}) => containers.forEach(faults.start)},
  onNode('kill keeper', 'machine', ({faults}, name) => faults.killKeeper(name)),
  {
    name: 'freeze',
    kind: 'machine',
    act: (world, where) => world.faults.freeze(pick(hostNames(world), where), where % 2 === 0 ? 'sshd' : 'dockerd'),
  },
  {name: 'thaw', kind: 'mend', act: ({faults}) => faults.thaw()},
  {name: 'slow', kind: 'network', act: (world, where) => world.faults.slow(pick(hostNames(world), where), where * 40)},
  onHost('full disk', 'machine', ({faults}, host) => faults.fillDisk(host, 1)),
  onHost('growing disk', 'machine', ({faults}, host) => faults.growDisk(host, 1e9)),
  onHost('empty disk', 'mend', ({faults}, host) => faults.fillDisk(host, 0.35)),
  onNode('slow receiver', 'machine', ({faults}, name) => faults.lag(name, 2000)),
  onNode('slow replay', 'machine', ({faults}, name) => faults.lag(name, 1000, 'replay')),
  onNode('no lag', 'mend', ({faults}, name) => {
    faults.lag(name, undefined);
    faults.lag(name, undefined, 'replay');
  }),
  {name: 'load', kind: 'machine', act: ({faults}, where) => faults.load(where % 3 === 0 ? 0 : where * 20)},
  {
    name: 'clock',
    kind: 'machine',
    act: (world, where) => world.faults.skewClock(pick(hostNames(world), where), (where - 6) * 40_000),
  },
  {
    name: 'flapping health',
    kind: 'network',
    act: ({faults}, where) => faults.flapHealth(where % 3 === 0 ? 0 : where / 20),
  },
  {
    name: 'failover',
    kind: 'call',
    act: world => call(world, {call: 'perform_failover', formation: 'default', group: 0}),
  },
  onNode('promotion', 'call', (world, node) => call(world, {call: 'perform_promotion', formation: 'default', node})),
  {
    name: 'maintenance',
    kind: 'call',
    act: (world, where) => onRow(world, where, row => call(world, {call: 'start_maintenance', nodeId: row.nodeid})),
  },
  {
    name: 'no maintenance',
    kind: 'mend',
    act(world) {
      for (const {nodeid} of world.monitor.nodes()) call(world, {call: 'stop_maintenance', nodeId: nodeid});
    },
  },
  {
    name: 'sync standbys',
    kind: 'settings',
    act: (world, where) =>
      call(world, {call: 'set_formation_number_sync_standbys', formation: 'default', standbys: where % 2}),
  },
  {
    name: 'priority',
    kind: 'settings',
    act: (world, where) =>
      onRow(world, where, ({nodename}) =>
        call(world, {
          call: 'set_node_candidate_priority',
          formation: 'default',
          node: nodename,
          priority: where % 4 === 0 ? 0 : where * 8,
        }),
      ),
  },
  {
    name: 'quorum',
    kind: 'settings',
    act: (world, where) =>
      onRow(world, where, ({nodename}) =>
        call(world, {
          call: 'set_node_replication_quorum',
          formation: 'default',
          node: nodename,
          quorum: where % 2 === 1,
        }),
      ),
  },
  {
    name: 'drop',
    kind: 'drop',
    act: (world, where) =>
      onRow(world, where, ({nodeid}) => call(world, {call: 'remove_node', nodeId: nodeid, force: where % 4 === 0})),
  },
  {
    name: 'join anew',
    kind: 'mend',
    act(world, where) {
      const node = pick(containers.slice(0, 3), where);
      if (!world.monitor.nodes().some(row => row.nodename === node)) cloneNode(world, node);
    },
  },
  {name: 'repair', kind: 'mend', act: ({faults}) => faults.repair()},
];

/** Does one of them; says which, and to what. */
export function meddle(world: World, {name, act}: Meddling, where: number): string {
  act(world, where);
  return `${name} (${where})`;
}

/** A container made anew, with nothing of what was on its volume: the node registers and copies the primary. */
export function cloneNode(world: World, name: string): void {
  const host = `vm${name.at(-1)}`;
  world.docker.remove(host, name, true);
  world.docker.create(host, {name, image, port: 5432, role: {kind: 'node', nodeName: name, command: 'create'}});
}

function onHost(name: string, kind: Meddling['kind'], act: (world: World, host: string) => void): Meddling {
  return {name, kind, act: (world, where) => act(world, pick(hostNames(world), where))};
}

function onContainer(name: string, kind: Meddling['kind'], act: (world: World, container: string) => void): Meddling {
  return {name, kind, act: (world, where) => act(world, pick(containers, where))};
}

function onNode(name: string, kind: Meddling['kind'], act: (world: World, container: string) => void): Meddling {
  return {name, kind, act: (world, where) => act(world, pick(containers.slice(0, 3), where))};
}

function onRow(world: World, where: number, act: (row: {nodeid: number; nodename: string}) => void): void {
  const rows = world.monitor.nodes();
  if (rows.length > 0) act(pick(rows, where));
}

function call(world: World, made: MonitorCall): void {
  if (world.monitor.answers()) world.monitor.call(made);
}

function restartContainer(world: World, name: string): void {
  for (const host of world.hosts()) {
    if (world.containers(host.name).some(each => each.name === name)) world.docker.restart(host.name, name);
  }
}

function hostNames(world: World): readonly string[] {
  return world.hosts().map(host => host.name);
}

function pick<T>(list: readonly T[], index: number): T {
  const chosen = list[index % list.length];
  if (chosen === undefined) throw new Error('there is nothing to choose from');
  return chosen;
}
