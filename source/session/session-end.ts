import {constants} from 'node:os';
import type {Problem} from '../cluster/problem.ts';
import type {ProcessEnd} from '../ssh/host-connection.ts';

/** How a session was left: its program ended, the person left it, or it was lost or never began. */
export type SessionEnd = {kind: 'exited'; status: number} | {kind: 'left'} | {kind: 'lost'; problem: Problem};

/** The end of the process on the host, as its shell would tell it: a signal is 128 and its number. */
export function sessionEnd({exitCode, signal, problem}: ProcessEnd): SessionEnd {
  if (problem !== undefined) return {kind: 'lost', problem};
  if (exitCode !== null) return {kind: 'exited', status: exitCode};
  const name = signal === null ? undefined : signalNames.find(each => each === `SIG${signal.replace(/^SIG/, '')}`);
  return {kind: 'exited', status: 128 + (name === undefined ? 9 : constants.signals[name])};
}

const signalNames = Object.keys(constants.signals).filter(
  (name): name is keyof typeof constants.signals => name in constants.signals,
);
