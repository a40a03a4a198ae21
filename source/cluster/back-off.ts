/** The clock (milliseconds) and the randomness (0 to 1) that the edges use, so that tests can hold them. */
export type EdgeClock = {now(): number; random(): number};

/** How long to wait before the next attempt after `failures` failures in a row (1 is the first): doubling, jittered by a quarter, bounded. */
export function backOffMs(
  failures: number,
  random: () => number,
  limits: {firstMs?: number; maxMs?: number} = {},
): number {
  const first = limits.firstMs ?? 250;
  const most = limits.maxMs ?? 8000;
  const plain = Math.min(most, first * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return Math.round(plain * (0.75 + 0.5 * random()));
}
