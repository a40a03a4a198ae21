import {size} from '../cluster/size.ts';
import type {MonitorReading} from '../cluster/snapshot.ts';

/** How far something is that takes long: bytes that went, of how many, and how many a second lately. */
export type Progress = {
  what: string;
  bytes: number;
  totalBytes: number | undefined;
  bytesPerSecond: number | undefined;
  /** It begins when the checkpoint of the node that it is copied from is complete: that may take most of checkpoint_timeout. */
  waitsForCheckpoint?: boolean;
};

/**
 * Prints a line for each standby that is being copied from this node: its application name, bytes sent, bytes in all, and the phase (PostgreSQL
 * documentation, Base Backup Progress Reporting). PostgreSQL 13 and later.
 */
export const baseBackupQuery =
  "select application_name, backup_streamed, coalesce(backup_total::text, ''), phase from pg_stat_progress_basebackup join pg_stat_activity using (pid)";

/** The base backups that the query found; `before` are those of the last look, which was so many seconds ago. A standby goes by its node's name. */
export function parseBaseBackups(
  output: string,
  reading: MonitorReading | undefined,
  before: readonly Progress[],
  secondsSince: number,
): readonly Progress[] {
  return output.split('\n').flatMap(line => {
    const [, application = '', streamed = '', total = '', phase] =
      /^([^|]*)\|(\d+)\|(\d*)\|(.*)$/.exec(line.trim()) ?? [];
    if (streamed === '') return [];
    const id = Number(/^pgautofailover_standby_(\d+)$/.exec(application)?.[1]);
    const what = reading?.nodes.find(node => node.id === id)?.name ?? application;
    const bytes = Number(streamed);
    const earlier = before.find(each => each.what === what)?.bytes;
    return [
      {
        what,
        bytes,
        totalBytes: total === '' ? undefined : Number(total),
        bytesPerSecond:
          earlier === undefined || earlier > bytes || secondsSince <= 0 ? undefined : (bytes - earlier) / secondsSince,
        ...(phase === 'waiting for checkpoint to finish' && {waitsForCheckpoint: true}),
      },
    ];
  });
}

/** The node that others are copied from now; undefined when nobody is being copied. */
export function copiedFrom(reading: MonitorReading | undefined): string | undefined {
  const copying = reading?.nodes.some(
    ({reportedState, assignedState}) =>
      reportedState === 'init' || reportedState === 'wait_standby' || assignedState === 'catchingup',
  );
  if (copying !== true) return undefined;
  return reading?.nodes.find(node =>
    /^(single|wait_primary|join_primary|apply_settings|primary)$/.test(node.reportedState),
  )?.name;
}

/** `pg_node2 is copied: 120 MB of 340 MB, 24 MB/s`. */
export function progressWords({what, bytes, totalBytes, bytesPerSecond, waitsForCheckpoint}: Progress): string {
  if (waitsForCheckpoint === true)
    return `${what} is copied as soon as a checkpoint is complete, which takes no more than checkpoint_timeout`;
  const all = totalBytes === undefined ? '' : ` of ${size(Math.max(totalBytes, bytes))}`;
  const rate = bytesPerSecond === undefined ? '' : `, ${size(bytesPerSecond)}/s`;
  return `${what} is copied: ${size(bytes)}${all}${rate}`;
}
