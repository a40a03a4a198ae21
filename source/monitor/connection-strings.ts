import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {HostConnection} from '../ssh/host-connection.ts';

const deadlineMs = 8000;

/**
 * What `pg_autoctl show uri` prints in the monitor's container: a line each, passwords masked, and the one of the formation, which
 * applications use. That one never holds a password.
 */
export async function connectionStrings(
  host: HostConnection,
  docker: readonly string[],
  container: string,
  formation: string,
): Promise<Outcome<{application: string | undefined; all: readonly string[]}>> {
  const argv = [...docker, 'exec', container, 'pg_autoctl', 'show', 'uri'];
  const result = await host.run(argv, {deadlineMs});
  if (!result.ok) return result;
  const {exitCode, stdout, stderr} = result.value;
  if (exitCode !== 0) {
    return bad('command-failed', `\`pg_autoctl show uri\` in ${container} ended with status ${exitCode ?? '?'}`, {
      ...(stderr.trim() === '' ? {} : {detail: stderr.trim()}),
    });
  }
  const rows = stdout.split('\n').map(line => line.split('|').map(cell => cell.trim()));
  const row = rows.find(([type, name]) => type === 'formation' && name === formation);
  return good({application: row?.[2], all: stdout.trimEnd().split('\n').map(masked)});
}

function masked(line: string): string {
  return line.replaceAll(/(:\/\/[^:@/\s]*):[^@/\s]*@/g, '$1:***@').replaceAll(/(password=)[^&\s]*/g, '$1***');
}
