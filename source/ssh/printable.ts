/**
 * A server's own words without control sequences, on one line (`lines` false) or several, cut at a length that no honest server needs.
 */
export function printable(text: string, lines = false): string {
  const clean = text
    .replaceAll('\r\n', '\n')
    // Escape sequences whole, so that their parameters do not stay behind as text.
    .replaceAll(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g, '')
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, ' ')
    .slice(0, 2000);
  return lines ? clean.trimEnd() : clean.replaceAll('\n', ' ').trim();
}
