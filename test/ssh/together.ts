/** Cases that mostly wait, side by side; what fails is told by the name of its case. */
export async function together<Case extends readonly [string, ...unknown[]]>(
  cases: readonly Case[],
  run: (each: Case) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(cases.map(run));
  for (const [index, result] of results.entries()) {
    if (result.status === 'rejected') throw new Error(`${cases[index]?.[0]}: ${result.reason}`, {cause: result.reason});
  }
}
