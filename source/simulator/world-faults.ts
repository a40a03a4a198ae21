import {exitContainer, killContainer, nodeOf, startContainer, stopContainer} from './container.ts';
import {diskUsed, isDiskFull} from './disk.ts';
import {flapHealth} from './health-checks.ts';
import {announce, powerOff, powerOn, settleAll} from './host-power.ts';
import {endLoop} from './keeper.ts';
import {writeLine} from './log-lines.ts';
import {pairOf} from './network.ts';
import {startNode} from './node-start.ts';
import {crashPostgres} from './postgres.ts';
import type {ContainerState, DataNode, Host, Simulation} from './simulation.ts';
import {reviewStreams} from './streaming.ts';
import type {Faults} from './world.ts';

/** The part of a disk that is in use when nothing is wrong. */
const usual = 0.35;

/** The faults of a simulation, and what is in place of them in words. */
export function createFaults(simulation: Simulation): {faults: Faults; inPlace: () => readonly string[]} {
  const {hosts, partitions} = simulation;
  const network = (change: () => void, touched: readonly Host[]) => {
    settleAll(simulation);
    change();
    reviewStreams(simulation);
    for (const host of touched) announce(simulation, host, 'network');
  };
  const faults: Faults = {
    powerOff: host => powerOff(simulation, hostNamed(simulation, host)),
    powerOn: host => powerOn(simulation, hostNamed(simulation, host)),
    partition(host, other) {
      const ends = [hostNamed(simulation, host), ...(other === undefined ? [] : [hostNamed(simulation, other)])];
      network(() => partitions.add(other === undefined ? host : pairOf(host, other)), ends);
    },
    heal(host, other) {
      network(() => {
        if (host === undefined) partitions.clear();
        else partitions.delete(other === undefined ? host : pairOf(host, other));
      }, [...hosts.values()]);
    },
    freeze(name, daemon) {
      const host = hostNamed(simulation, name);
      host.frozen[daemon] = true;
      announce(simulation, host, 'freeze');
    },
    thaw(name) {
      for (const host of hosts.values()) {
        if (name !== undefined && host.name !== name) continue;
        host.frozen = {sshd: false, dockerd: false};
        announce(simulation, host, 'thaw');
      }
    },
    kill: name => killContainer(simulation, containerNamed(simulation, name)),
    stop: name => stopContainer(simulation, containerNamed(simulation, name), true),
    start(name) {
      const container = containerNamed(simulation, name);
      const node = nodeOf(simulation, container);
      if (container.state === 'running' && node?.keeper.running === false) {
        startNode(simulation, node, code => exitContainer(simulation, container, code));
      } else if (container.host.powered) startContainer(simulation, container);
    },
    killKeeper(name) {
      const node = nodeOf(simulation, containerNamed(simulation, name));
      if (node !== undefined) endLoop(node);
    },
    slow(name, milliseconds) {
      hostNamed(simulation, name).delay = milliseconds;
    },
    load(transactionsPerSecond) {
      settleAll(simulation);
      simulation.transactionsPerSecond = transactionsPerSecond;
    },
    lag(name, bytesPerSecond, what = 'receive') {
      settleAll(simulation);
      nodeNamed(simulation, name).fault[what] = bytesPerSecond;
    },
    fillDisk: (name, part) => setDisk(simulation, hostNamed(simulation, name), part, 0),
    growDisk(name, bytesPerSecond) {
      const host = hostNamed(simulation, name);
      setDisk(simulation, host, diskUsed(simulation, host) / host.disk.totalBytes, bytesPerSecond);
    },
    skewClock(name, milliseconds) {
      hostNamed(simulation, name).clockSkew = milliseconds;
    },
    flapHealth: verdictsPerSecond => flapHealth(simulation, verdictsPerSecond),
    repair() {
      faults.heal();
      faults.thaw();
      faults.flapHealth(0);
      for (const host of hosts.values()) {
        host.delay = 0;
        host.clockSkew = 0;
        setDisk(simulation, host, usual, 0);
        powerOn(simulation, host);
      }
      for (const node of simulation.nodes) node.fault = {receive: undefined, replay: undefined};
      for (const host of hosts.values()) {
        for (const container of host.containers.values()) container.stoppedByHand = false;
        for (const {name} of host.containers.values()) if (host.powered) faults.start(name);
      }
    },
  };
  return {faults, inPlace: () => inPlace(simulation)};
}

/** The host of that name; a name that does not exist is a mistake of the caller. */
export function hostNamed(simulation: Simulation, name: string): Host {
  const host = simulation.hosts.get(name);
  if (host === undefined) throw new Error(`"${name}" is no host: ${[...simulation.hosts.keys()].join(', ')}`);
  return host;
}

function containerNamed(simulation: Simulation, name: string): ContainerState {
  for (const host of simulation.hosts.values()) {
    const container = host.containers.get(name);
    if (container !== undefined) return container;
  }
  throw new Error(`there is no container "${name}"`);
}

function nodeNamed(simulation: Simulation, name: string): DataNode {
  const node = simulation.nodes.find(each => each.name === name);
  if (node === undefined) throw new Error(`there is no node "${name}"`);
  return node;
}

function setDisk(simulation: Simulation, host: Host, part: number, growth: number): void {
  const {engine} = simulation;
  const {totalBytes} = host.disk;
  host.disk = {totalBytes, usedBytes: Math.min(1, part) * totalBytes, growth, at: engine.now()};
  const {disk} = host;
  const full = () => {
    if (host.disk === disk && isDiskFull(simulation, host)) diskIsFull(simulation, host);
  };
  if (part >= 1) full();
  else if (growth > 0) engine.after(((totalBytes - disk.usedBytes) / growth) * 1000 + 1, full);
}

function diskIsFull(simulation: Simulation, host: Host): void {
  for (const node of simulation.nodes) {
    if (node.host !== host || !node.postgres.running) continue;
    const panic = 'PANIC:  could not write to file "pg_wal/xlogtemp.71": No space left on device';
    writeLine(simulation, node.container, panic);
    crashPostgres(simulation, node);
  }
}

function inPlace(simulation: Simulation): readonly string[] {
  const words: string[] = [...simulation.partitions].map(ends => `partition ${ends}`);
  for (const host of simulation.hosts.values()) {
    if (!host.powered) words.push(`poweroff ${host.name}`);
    if (host.frozen.sshd) words.push(`freeze ${host.name} sshd`);
    if (host.frozen.dockerd) words.push(`freeze ${host.name} dockerd`);
    if (host.delay > 0) words.push(`slow ${host.name} ${host.delay}`);
    if (host.clockSkew !== 0) words.push(`clock ${host.name} ${host.clockSkew}`);
    if (host.disk.growth > 0) words.push(`disk growing ${host.name}`);
    else if (isDiskFull(simulation, host)) words.push(`disk full ${host.name}`);
    for (const container of host.containers.values()) {
      const word = container.state === 'paused' ? 'pause' : 'stop';
      if (host.powered && container.state !== 'running') words.push(`${word} ${container.name}`);
    }
  }
  const {flapping} = simulation.monitor;
  if (flapping !== undefined) words.push(`flap ${flapping.verdictsPerSecond}`);
  for (const node of simulation.nodes) {
    if (node.fault.receive !== undefined) words.push(`lag ${node.name} ${node.fault.receive}`);
    if (node.fault.replay !== undefined) words.push(`lag ${node.name} ${node.fault.replay} replay`);
    const {container, keeper, host} = node;
    if (host.powered && container.state === 'running' && !keeper.running && node.postgres.running) {
      words.push(`keeper dead ${node.name}`);
    }
  }
  return words;
}
