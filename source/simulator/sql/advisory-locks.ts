/** A session as others see the locks that it holds: its name now, and since when it is there. */
export type LockOwner = {applicationName(): string; readonly startedAt: number};

/** Advisory locks of a database. A key is the text of pg_advisory_lock's arguments; a session that has a lock may take it again. */
export class AdvisoryLocks {
  readonly #held = new Map<string, {owner: LockOwner; count: number}>();

  /** Whether the owner has it now. */
  tryLock(owner: LockOwner, key: string): boolean {
    const held = this.#held.get(key);
    if (held !== undefined && held.owner !== owner) return false;
    this.#held.set(key, {owner, count: (held?.count ?? 0) + 1});
    return true;
  }

  holder(key: string): LockOwner | undefined {
    return this.#held.get(key)?.owner;
  }

  /** Whether the owner had it. */
  unlock(owner: LockOwner, key: string): boolean {
    const held = this.#held.get(key);
    if (held === undefined || held.owner !== owner) return false;
    held.count -= 1;
    if (held.count === 0) this.#held.delete(key);
    return true;
  }

  unlockAll(owner: LockOwner): void {
    for (const [key, held] of this.#held) if (held.owner === owner) this.#held.delete(key);
  }
}
