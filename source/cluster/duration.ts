/** A length of time in words that fit a header: `2.4 s`, `23 s`, `14 min`, `3 h`, `2 d`. Seconds; never negative. */
export function duration(seconds: number): string {
  const length = Math.max(0, seconds);
  if (length < 9.95) return `${length.toFixed(1)} s`;
  if (length < 119.5) return `${Math.round(length)} s`;
  if (length < 7200) return `${Math.round(length / 60)} min`;
  if (length < 172_800) return `${Math.round(length / 3600)} h`;
  return `${Math.round(length / 86_400)} d`;
}

/** As `duration`, in whole seconds: for what ticks down or is only known to the second. */
export function wholeSeconds(seconds: number): string {
  const length = Math.max(0, seconds);
  return length < 119.5 ? `${Math.round(length)} s` : duration(length);
}
