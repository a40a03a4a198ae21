import type {Level} from '../cluster/assessment.ts';
import type {Problem} from '../cluster/problem.ts';

/** Exit statuses of `status`, those of a Nagios plugin; the others are sysexits: 64 usage, 69 nothing reachable, 78 configuration. */
export function exitStatus(level: Level): number {
  const statuses: Record<Level, number> = {healthy: 0, degraded: 1, changing: 1, blocked: 2, down: 2, unknown: 3};
  return statuses[level];
}

/** For a problem that kept a command from doing what it is for: a failure of the program's own parts is not the configuration's. */
export function problemStatus({kind}: Problem): number {
  return kind === 'configuration' ? configurationStatus : failedStatus;
}

/** Refused by a check; nothing was changed. */
export const refusedStatus = 4;
export const usageStatus = 64;
export const unreachableStatus = 69;
export const configurationStatus = 78;
/** Something of the program itself has failed (EX_SOFTWARE of sysexits). */
export const failedStatus = 70;
