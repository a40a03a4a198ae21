import {connect as connectTcp, type Socket} from 'node:net';
import type {Outcome} from '../cluster/problem.ts';
import {connectProblem, timeoutProblem} from './connect-problem.ts';
import type {HostSettings} from './host-settings.ts';

/** A TCP connection to the host's address, within the deadline; aborting the signal gives it up. */
export function openSocket(settings: HostSettings, deadlineMs: number, signal: AbortSignal): Promise<Outcome<Socket>> {
  return new Promise(resolve => {
    const socket = connectTcp({host: settings.address, port: settings.port, noDelay: true, keepAlive: true});
    const finish = (outcome: Outcome<Socket>) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', fail);
      socket.removeListener('connect', succeed);
      if (!outcome.ok) {
        // What comes after the answer is nobody's business any more, but must not crash the program.
        socket.on('error', ignoreLateError);
        socket.destroy();
      }
      resolve(outcome);
    };
    const fail = (error: Error) => finish({ok: false, problem: connectProblem(error, settings, 'connect')});
    const succeed = () => finish({ok: true, value: socket});
    const abort = () =>
      finish({ok: false, problem: {kind: 'cancelled', message: `connecting to ${settings.name} was given up`}});
    const timer = setTimeout(
      () => finish({ok: false, problem: timeoutProblem(settings, 'connect', deadlineMs)}),
      deadlineMs,
    );
    socket.once('error', fail);
    socket.once('connect', succeed);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  });
}

function ignoreLateError() {}
