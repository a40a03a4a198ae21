/** More names than this are counted. */
const mostNames = 8;

/** Names for a sentence, as `vm1, vm2`; of many the first ones and how many more there are. */
export function fewNames(names: readonly string[]): string {
  if (names.length <= mostNames) return names.join(', ');
  const shown = names.slice(0, mostNames - 2);
  return `${shown.join(', ')} and ${names.length - shown.length} more`;
}
