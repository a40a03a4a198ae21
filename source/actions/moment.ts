const units: Readonly<Record<string, number>> = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};

/**
 * The time that a person means, in milliseconds since 1970: how long ago (`90m`, `2h`), the time of a day that was last (`03:30`), or a date
 * with or without a time zone. Undefined when it is none of these.
 */
export function momentOf(text: string, now: number): number | undefined {
  const ago = /^(\d+)([smhd])$/.exec(text);
  if (ago !== null) return now - Number(ago[1]) * (units[ago[2] ?? ''] ?? 0);
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  if (clock !== null) {
    const moment = new Date(now);
    moment.setHours(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0), 0);
    return moment.getTime() > now ? moment.setDate(moment.getDate() - 1) : moment.getTime();
  }
  if (!/^\d{4}-\d\d-\d\d([T ]|$)/.test(text)) return undefined;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : parsed;
}
