const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes in words, in PostgreSQL's units (1 kB is 1024 bytes): `0 B`, `1.5 MB`, `316 MB`. Small amounts are never rounded to 0. */
export function size(bytes: number): string {
  const sign = bytes < 0 ? '-' : '';
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${sign}${digits} ${units[unit] ?? ''}`;
}
