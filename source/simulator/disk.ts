import type {Host, Simulation} from './simulation.ts';

/** Bytes in use on a host's disk now: what was put there, and what grows. */
export function diskUsed(simulation: Simulation, host: Host): number {
  const {usedBytes, growth, at, totalBytes} = host.disk;
  return Math.min(totalBytes, usedBytes + ((simulation.engine.now() - at) / 1000) * growth);
}

export function isDiskFull(simulation: Simulation, host: Host): boolean {
  return diskUsed(simulation, host) >= host.disk.totalBytes;
}
