/** What PostgreSQL says beside an answer. The console shows it: some warnings stand nowhere else. */
export type Notice = {severity: 'NOTICE' | 'WARNING'; message: string; detail?: string; hint?: string};

/** An error as PostgreSQL sends it; `code` is its SQLSTATE. */
export type DatabaseError = {code: string; message: string; detail?: string; hint?: string};

/** The monitor's answer to a call: the function's value (null for void), or its refusal. Notices come with either. */
export type Answer =
  | {ok: true; value: boolean | null; notices: readonly Notice[]}
  | {ok: false; error: DatabaseError; notices: readonly Notice[]};

/** A call of one of the monitor's functions, with its SQL name and arguments (pgautofailover.sql). */
export type MonitorCall =
  | {call: 'perform_failover'; formation: string; group: number}
  | {call: 'perform_promotion'; formation: string; node: string}
  | {call: 'start_maintenance'; nodeId: number}
  | {call: 'stop_maintenance'; nodeId: number}
  | {call: 'set_node_candidate_priority'; formation: string; node: string; priority: number}
  | {call: 'set_node_replication_quorum'; formation: string; node: string; quorum: boolean}
  | {call: 'set_formation_number_sync_standbys'; formation: string; standbys: number}
  | {call: 'remove_node'; nodeId: number; force: boolean};

/** SQLSTATEs of the monitor's refusals (errcodes.h). */
export const sqlState = {
  objectNotInPrerequisiteState: '55000',
  invalidParameterValue: '22023',
  undefinedObject: '42704',
  internal: 'XX000',
} as const;
