import type {MonitorCall} from '../../source/simulator/answer.ts';
import type {World} from '../../source/simulator/world.ts';

/** A fault, a repair or a call, chosen by two numbers; every choice is possible at any time. */
export function meddle(world: World, what: number, where: number): string {
  const hosts = world.hosts().map(host => host.name);
  const containers = ['pg_node1', 'pg_node2', 'pg_node3', 'pg_monitor'];
  const host = hosts[where % hosts.length] ?? 'vm1';
  const other = hosts[(where + 1) % hosts.length] ?? 'vm2';
  const container = containers[where % containers.length] ?? 'pg_node1';
  const call = (made: MonitorCall) => {
    if (world.monitor.answers()) world.monitor.call(made);
  };
  const choices: readonly [string, () => void][] = [
    [`poweroff ${host}`, () => world.faults.powerOff(host)],
    ['poweron', () => hosts.forEach(world.faults.powerOn)],
    [`partition ${host}`, () => world.faults.partition(host)],
    [`partition ${host} ${other}`, () => world.faults.partition(host, other)],
    ['heal', () => world.faults.heal()],
    [`kill ${container}`, () => world.faults.kill(container)],
    [`stop ${container}`, () => world.faults.stop(container)],
    ['start all', () => containers.forEach(world.faults.start)],
    [`kill keeper of ${container}`, () => world.faults.killKeeper(container)],
    [`freeze ${host}`, () => world.faults.freeze(host, where % 2 === 0 ? 'sshd' : 'dockerd')],
    ['thaw', () => world.faults.thaw()],
    [`slow ${host}`, () => world.faults.slow(host, where * 40)],
    [`full disk ${host}`, () => world.faults.fillDisk(host, 1)],
    ['failover', () => call({call: 'perform_failover', formation: 'default', group: 0})],
    [`maintenance ${where % 3}`, () => call({call: 'start_maintenance', nodeId: (where % 3) + 1})],
    [
      'no maintenance',
      () => {
        for (const nodeId of [1, 2, 3]) call({call: 'stop_maintenance', nodeId});
      },
    ],
    [
      'sync standbys',
      () => call({call: 'set_formation_number_sync_standbys', formation: 'default', standbys: where % 2}),
    ],
    ['repair', () => world.faults.repair()],
    ['repair', () => world.faults.repair()],
  ];
  const [name, act] = choices[what % choices.length] ?? ['', () => undefined];
  act();
  return name;
}
