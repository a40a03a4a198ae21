/** The order of texts that knows no language. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
