declare const lsnBrand: unique symbol;

/** A write-ahead log position in bytes (PostgreSQL's pg_lsn, printed `16/B374D848`). */
export type Lsn = bigint & {readonly [lsnBrand]: true};

/** Parses PostgreSQL's `X/Y` notation; undefined for anything else. `0/0` means "not known" and is undefined too. */
export function parseLsn(text: string | null | undefined): Lsn | undefined {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text ?? '');
  if (match === null) return undefined;
  const value = (BigInt(`0x${match[1]}`) << 32n) + BigInt(`0x${match[2]}`);
  return isLsn(value) ? value : undefined;
}

export function formatLsn(lsn: Lsn): string {
  const hex = (part: bigint) => part.toString(16).toUpperCase();
  return `${hex(lsn >> 32n)}/${hex(lsn & 0xffffffffn)}`;
}

/** Bytes from `behind` to `ahead`; negative when `behind` is in fact ahead. */
export function lsnDistance(ahead: Lsn, behind: Lsn): number {
  return Number(ahead - behind);
}

function isLsn(value: bigint): value is Lsn {
  return value > 0n;
}
