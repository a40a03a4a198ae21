import type {Duplex} from 'node:stream';
import type {Client} from 'ssh2';
import type {ConnectionTiming} from './host-settings.ts';

/** What keeps an eye on one connection. */
export type Life = {
  roundTripMs(): number | undefined;
  onRoundTrip(listener: () => void): void;
  /** Sends a request now instead of at the next interval. */
  probe(): void;
  stop(): void;
};

/**
 * Sends a request every interval and measures how long the answer takes; calls `dead` when not a byte came for so many intervals. Anything
 * that the server sends counts as life: an answer may stand in line behind a flood of log lines.
 */
export function watchLife(
  client: Client,
  socket: Duplex,
  timing: ConnectionTiming,
  dead: (silentMs: number) => void,
): Life {
  const {keepaliveMs, keepaliveMisses} = timing;
  const listeners = new Set<() => void>();
  let roundTripMs: number | undefined;
  let silentIntervals = 0;
  let waiting = false;

  const heard = () => {
    silentIntervals = 0;
  };
  const ask = () => {
    if (waiting) return;
    const sentAt = performance.now();
    waiting = true;
    try {
      // ssh2's own keepalive does not tell when the answer comes. Taking back a forwarding that was never asked for is a global request
      // that every server answers (with no), and that changes nothing.
      client.unforwardIn('127.0.0.1', 0, () => {
        waiting = false;
        roundTripMs = performance.now() - sentAt;
        for (const listener of listeners) listener();
      });
    } catch {
      // Not connected any more: the connection's own 'close' says so, with the reason.
      waiting = false;
    }
  };
  const timer = setInterval(() => {
    silentIntervals++;
    if (silentIntervals < keepaliveMisses) return ask();
    clearInterval(timer);
    dead(silentIntervals * keepaliveMs);
  }, keepaliveMs);
  socket.on('data', heard);
  ask();

  return {
    roundTripMs: () => roundTripMs,
    onRoundTrip: listener => listeners.add(listener),
    probe: ask,
    stop() {
      clearInterval(timer);
      socket.removeListener('data', heard);
      listeners.clear();
    },
  };
}
