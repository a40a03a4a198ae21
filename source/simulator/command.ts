import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';
import {closestWord} from '../config/closest-word.ts';
import type {MonitorCall} from './answer.ts';
import type {World} from './world.ts';

/** A word that a scenario or a person at the prompt can say to a world. */
type Command = {
  name: string;
  /** What follows it; in brackets what may be left out. */
  parameters: string;
  effect: string;
  run: (world: World, ...words: string[]) => void;
};

/** All of them: the faults by the lab's names, and the calls an operator might make. */
export const commands: readonly Command[] = [
  {
    name: 'poweroff',
    parameters: 'HOST',
    effect: 'cuts the power of a machine',
    run: (world, host = '') => world.faults.powerOff(host),
  },
  {
    name: 'poweron',
    parameters: 'HOST',
    effect: 'boots it again',
    run: (world, host = '') => world.faults.powerOn(host),
  },
  {
    name: 'partition',
    parameters: 'HOST [HOST]',
    effect: 'drops all packets of a machine, or those between two',
    run: (world, host = '', other) => world.faults.partition(host, other),
  },
  {
    name: 'heal',
    parameters: '[HOST [HOST]]',
    effect: 'ends every partition, or that one',
    run: (world, host, other) => world.faults.heal(host, other),
  },
  {
    name: 'freeze',
    parameters: 'HOST sshd|dockerd',
    effect: 'a daemon answers no more',
    run: (world, host = '', daemon = '') => world.faults.freeze(host, daemonNamed(daemon)),
  },
  {
    name: 'thaw',
    parameters: '[HOST]',
    effect: 'lets everything frozen go on',
    run: (world, host) => world.faults.thaw(host),
  },
  {
    name: 'kill',
    parameters: 'CONTAINER',
    effect: 'kills a container; it stays down until start',
    run: (world, container = '') => world.faults.kill(container),
  },
  {
    name: 'stop',
    parameters: 'CONTAINER',
    effect: 'stops a container in good order',
    run: (world, container = '') => world.faults.stop(container),
  },
  {
    name: 'start',
    parameters: 'CONTAINER',
    effect: 'starts it again',
    run: (world, container = '') => world.faults.start(container),
  },
  {
    name: 'kill-keeper',
    parameters: 'CONTAINER',
    effect: 'pg_autoctl dies, Postgres goes on',
    run: (world, container = '') => world.faults.killKeeper(container),
  },
  {
    name: 'slow',
    parameters: 'HOST MS',
    effect: 'adds milliseconds to every round trip; 0 ends it',
    run: (world, host = '', delay) => world.faults.slow(host, amount(delay)),
  },
  {
    name: 'load',
    parameters: 'TPS',
    effect: 'transactions a second that the application writes',
    run: (world, rate) => world.faults.load(amount(rate)),
  },
  {
    name: 'lag',
    parameters: 'NODE BYTES [replay]',
    effect: 'a standby receives (or replays) at most that many bytes a second; off ends it',
    run: (world, node = '', bytes, what) =>
      world.faults.lag(node, bytes === 'off' ? undefined : amount(bytes), what === 'replay' ? 'replay' : 'receive'),
  },
  {
    name: 'disk',
    parameters: 'HOST PERCENT',
    effect: 'so much of the disk is in use',
    run: (world, host = '', percent) => world.faults.fillDisk(host, amount(percent) / 100),
  },
  {
    name: 'disk-growth',
    parameters: 'HOST BYTES',
    effect: 'the disk fills by that many bytes a second',
    run: (world, host = '', bytes) => world.faults.growDisk(host, amount(bytes)),
  },
  {
    name: 'clock',
    parameters: 'HOST MS',
    effect: 'its clock goes ahead by that much',
    run: (world, host = '', skew) => world.faults.skewClock(host, amount(skew)),
  },
  {
    name: 'flap',
    parameters: 'NUMBER',
    effect: "the monitor's health checks fail and succeed in turn, so many verdicts a second; 0 ends it",
    run: (world, verdicts) => world.faults.flapHealth(amount(verdicts)),
  },
  {name: 'repair', parameters: '', effect: 'ends every fault', run: world => world.faults.repair()},
  {
    name: 'failover',
    parameters: '',
    effect: 'perform_failover',
    run: world => ask(world, {call: 'perform_failover', formation: 'default', group: 0}),
  },
  {
    name: 'promote',
    parameters: 'NODE',
    effect: 'perform_promotion',
    run: (world, node = '') => ask(world, {call: 'perform_promotion', formation: 'default', node}),
  },
  {
    name: 'maintenance',
    parameters: 'on|off NODE',
    effect: 'start_maintenance, stop_maintenance',
    run: (world, on, node = '') =>
      ask(world, {call: on === 'off' ? 'stop_maintenance' : 'start_maintenance', nodeId: idOf(world, node)}),
  },
  {
    name: 'priority',
    parameters: 'NODE NUMBER',
    effect: 'set_node_candidate_priority',
    run: (world, node = '', priority) =>
      ask(world, {call: 'set_node_candidate_priority', formation: 'default', node, priority: amount(priority)}),
  },
  {
    name: 'quorum',
    parameters: 'NODE on|off',
    effect: 'set_node_replication_quorum',
    run: (world, node = '', on) =>
      ask(world, {call: 'set_node_replication_quorum', formation: 'default', node, quorum: on !== 'off'}),
  },
  {
    name: 'sync-standbys',
    parameters: 'NUMBER',
    effect: 'set_formation_number_sync_standbys',
    run: (world, standbys) =>
      ask(world, {call: 'set_formation_number_sync_standbys', formation: 'default', standbys: amount(standbys)}),
  },
  {
    name: 'drop',
    parameters: 'NODE',
    effect: 'remove_node',
    run: (world, node = '') => ask(world, {call: 'remove_node', nodeId: idOf(world, node), force: false}),
  },
];

