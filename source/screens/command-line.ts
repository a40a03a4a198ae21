/** A command as a person would paste it into a shell. For reading: what runs is quoted where it is sent. */
export function shellLine(argv: readonly string[]): string {
  return argv.map(word => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
