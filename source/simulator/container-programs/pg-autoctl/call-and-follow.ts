import type {MonitorCall} from '../../answer.ts';
import {type AutoctlCommand, exitCode} from './autoctl-command.ts';
import {followStates, type Print, type StateChange} from './follow-states.ts';
import {callMonitor} from './monitor-link.ts';

export type FollowedCall = {
  group: number;
  call: MonitorCall;
  print: Print;
  /** What is logged when the monitor refuses, and the exit status then. */
  refused: readonly (readonly ['ERROR' | 'FATAL', string])[];
  refusedStatus: number;
  /** Logged before anything is waited for. */
  waiting?: string;
  reached: (change: StateChange) => boolean;
  /** Simulated time. */
  waitMs: number;
  /** What is logged when it was not reached in time, or the monitor was lost. */
  missed: string;
};

/** Calls a function of the monitor and prints the changes of states until what it is for is reached; the exit status. */
export async function callAndFollow(command: AutoctlCommand, followed: FollowedCall): Promise<number> {
  const {group, call, print, refused, refusedStatus, waiting, reached, waitMs, missed} = followed;
  const follower = followStates(command, group, print);
  try {
    const answer = await callMonitor(command, call);
    if (!answer.ok) {
      for (const [level, text] of refused) await command.log(level, text);
      return refusedStatus;
    }
    // It is so already: nothing will happen.
    if (answer.value === false) return exitCode.ok;
    if (waiting !== undefined) await command.log('INFO', waiting);
    const end = await follower.until(reached, waitMs);
    if (end === 'reached') return exitCode.ok;
    if (end === 'timeout') await command.log('ERROR', "Failed to receive monitor's notifications");
    if (end !== 'aborted') await command.log('ERROR', missed);
    return exitCode.internal;
  } finally {
    follower.close();
  }
}
