/** What the monitor or pg_autoctl said when it refused, without the decoration of a log line, and what it means for the operator. */
export type Refusal = {words: string; meaning: string | undefined};

/** The refusal in the output of a command, when there is one (node_active_protocol.c, formation_metadata.c, cli_*.c of 2.0 to 2.2). */
export function refusalIn(output: readonly string[]): Refusal | undefined {
  const lines = output.map(undecorated);
  for (const {pattern, meaning} of refusals) {
    const words = lines.find(line => pattern.test(line));
    if (words !== undefined) return {words, meaning};
  }
  const words = output.findLast(line => /^(psql:.*)?(ERROR|FATAL):|\b(ERROR|FATAL)\s/.test(line));
  return words === undefined ? undefined : {words: undecorated(words), meaning: undefined};
}

const refusals: ReadonlyArray<{pattern: RegExp; meaning: string}> = [
  {
    pattern: /couldn't find the primary node/i,
    meaning: 'the primary is in transition or there is none: wait until it is primary again, or see the findings (R13)',
  },
  {
    pattern: /promotion can only be performed when in state "secondary"/,
    meaning: 'that node is not ready to take over: wait until it is secondary (R13)',
  },
  {pattern: /is already a primary/, meaning: 'nothing had to be done'},
  {
    pattern: /a stable state must be observed|not in a stable state/,
    meaning: 'a change is under way: wait until every node is where the monitor wants it (R13)',
  },
  {
    pattern: /there is currently 0 candidate nodes available|is not currently possible/,
    meaning: 'no healthy standby with a candidate priority above 0 could take over: mend one first (R48)',
  },
  {
    pattern: /cannot start maintenance/,
    meaning: 'only a secondary, or one that catches up, behind a stable primary can be taken out (R48)',
  },
  {pattern: /cannot stop maintenance/, meaning: 'it is not in maintenance, or on its way: wait and try again'},
  {pattern: /Please use --allow-failover/, meaning: 'it is the primary: its maintenance is a failover'},
  {
    pattern: /number_sync_standbys when current goal state/,
    meaning: 'the primary has to be primary or wait_primary: see R04 when it stays in apply_settings',
  },
  {
    pattern: /invalid value for number_sync_standbys/,
    meaning: 'more standbys with replication quorum are needed than there are',
  },
  {
    pattern: /can't set replication quorum to false/,
    meaning: 'lower number-sync-standbys first: too few would be left in the quorum',
  },
  {
    pattern: /current state for primary node .* is "apply_settings"/,
    meaning: 'another setting is being applied: wait until the primary is primary again (R04)',
  },
  {pattern: /invalid value for candidate_priority/, meaning: 'it is a number from 0 to 100'},
  {
    pattern: /No such container/,
    meaning: 'docker knows no container of this name on that host: it was removed, or is called otherwise',
  },
  {
    pattern: /Container \S+ is (restarting|paused)|container \S+ is not running/i,
    meaning: 'its container does not run: see its log, and start it first',
  },
  {pattern: /is not registered in formation/, meaning: 'the monitor knows no node of this name in this formation'},
  {pattern: /current transaction is aborted|deadlock detected/, meaning: 'a known clash of locks: try again (R42)'},
  {
    pattern: /canceling statement due to (lock|statement) timeout/,
    meaning: 'the monitor is busy with another change: try again (R42)',
  },
  {
    pattern: /Failed to wait until/,
    meaning: 'pg_autoctl stopped waiting; the change may still be under way (R14)',
  },
];

function undecorated(line: string): string {
  return line
    .replace(/^\d\d:\d\d:\d\d \d+ (FATAL|ERROR|WARN|INFO)\s+/, '')
    .replace(/^psql:\S*\s*/, '')
    .replace(/^(ERROR|FATAL|NOTICE|WARNING):\s+/, '')
    .replace(/^Monitor (ERROR|DETAIL|NOTICE):\s+/, '')
    .trim();
}
