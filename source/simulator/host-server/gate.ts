import {outside, type World} from '../world.ts';

/** `open`: bytes pass. `held`: they wait (packets are lost, or sshd is frozen). `off`: the machine has no power. */
export type GateState = 'open' | 'held' | 'off';

/** What stands between a console and the sshd of a host. */
export type Gate = {
  state(): GateState;
  /** How long a byte takes in one direction, milliseconds. */
  delayMs(): number;
  /** Called after every change of the state; returns the unsubscriber. */
  subscribe(listener: (state: GateState) => void): () => void;
  /** Ends the watch on the world. */
  close(): void;
};

/** Watches the power, the network and the sshd of one host of the world. */
export function watchGate(world: World, host: string): Gate {
  const listeners = new Set<(state: GateState) => void>();
  const look = (): GateState => {
    const view = world.host(host);
    if (view === undefined || !view.powered) return 'off';
    return view.frozen.sshd || world.path(outside, host).state !== 'open' ? 'held' : 'open';
  };
  let state = look();
  const unlisten = world.listen(happening => {
    if (happening.kind !== 'host') return;
    const now = look();
    if (now === state) return;
    state = now;
    for (const listener of [...listeners]) listener(now);
  });
  return {
    state: () => state,
    delayMs: () => world.path(outside, host).roundTripMs / 2,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      unlisten();
      listeners.clear();
    },
  };
}
