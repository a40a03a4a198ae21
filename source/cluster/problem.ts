/**
 * What went wrong, in the words of the person who has to act. Every edge (ssh, docker, monitor, postgres, configuration) turns its
 * errors into one of these; nothing past an edge throws.
 */
export type Problem = {
  kind: ProblemKind;
  /** One line: what happened, to what. No stack, no trailing full stop. */
  message: string;
  /** The message where a row of 80 columns has to do, when what matters would be cut off; the host is named before it. */
  brief?: string;
  /** One line: what to do about it. */
  remedy?: string;
  /** The other side's own words, for a log or a details pane; may span lines. */
  detail?: string;
};

export type ProblemKind =
  // reaching a host
  | 'name-unknown'
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'host-key-revoked'
  | 'host-certificate'
  | 'authentication'
  | 'key-file'
  | 'algorithms'
  | 'session-limit'
  | 'closed'
  | 'not-connected'
  // docker on a host
  | 'docker-missing'
  | 'docker-permission'
  | 'docker-down'
  | 'container-missing'
  | 'container-not-running'
  | 'command-failed'
  // the monitor's database and the data nodes
  | 'monitor-unknown'
  | 'monitor-refused'
  | 'monitor-authentication'
  | 'monitor-tls'
  | 'monitor-schema'
  | 'formation-unknown'
  | 'postgres-down'
  | 'query'
  // ourselves
  | 'configuration'
  | 'cancelled'
  | 'internal';

/** A value, or the reason why there is none. */
export type Outcome<T> = {ok: true; value: T} | {ok: false; problem: Problem};

export function good<T>(value: T): Outcome<T> {
  return {ok: true, value};
}

export function bad(
  kind: ProblemKind,
  message: string,
  more: Omit<Problem, 'kind' | 'message'> = {},
): {ok: false; problem: Problem} {
  return {ok: false, problem: {kind, message, ...more}};
}

/** The text of anything that was thrown, without its stack. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
