import type {ClientChannel, PseudoTtyOptions} from 'ssh2';
import {bad, errorText, good, type Outcome, type Problem} from '../cluster/problem.ts';
import type {SshConnection} from './connect.ts';
import {lostProblem} from './connect-problem.ts';
import type {RemoteProcess, Session} from './host-connection.ts';
import {hostLabel} from './host-label.ts';
import {printable} from './printable.ts';
import {remoteProcess} from './remote-process.ts';

/** Why no session could be opened: the server has too many already (which waiting or a second connection may help), or else. */
export type SessionRefusal = {limit: boolean; problem: Problem};

/** Starts a command line in a session of its own, on a terminal if one is asked for. One that comes after the signal was aborted is closed. */
export function execute(
  connection: SshConnection,
  commandLine: string,
  signal: AbortSignal,
  pty?: PseudoTtyOptions,
): Promise<
  {ok: true; channel: ClientChannel; process: RemoteProcess & Session} | {ok: false; refusal: SessionRefusal}
> {
  return new Promise(resolve => {
    const refuse = (limit: boolean, problem: Problem) => {
      signal.removeEventListener('abort', giveUp);
      resolve({ok: false, refusal: {limit, problem}});
    };
    const giveUp = () => refuse(false, startTimeout(connection));
    signal.addEventListener('abort', giveUp);
    try {
      connection.client.exec(commandLine, pty === undefined ? {} : {pty}, (error, channel) => {
        if (error !== undefined) {
          const refused = 'reason' in error && typeof error.reason === 'number';
          return refuse(refused, refused ? sessionLimit(connection, error) : notStarted(connection, error));
        }
        // Listened to at once: the end may come in the same packet as the start.
        const process = remoteProcess(channel, connection);
        signal.removeEventListener('abort', giveUp);
        if (signal.aborted) process.close();
        resolve({ok: true, channel, process});
      });
    } catch (error) {
      refuse(false, lostProblem(connection.settings, errorText(error)));
    }
    void connection.closed.then(problem => refuse(false, problem));
  });
}

/** Opens a byte stream from the host to somewhere else. A channel that comes after the deadline is closed. */
export function openTunnel(
  connection: SshConnection,
  host: string,
  port: number,
  deadlineMs: number,
): Promise<Outcome<ClientChannel>> {
  return new Promise(resolve => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      resolve(
        bad(
          'timeout',
          `${connection.settings.name} gets no answer from ${host}:${port} within ${deadlineMs / 1000} s`,
          {
            remedy: 'check that the address is right as seen from that host, and the firewalls in between',
          },
        ),
      );
    }, deadlineMs);
    const give = (outcome: Outcome<ClientChannel>) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    try {
      connection.client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
        if (error !== undefined) return give({ok: false, problem: tunnelProblem(connection, host, port, error)});
        if (!late) return give(good(channel));
        channel.close();
        channel.resume();
      });
    } catch (error) {
      give({ok: false, problem: lostProblem(connection.settings, errorText(error))});
    }
    void connection.closed.then(problem => give({ok: false, problem}));
  });
}

export function sessionLimit({settings}: SshConnection, error?: Error): Problem {
  return bad('session-limit', `${hostLabel(settings)} allows no further session`, {
    remedy: 'raise MaxSessions in its sshd_config (10 is the default), or close a log or shell',
    ...(error === undefined ? {} : {detail: printable(error.message)}),
  }).problem;
}

function startTimeout({settings}: SshConnection): Problem {
  return bad('timeout', `${hostLabel(settings)} did not start the command in time`, {
    remedy: 'look at that host: it is overloaded or frozen, or its network is slow',
  }).problem;
}

function notStarted({settings}: SshConnection, error: Error): Problem {
  return bad('command-failed', `${hostLabel(settings)} does not start commands: ${printable(error.message)}`, {
    remedy: 'check that the user has a login shell there and may run commands (ForceCommand, authorized_keys)',
  }).problem;
}

function tunnelProblem({settings}: SshConnection, host: string, port: number, error: Error): Problem {
  const words = printable(error.message.replace(/^\(SSH\) Channel open failure: /, ''));
  const detail = {detail: printable(error.message)};
  if ('reason' in error && error.reason === 1) {
    return bad('unreachable', `${hostLabel(settings)} forbids the tunnel to ${host}:${port}`, {
      remedy: 'allow it in its sshd_config: AllowTcpForwarding yes (or local), PermitOpen',
      ...detail,
    }).problem;
  }
  if (/refused/i.test(words)) {
    return bad('refused', `nothing listens on ${host}:${port}, seen from ${settings.name}`, {
      remedy: 'check the address and that the service is up',
      ...detail,
    }).problem;
  }
  const kind = /timed out/i.test(words) ? 'timeout' : 'unreachable';
  return bad(kind, `${settings.name} can not reach ${host}:${port}: ${words}`, detail).problem;
}
