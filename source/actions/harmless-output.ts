/**
 * Lines that pg_autoctl 2.0 to 2.2 prints around every action although nothing is wrong: it asks `get_nodes` with an empty group
 * (fixed by pull request 1133 of pg_auto_failover). What happened is judged by the monitor's states.
 */
export function isHarmless(line: string): boolean {
  return harmless.some(pattern => pattern.test(line));
}

const harmless = [
  /ERROR\s+Monitor ERROR:\s+invalid input syntax for type integer: ""/,
  /ERROR\s+Monitor CONTEXT:\s+unnamed portal parameter \$2 = ''/,
  /ERROR\s+SQL query: SELECT \* FROM pgautofailover\.get_nodes\(/,
  /ERROR\s+SQL params: '[^']*', ''/,
  /ERROR\s+Failed to get other nodes from the monitor while running/,
  /WARN\s+Failed to get_nodes\(\) on the monitor/,
];
