import {afterBoot, losePower} from './container.ts';
import type {Host, Simulation} from './simulation.ts';
import {reviewStreams} from './streaming.ts';
import {settle} from './wal.ts';

/** Cuts the power of a machine. */
export function powerOff(simulation: Simulation, host: Host): void {
  settleAll(simulation);
  if (host.booting !== undefined) host.booting.cancelled = true;
  host.booting = undefined;
  if (!host.powered) return;
  host.powered = false;
  host.frozen = {sshd: false, dockerd: false};
  for (const container of host.containers.values()) losePower(simulation, container);
  reviewStreams(simulation);
  announce(simulation, host, 'power-off');
}

/** Switches it on: after some seconds its daemons run, and docker starts the containers that ran. */
export function powerOn(simulation: Simulation, host: Host): void {
  if (host.powered || host.booting !== undefined) return;
  const {engine} = simulation;
  host.booting = engine.after(engine.random.between(3000, 6000), () => {
    settleAll(simulation);
    host.booting = undefined;
    host.powered = true;
    host.bootedAt = engine.now();
    reviewStreams(simulation);
    announce(simulation, host, 'power-on');
    for (const container of host.containers.values()) afterBoot(simulation, container);
  });
}

/** Settles what flows in every group, before something changes for all. */
export function settleAll(simulation: Simulation): void {
  for (const group of simulation.groups) settle(simulation, group);
}

/** Says that a host changed. */
export function announce(
  simulation: Simulation,
  host: Host,
  action: 'power-off' | 'power-on' | 'network' | 'freeze' | 'thaw',
): void {
  simulation.engine.emit({kind: 'host', at: simulation.engine.now(), host: host.name, action});
}
