import type {ContainerOwner} from '../docker/container-owner.ts';
import {dockerExec} from '../docker/docker.ts';
import {endRemains, markVariable} from './end-remains.ts';

/** A container of the cluster that a session goes into. */
export type SessionContainer = {
  container: string;
  host: string;
  /** The argv that stands for `docker` on that host. */
  docker: readonly string[];
  role: 'node' | 'monitor';
  /** Of its PostgreSQL. */
  port: number;
  /** Of the monitor; a node's own configuration knows which database its formation is about. */
  database?: string;
};

/** What runs in it. */
export type SessionProgram =
  | {kind: 'shell'}
  | {kind: 'psql'; write: boolean; words: readonly string[]}
  | {kind: 'autoctl'; words: readonly string[]}
  | {kind: 'exec'; words: readonly string[]};

export type SessionSurroundings = {
  /** The terminal that it runs on, if any: TERM there. */
  terminal: string | undefined;
  /** PGDATA's owner, for those programs that have to run as it. */
  owner: ContainerOwner | undefined;
  /** Names this one session and no other. */
  mark: string;
};

/** The argv of a session on the container's host, and the argv that ends what is left in the container when the session is lost. */
export function sessionArgv(
  place: SessionContainer,
  program: SessionProgram,
  {terminal, owner, mark}: SessionSurroundings,
): {argv: readonly string[]; afterLoss: readonly string[]} {
  const user = runsAsOwner(program) && owner?.user !== undefined ? {user: owner.user} : {};
  const argv = dockerExec(place.docker, place.container, programArgv(place, program, terminal !== undefined), {
    interactive: true,
    terminal: terminal !== undefined,
    ...user,
    environment: {
      [markVariable]: mark,
      ...(terminal === undefined ? {} : {TERM: terminal}),
      ...(owner?.pgdata === undefined ? {} : {PGDATA: owner.pgdata}),
      ...(program.kind === 'psql' ? psqlEnvironment(place, program.write) : {}),
    },
  });
  return {argv, afterLoss: dockerExec(place.docker, place.container, endRemains(mark), user)};
}

/** psql and pg_autoctl work only as the owner of PGDATA; a shell and anything else run as they would by hand. */
export function runsAsOwner(program: SessionProgram): boolean {
  return program.kind === 'psql' || program.kind === 'autoctl';
}

function programArgv(place: SessionContainer, program: SessionProgram, terminal: boolean): readonly string[] {
  switch (program.kind) {
    case 'shell':
      return ['sh', '-c', shellScript, 'sh', promptName(place), place.role];
    case 'psql': {
      const prompt = terminal ? ['-v', `PROMPT1=${psqlPrompt(place, program.write)}`] : [];
      return ['sh', '-c', psqlSessionScript, 'psql', ...prompt, ...program.words];
    }
    case 'autoctl':
      return ['pg_autoctl', ...program.words];
    case 'exec':
      return program.words;
  }
}

/** The container's environment may say otherwise, for pg_autoctl. */
function psqlEnvironment({port, database}: SessionContainer, write: boolean): Record<string, string> {
  return {
    PGUSER: '',
    PGPORT: String(port),
    PGDATABASE: database ?? '',
    PGAPPNAME: 'pgaf psql',
    PGCONNECT_TIMEOUT: '5',
    ...(write ? {} : {PGOPTIONS: '-c default_transaction_read_only=on'}),
  };
}

/** What PostgreSQL is at the moment of the prompt, by what it keeps in PGDATA: a word from the start of the session would soon be wrong. */
const roleScript =
  'if test -e "$PGDATA/standby.signal"; then echo standby; ' +
  'elif test -e "$PGDATA/postmaster.pid"; then echo primary; else echo down; fi';

function psqlPrompt(place: SessionContainer, write: boolean): string {
  const role = place.role === 'monitor' ? 'monitor' : `%\`${roleScript}\``;
  return `[${promptName(place)} ${role}${write ? ' READ-WRITE' : ''}] %/%R%x%# `;
}

function promptName({container}: SessionContainer): string {
  return container.replaceAll(/[^\w.-]/g, '_');
}

/**
 * bash with its own prompt and the container's name and role before it, else sh. Without any locale, one that lets type what is not ASCII.
 * bash sets its prompt from files when it starts, so it is completed when it first shows.
 */
export const shellScript = `
test -n "$LC_ALL$LC_CTYPE$LANG" || export LC_CTYPE=C.UTF-8
role='$(${roleScript})'
if test "$2" = monitor; then role=monitor; elif test -z "$PGDATA"; then role='?'; fi
if command -v bash >/dev/null 2>&1; then
  export PROMPT_COMMAND="unset PROMPT_COMMAND; PS1='[$1 $role] '\\"\\$PS1\\""
  exec bash
fi
export PS1="[$1 $role] \\$ "
exec sh`.trim();

/** psql with a pager if there is one; where its socket is and what its database is called, the container knows. Arguments go before. */
export const psqlSessionScript = `
pid=\${PGDATA:-/var/lib/postgres/pgaf}/postmaster.pid
if test -r "$pid"; then PGHOST=$(sed -n 5p "$pid"); : "\${PGHOST:=127.0.0.1}"; else PGHOST=; fi
test -n "$PGDATABASE" || PGDATABASE=$(pg_autoctl config get postgresql.dbname 2>/dev/null)
: "\${PGDATABASE:=postgres}"
if test -t 1 && test -z "$PAGER" && command -v less >/dev/null 2>&1; then export PAGER=less; fi
export PGHOST PGDATABASE
exec psql "$@"`.trim();
