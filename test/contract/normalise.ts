/** What differs between two runs of the same cluster, or between two clusters of the same kind, and says nothing. */
const accidents: readonly (readonly [RegExp, string])[] = [
  [/^\d\d:\d\d:\d\d \d+ +(?=[A-Z]+ )/gm, 'HH:MM:SS PID '],
  [/^\d\d:\d\d:\d\d$/gm, 'HH:MM:SS'],
  [/\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(\+00(:00)?|Z)/g, 'TIMESTAMP'],
  [/\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\b/g, 'CTIME'],
  [/\b10\.\d+\.\d+\.1([123])\b/g, 'ADDRESS$1'],
  [/\b[0-9A-F]{1,8}\\?\/[0-9A-F]{5,8}\b/g, 'LSN'],
  [/\b\d+(?=: LSN)/g, 'TLI'],
  [/sslmode=\w+/g, 'sslmode=MODE'],
  // How soon a dead monitor is given up is said by who makes the cluster.
  [/&?(keepalives_\w+|tcp_user_timeout)=\d+/g, ''],
  [/\?&/g, '?'],
  [/\bpid \d+/g, 'pid N'],
  [/"pid": \d+/g, '"pid": N'],
  [/(?<="(?:timeline|reported_tli)": )\d+/g, 'N'],
  [/\b\d{18,20}\b/g, 'SYSTEM'],
  [/\b15\.\d+( \(Debian [^)]*\))?/g, '15.x'],
  [/\b1500\d\d\b/g, '1500xx'],
  [/(?<=15\.x) on [^"\n]*?-bit/g, ''],
  [/\b\d+(?= healthy)/g, 'N'],
  [/\d+ nodes?(?= reported their LSN)/g, 'N nodes'],
  [/\d+ attempts in \d+ ms/g, 'N attempts in N ms'],
  // What it asks for by mistake is whatever stands in its memory.
  [/(?<=get_nodes\(\$1, \$2\) ORDER BY node_id\n.*SQL params: 'default', )'[^'\n]*'/g, "''"],
  // 0 as long as there was none.
  [/(?<=(?:Last Secondary Contact: +|"last_secondary_contact": "))(?:CTIME|0)/g, 'CTIME'],
  [/postgresql:(?=\/\/)/g, 'postgres:'],
  [/(?<=input syntax for type integer: )"[^"\n]*"/g, '""'],
  [/(?<=unnamed portal parameter \$2 = )'[^'\n]*'/g, "''"],
  // Whether it has said so itself by then depends on which of them reports first; so does what the next one is about.
  [
    /(?<=to prepare_promotion)( after node \d "\w+" \([^)]*\) became unhealthy)?(?= and N nodes reported)/g,
    ' [after … became unhealthy]',
  ],
  [/converged to (wait_)?primary\b/g, 'converged to [wait_]primary'],
];

/** The text without them. Tables are made independent of how long an address is. */
export function normalise(text: string): string {
  const sorted = text.replaceAll(/(?<=postgres:(?:\/\/|\\\/\\\/))[\d.:,]+(?=\\?\/)/g, hosts =>
    hosts.split(',').toSorted().join(','),
  );
  const plain = (line: string) => accidents.reduce((result, [pattern, by]) => result.replaceAll(pattern, by), line);
  return withoutWidths(sorted, plain);
}

/**
 * Tables as pg_autoctl prints them, with the rule that each column's width follows in place of the blanks: `=` as wide as its longest
 * text, else a number.
 */
function withoutWidths(text: string, plain: (line: string) => string): string {
  const result: string[] = [];
  let other: string[] = [];
  const lines = text.split('\n');
  const flush = () => {
    if (other.length > 0) result.push(plain(other.join('\n')));
    other = [];
  };
  for (let index = 0; index < lines.length; index += 1) {
    const rule = lines[index + 1] ?? '';
    if (!/^-+(\+-+)+$/.test(rule)) {
      other.push(lines[index] ?? '');
      continue;
    }
    flush();
    const end = lines.findIndex((line, at) => at > index + 1 && !line.includes('|'));
    const block = lines.slice(index, end === -1 ? lines.length : end).filter(line => line !== rule);
    result.push(...tableLines(block, rule, plain));
    index += block.length;
  }
  flush();
  return result.join('\n');
}

function tableLines(block: readonly string[], rule: string, plain: (line: string) => string): string[] {
  const rows = block.map(line => line.split('|'));
  const columns = rule.split('+').map((dashes, index, all) => {
    const cells = rows.map(row => row[index] ?? '');
    // A timeline takes three columns.
    const longest = Math.max(...cells.map(cell => cell.trim().replace(/^\d+(?=: )/, text => text.padStart(3)).length));
    const isLast = index === all.length - 1;
    const width = dashes.length - (index === 0 || isLast ? 1 : 2);
    const side = cells.every(cell => /^ ?\S/.test(cell)) ? 'left' : 'right';
    const padded = cells.every(cell => cell.length === cells[0]?.length) ? 'padded' : 'ragged';
    return `${width === longest ? '=' : width} ${isLast ? `${side} ${padded}` : ''}`.trim();
  });
  return [`columns: ${columns.join(' | ')}`, ...rows.map(row => row.map(cell => plain(cell.trim())).join(' | '))];
}
