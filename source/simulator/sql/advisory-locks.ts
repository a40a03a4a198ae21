/** Advisory locks of a database. A key is the text of pg_advisory_lock's arguments; a session that has a lock may take it again. */
export class AdvisoryLocks {
  readonly #held = new Map<string, {owner: object; count: number}>();

  /** Whether the owner has it now. */
  tryLock(owner: object, key: string): boolean {
    const held = this.#held.get(key);
    if (held !== undefined && held.owner !== owner) return false;
    this.#held.set(key, {owner, count: (held?.count ?? 0) + 1});
    return true;
  }

  /** Whether the owner had it. */
  unlock(owner: object, key: string): boolean {
    const held = this.#held.get(key);
    if (held === undefined || held.owner !== owner) return false;
    held.count -= 1;
    if (held.count === 0) this.#held.delete(key);
    return true;
  }

  unlockAll(owner: object): void {
    for (const [key, held] of this.#held) if (held.owner === owner) this.#held.delete(key);
  }
}
