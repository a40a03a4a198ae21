import {wholeSeconds} from '../cluster/duration.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import {connectMonitor, type MonitorConnection, type MonitorOptions} from './connect.ts';
import {lockHolderQuery} from './lock-holder-query.ts';

/** The lock of a formation: ours until `release` or until its connection is lost, somebody else's, or the monitor could not be asked. */
export type FormationLock =
  | {kind: 'held'; lost: Promise<unknown>; release(): void}
  | {kind: 'taken'; by: string}
  | {kind: 'unknown'};

/** The first key of pgaf's advisory locks; the second is the formation's. Any number that no other program uses. */
const lockClass = 7_061_996;
const statementTimeoutMs = 2000;
const namePrefix = 'pgaf ';

/**
 * Takes the advisory lock of a formation in the monitor's database, on a connection of its own: it ends with the connection, so that a
 * console that died holds nobody up (PostgreSQL documentation, 13.3.5). `operator` is what others read when they find it taken.
 */
export async function lockFormation(options: MonitorOptions, operator: string): Promise<FormationLock> {
  const connected = await connectMonitor(options, {
    readOnly: true,
    statementTimeoutMs,
    applicationName: `${namePrefix}${operator}`,
  });
  if (!connected.ok) return {kind: 'unknown'};
  const release = () => void connected.value.close();
  try {
    if (await tryLock(connected.value, options.formation)) return {kind: 'held', lost: connected.value.lost, release};
    const by = await holderOf(connected.value, options.formation);
    release();
    return {kind: 'taken', by};
  } catch {
    // The monitor went away meanwhile: what the action's own checks say is the better reason.
    release();
    return {kind: 'unknown'};
  }
}

async function tryLock({client}: MonitorConnection, formation: string): Promise<boolean> {
  const taken = await client.query<{locked: boolean}>('select pg_try_advisory_lock($1::int, hashtext($2)) as locked', [
    lockClass,
    formation,
  ]);
  return taken.rows[0]?.locked === true;
}

type Holder = {application_name: string | null; client_address: string | null; seconds: number | null};

async function holderOf({client}: MonitorConnection, formation: string): Promise<string> {
  const found = await client.query<Holder>(lockHolderQuery, [lockClass, formation]);
  const [holder] = found.rows;
  if (holder === undefined) return 'one that has just ended: try again';
  // Anybody may call himself anything.
  const name = sanitizeLine(holder.application_name?.replace(namePrefix, '') ?? '').trim() || 'somebody';
  const from = holder.client_address === null ? '' : ` from ${holder.client_address}`;
  return `${name}${from}${holder.seconds === null ? '' : `, for ${wholeSeconds(holder.seconds)}`}`;
}
