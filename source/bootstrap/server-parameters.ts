import {literal} from '../actions/commands.ts';
import {parameterWords} from '../config/server-parameters.ts';
import {requiredParameters} from './required-parameters.ts';
import type {ServerSurvey} from './server-survey.ts';

/** The parameters that a server does not have yet as they are wanted, with what ALTER SYSTEM has set instead. */
export function changedParameters(
  wanted: Readonly<Record<string, string>>,
  server: ServerSurvey | undefined,
): readonly {name: string; from: string | undefined; to: string}[] {
  return Object.entries(wanted).flatMap(([name, to]) => {
    const from = server?.parameters.get(name);
    return from !== undefined && sameValue(name, from, to) ? [] : [{name, from, to}];
  });
}

/**
 * What a bootstrap has set, and is not described any more; what somebody has set to something else since is theirs. `stays`: PostgreSQL of a
 * standby does not start with less of these than its primary has, so they are taken back only while a node is alone.
 */
export function abandonedParameters(
  wanted: Readonly<Record<string, string>>,
  server: ServerSurvey | undefined,
  isAlone: boolean,
): readonly {name: string; from: string; stays: boolean}[] {
  return [...(server?.noted ?? [])].flatMap(([name, noted]) => {
    const from = server?.parameters.get(name);
    if (name in wanted || noted === null || from === undefined || !sameValue(name, from, noted)) return [];
    return [{name, from, stays: requiredParameters.includes(name) && !isAlone}];
  });
}

/** ALTER SYSTEM holds on a primary and on a standby, outlasts what pg_auto_failover writes, and goes along with a base backup. */
export function alterSystem(name: string, value: string): string {
  const words = parameterWords(name, value).map(literal);
  const set = `set ${name} = ${words.length === 0 ? "''" : words.join(', ')}`;
  // What an extension brings is not known before its library is loaded: a value in this session makes it known.
  const known = name.includes('.')
    ? `select ${literal(set)} where not exists (select from pg_settings where name = ${literal(name)}) \\gexec\n`
    : '';
  return `${known}alter system ${set};\n`;
}

/**
 * Restarts PostgreSQL below its pg_autoctl, if one of the parameters (its other arguments) needs that; those with which it does not start again are
 * taken back. Its first argument is the port.
 */
export const restartForParametersScript = [
  'port=$1; shift',
  'query="select 1 from pg_settings where context = \'postmaster\' and name in (\'$(echo "$@" | sed "s/ /\',\'/g")\') limit 1"',
  '[ "$(psql -X -A -t -q -p "$port" -d postgres -c "$query")" = 1 ] || exit 0',
  'pg_autoctl do service restart postgres',
  'left=60',
  'until psql -X -q -p "$port" -d postgres -c "select 1" >/dev/null 2>&1; do',
  '  if [ "$left" = 0 ]; then',
  '    for name do sed -i "/^$name = /d" "$PGDATA/postgresql.auto.conf"; done',
  '    echo "PostgreSQL does not start with $*: they were taken back" >&2; exit 1',
  '  fi',
  '  left=$((left - 1)); sleep 1',
  'done',
].join('\n');

/** As far as text goes: PostgreSQL keeps what was written, but sets its own blanks and quotes in lists. */
function sameValue(name: string, one: string, other: string): boolean {
  const plain = (value: string) => parameterWords(name, value.replaceAll('"', '')).join(',');
  return plain(one) === plain(other);
}
