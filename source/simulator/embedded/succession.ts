import type {Happening} from '../happening.ts';
import type {World} from '../world.ts';

/** A world whose place another can take, while those who serve it go on. */
export type Succession = {
  world: World;
  /** Every machine loses its power, and those of the next world are there in its place: no connection and no program outlives that. */
  succeed(next: World): void;
};

export function startSuccession(first: World): Succession {
  let current = first;
  const listeners = new Set<(happening: Happening) => void>();
  // Hundreds listen, and seldom others than the moment before.
  let told: readonly ((happening: Happening) => void)[] | undefined;
  const tell = (happening: Happening) => {
    told ??= [...listeners];
    for (const listener of told) listener(happening);
  };
  let unlisten = first.listen(tell);
  const world: World = {
    now: () => current.now(),
    advance: milliseconds => current.advance(milliseconds),
    schedule: (milliseconds, run) => current.schedule(milliseconds, run),
    listen(listener) {
      listeners.add(listener);
      told = undefined;
      return () => {
        listeners.delete(listener);
        told = undefined;
      };
    },
    hosts: () => current.hosts(),
    files: host => current.files(host),
    host: name => current.host(name),
    path: (from, to) => current.path(from, to),
    containers: host => current.containers(host),
    lines: (host, container) => current.lines(host, container),
    get monitor() {
      return current.monitor;
    },
    postgres: (host, container) => current.postgres(host, container),
    keeper: (host, container) => current.keeper(host, container),
    get docker() {
      return current.docker;
    },
    get supervisor() {
      return current.supervisor;
    },
    get faults() {
      return current.faults;
    },
    truth: () => current.truth(),
  };
  return {
    world,
    succeed(next) {
      for (const {name} of current.hosts()) current.faults.powerOff(name);
      unlisten();
      current = next;
      unlisten = next.listen(tell);
      for (const {name} of next.hosts()) tell({kind: 'host', at: next.now(), host: name, action: 'power-on'});
    },
  };
}
