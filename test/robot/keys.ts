const named: Readonly<Record<string, string>> = {
  enter: '\r',
  esc: '\x1b',
  tab: '\t',
  'shift-tab': '\x1b[Z',
  space: ' ',
  backspace: '\x7f',
  insert: '\x1b[2~',
  delete: '\x1b[3~',
  'page-up': '\x1b[5~',
  'page-down': '\x1b[6~',
  f1: '\x1bOP',
  f2: '\x1bOQ',
  f3: '\x1bOR',
  f4: '\x1bOS',
  f5: '\x1b[15~',
  f10: '\x1b[21~',
};

const movements: Readonly<Record<string, string>> = {
  up: 'A',
  down: 'B',
  right: 'C',
  left: 'D',
  end: 'F',
  home: 'H',
};

/**
 * The bytes a terminal sends for a key: a name ('enter', 'esc', 'down', 'page-up', 'f1'), a single character, or one of these behind
 * 'ctrl-' or 'alt-'. Programs that asked for application cursor keys get those. Throws for a name that no key has.
 */
export function keyBytes(key: string, applicationCursorKeys = false): string {
  const movement = movements[key];
  if (movement !== undefined) return applicationCursorKeys ? `\x1bO${movement}` : `\x1b[${movement}`;
  const bytes = named[key];
  if (bytes !== undefined) return bytes;
  if ([...key].length === 1) return key;
  if (key.startsWith('alt-')) return `\x1b${keyBytes(key.slice(4), applicationCursorKeys)}`;
  if (/^ctrl-[a-z@[\\\]^_]$/.test(key)) return String.fromCharCode(key.toUpperCase().charCodeAt(5) & 0x1f);
  throw new Error(`no key is called ${JSON.stringify(key)}`);
}

/** A paste as a terminal sends it: newlines become carriage returns, and it is framed when the program asked for bracketed paste. */
export function pasteBytes(text: string, bracketed: boolean): string {
  const body = text.replaceAll(/\r?\n/g, '\r');
  return bracketed ? `\x1b[200~${body}\x1b[201~` : body;
}
