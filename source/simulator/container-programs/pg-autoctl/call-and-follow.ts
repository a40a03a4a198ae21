import type {MonitorCall} from '../../answer.ts';
import {type AutoctlCommand, exitCode} from './autoctl-command.ts';
import {followStates, type StateChange} from './follow-states.ts';
import {callMonitor} from './monitor-link.ts';

export type FollowedCall = {
  group: number;
  call: MonitorCall;
  /** What is logged when the monitor refuses. */
  refused: readonly (readonly ['ERROR' | 'FATAL', string])[];
  reached: (change: StateChange) => boolean;
  /** Simulated time. */
  waitMs: number;
  /** What is logged when it was not reached in time, or the monitor was lost. */
  missed: string;
};

/** Calls a function of the monitor and prints the changes of states until what it is for is reached; the exit status. */
export async function callAndFollow(
  command: AutoctlCommand,
  {group, call, refused, reached, waitMs, missed}: FollowedCall,
): Promise<number> {
  const follower = followStates(command, group, 'table');
  try {
    const answer = await callMonitor(command, call);
    if (!answer.ok) {
      for (const [level, text] of refused) await command.log(level, text);
      return exitCode.monitor;
    }
    // It is so already: nothing will happen.
    if (answer.value === false) return exitCode.ok;
    const end = await follower.until(reached, waitMs);
    if (end === 'reached') return exitCode.ok;
    if (end !== 'aborted') await command.log('ERROR', missed);
    return exitCode.internal;
  } finally {
    follower.close();
  }
}
