import {connectMonitor, type MonitorOptions} from './connect.ts';

/** The lock of a formation: ours until `release`, somebody else's, or the monitor could not be asked. */
export type FormationLock = {kind: 'held'; release(): void} | {kind: 'taken'; by: string} | {kind: 'unknown'};

/** The first key of pgaf's advisory locks; the second is the formation's. Any number that no other program uses. */
const lockClass = 7_061_996;
const statementTimeoutMs = 2000;

/**
 * Takes the advisory lock of a formation in the monitor's database, on a connection of its own: it ends with the connection, so that a
 * console that died holds nobody up (PostgreSQL documentation, 13.3.5).
 */
export async function lockFormation(options: MonitorOptions): Promise<FormationLock> {
  const connected = await connectMonitor(options, {readOnly: true, statementTimeoutMs});
  if (!connected.ok) return {kind: 'unknown'};
  const {client, close} = connected.value;
  const release = () => void close();
  try {
    const taken = await client.query<{locked: boolean}>(
      'select pg_try_advisory_lock($1::int, hashtext($2)) as locked',
      [lockClass, options.formation],
    );
    if (taken.rows[0]?.locked === true) return {kind: 'held', release};
    release();
    return {kind: 'taken', by: 'its lock on the monitor is held'};
  } catch {
    // The monitor went away meanwhile: what the action's own checks say is the better reason.
    release();
    return {kind: 'unknown'};
  }
}
