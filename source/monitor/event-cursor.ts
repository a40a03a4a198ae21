import type {ClusterEvent} from '../cluster/snapshot.ts';

/**
 * How long an id stays open after it was read: a transaction that took a smaller one may commit a little later, and what lies before
 * the id from which we go on is never read.
 */
const settleMs = 1000;

/** Where we are in the monitor's event table: which events are new, and from which id the next read goes on. */
export class EventCursor {
  /** Everything up to here has been read; -1: nothing yet. */
  #settled = -1;
  /** Ids after `#settled` that were delivered, with the time when; in ascending order, but for latecomers. */
  readonly #delivered = new Map<number, number>();

  /** The next read returns events after this id; below 0: the last ones. */
  get from(): number {
    return this.#settled;
  }

  /** Takes the page that was read from `from` on, oldest first, and returns what was not there before. `fullPage`: there is more. */
  take(events: readonly ClusterEvent[], fullPage: boolean, now: number): ClusterEvent[] {
    const fresh = events.filter(event => event.id > this.#settled && !this.#delivered.has(event.id));
    for (const event of fresh) this.#delivered.set(event.id, now);
    let settled = this.#settled;
    for (const [id, at] of this.#delivered) if (now - at >= settleMs) settled = Math.max(settled, id);
    // The first page, and one that hides others behind it, are not read twice.
    if (settled < 0 || fullPage) settled = Math.max(0, settled, events.at(-1)?.id ?? 0);
    this.#settle(settled);
    return fresh;
  }

  /** Whether the table ends before what was read from it: another monitor took this one's place. */
  isBehind(lastEventId: number): boolean {
    return lastEventId < this.#settled;
  }

  reset(): void {
    this.#settled = -1;
    this.#delivered.clear();
  }

  #settle(id: number): void {
    this.#settled = id;
    for (const delivered of this.#delivered.keys()) if (delivered <= id) this.#delivered.delete(delivered);
  }
}