/** Runs one line such as `poweroff vm1`. A line that makes no sense, or that the monitor refuses, is a problem and changes nothing. */
export function runCommand(world: World, line: string): Outcome<undefined> {
  const [name = '', ...words] = line.trim().split(/\s+/);
  const command = commands.find(each => each.name === name);
  if (command === undefined) {
    const names = commands.map(each => each.name);
    const close = closestWord(name, names);
    return bad('configuration', `there is no "${name}"`, {
      remedy: close === undefined ? `one of ${names.join(', ')}` : `did you mean ${close}?`,
    });
  }
  const parameters = command.parameters.split(' ').filter(word => word !== '');
  const needed = parameters.filter(word => !word.startsWith('[') && !word.endsWith(']')).length;
  if (words.length < needed || words.length > parameters.length) {
    return bad('configuration', `"${line.trim()}" is incomplete or too long`, {
      remedy: `${command.name} ${command.parameters}`.trim(),
    });
  }
  try {
    command.run(world, ...words);
    return good(undefined);
  } catch (error) {
    return bad('configuration', `"${line.trim()}": ${errorText(error)}`);
  }
}

function ask(world: World, call: MonitorCall): void {
  if (!world.monitor.answers()) throw new Error('the monitor does not answer');
  const answer = world.monitor.call(call);
  if (!answer.ok) throw new Error(answer.error.message);
}

function idOf(world: World, node: string): number {
  const row = world.monitor.nodes().find(each => each.nodename === node);
  if (row === undefined) throw new Error(`the monitor knows no node "${node}"`);
  return row.nodeid;
}

function daemonNamed(name: string): 'sshd' | 'dockerd' {
  if (name !== 'sshd' && name !== 'dockerd') throw new Error('freeze what: sshd or dockerd');
  return name;
}

/** `200`, `64kB`, `5MB`: a number from 0 up. */
function amount(text: string | undefined): number {
  const match = /^(\d+(?:\.\d+)?)(kB|MB|GB)?$/.exec(text ?? '');
  if (match === null) throw new Error(`"${text ?? ''}" is no number from 0 up`);
  const unit = {kB: 1e3, MB: 1e6, GB: 1e9}[match[2] ?? ''] ?? 1;
  return Number(match[1]) * unit;
}
