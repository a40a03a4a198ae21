/** So many bytes may be on their way in one direction before the sender has to wait. */
const mostBytes = 256 * 1024;

/** Delays shorter than this are none: timers are no finer. */
const shortestDelayMs = 1;

export type LaneOptions = {
  delayMs: () => number;
  /** Takes what has arrived; null is the end. */
  deliver: (chunk: Buffer | null) => void;
  /** There is room again for more. */
  drained: () => void;
};

/** One direction of a connection: bytes arrive in order, after a delay, and only while the lane is open. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #queue: {chunk: Buffer | null; due: number}[] = [];
  #bytes = 0;
  #open: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LaneOptions, open: boolean) {
    this.#options = options;
    this.#open = open;
  }

  /** Sends a piece, or the end; false when the sender is to wait for `drained`. */
  send(chunk: Buffer | null): boolean {
    const delay = this.#options.delayMs();
    if (this.#queue.length === 0 && this.#open && delay < shortestDelayMs) {
      this.#options.deliver(chunk);
      return true;
    }
    this.#queue.push({chunk, due: performance.now() + delay});
    this.#bytes += chunk?.length ?? 0;
    this.#schedule();
    return this.#bytes < mostBytes;
  }

  setOpen(open: boolean): void {
    this.#open = open;
    if (open) this.#schedule();
    else this.#stop();
  }

  /** Forgets what is on its way. */
  close(): void {
    this.#stop();
    this.#queue.length = 0;
    this.#open = false;
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    const next = this.#queue[0];
    if (!this.#open || this.#timer !== undefined || next === undefined) return;
    this.#timer = setTimeout(() => this.#deliverDue(), Math.max(0, next.due - performance.now()));
  }

  #deliverDue(): void {
    this.#timer = undefined;
    const wasFull = this.#bytes >= mostBytes;
    const now = performance.now();
    while (this.#open) {
      const next = this.#queue[0];
      // A timer may be early by a part of a millisecond.
      if (next === undefined || next.due > now + 1) break;
      this.#queue.shift();
      this.#bytes -= next.chunk?.length ?? 0;
      this.#options.deliver(next.chunk);
    }
    if (wasFull && this.#bytes < mostBytes) this.#options.drained();
    this.#schedule();
  }
}
