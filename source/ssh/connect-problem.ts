import {bad, errorText, type Problem} from '../cluster/problem.ts';
import {hostLabel} from './host-label.ts';
import type {HostSettings} from './host-settings.ts';
import {printable} from './printable.ts';

/** The step of a connection that was under way when it failed. */
export type ConnectStep = 'connect' | 'handshake' | 'authenticate' | 'session';

/** An error of the socket, of name resolution or of the SSH protocol, in the words of the person who has to act. */
export function connectProblem(error: unknown, settings: HostSettings, step: ConnectStep): Problem {
  const host = hostLabel(settings);
  const text = printable(innermostText(error));
  const detail = {detail: text};
  switch (codeOf(error)) {
    case 'ENOTFOUND':
      return bad('name-unknown', `the name ${settings.address} of ${settings.name} does not resolve`, {
        remedy: 'check HostName in ssh_config or `address` in the configuration, or the DNS',
        ...detail,
      }).problem;
    case 'EAI_AGAIN':
      return bad(
        'name-unknown',
        `the name ${settings.address} of ${settings.name} can not be resolved now: no name server answers`,
        {
          remedy: 'check the network and the DNS of this machine, or configure an IP address',
          ...detail,
        },
      ).problem;
    case 'ECONNREFUSED':
      return bad('refused', `${host} refused the connection: nothing listens on port ${settings.port}`, {
        remedy: 'start sshd on that machine, or check the port; a firewall that rejects looks the same',
        ...detail,
      }).problem;
    case 'ETIMEDOUT':
      return bad('timeout', `no answer from ${host}: packets are dropped or the host is down`, detail).problem;
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return bad('unreachable', `there is no way to ${host} from here: ${text}`, {
        remedy: 'check the network or VPN of this machine, and that the host is up',
        ...detail,
      }).problem;
    case 'EACCES':
    case 'EPERM':
      return bad('unreachable', `this machine forbids the connection to ${host}: ${text}`, detail).problem;
    default:
      return protocolProblem(text, settings, step);
  }
}

/** A step did not end within its time. */
export function timeoutProblem(settings: HostSettings, step: ConnectStep, milliseconds: number): Problem {
  const host = hostLabel(settings);
  const within = `within ${milliseconds / 1000} s`;
  switch (step) {
    case 'connect':
      return bad('timeout', `no answer from ${host} ${within}: packets are dropped or the host is down`, {
        remedy: 'check that the host is up, and the firewalls and the VPN in between',
      }).problem;
    case 'handshake':
      return bad(
        'timeout',
        `${host} accepts the connection, but its sshd does not answer ${within}: frozen, overloaded or no sshd`,
        {
          remedy: 'look at the machine from its own console: memory, disk, sshd',
        },
      ).problem;
    case 'authenticate':
      return bad('timeout', `${host} does not answer the authentication ${within}`, {
        remedy: 'look at the machine: a directory service (LDAP, PAM) or a disk that hangs holds logins up',
      }).problem;
    case 'session':
      return lostProblem(settings, `it has sent nothing for ${milliseconds / 1000} s`, 'timeout');
  }
}

/** The connection ended while it was in use. */
export function lostProblem(settings: HostSettings, how: string, kind: 'closed' | 'timeout' = 'closed'): Problem {
  return bad(kind, `the connection to ${hostLabel(settings)} is lost: ${how}`, {
    remedy: 'it is tried again by itself; if that fails, the reason follows',
  }).problem;
}

/** A jump host could not open the way to the next host. `reason` is RFC 4254's code. */
export function jumpProblem(jump: HostSettings, next: HostSettings, error: unknown): Problem {
  const words = printable(errorText(error).replace(/^\(SSH\) Channel open failure: /, ''));
  const reason = typeof error === 'object' && error !== null && 'reason' in error ? error.reason : undefined;
  const message = `the jump host ${jump.name} can not reach ${hostLabel(next)}: ${words}`;
  if (reason === 1) {
    return bad('unreachable', message, {
      remedy: `it forbids forwarding: allow it there with AllowTcpForwarding or PermitOpen`,
    }).problem;
  }
  return bad(/refused/i.test(words) ? 'refused' : 'unreachable', message, {
    remedy: `try \`ssh ${jump.name}\` and from there the next host; the address is resolved on the jump host`,
  }).problem;
}

function protocolProblem(text: string, settings: HostSettings, step: ConnectStep): Problem {
  const host = hostLabel(settings);
  const detail = {detail: text};
  const unmatched = /no matching (.+)$/.exec(text)?.[1];
  if (unmatched !== undefined) {
    return bad('algorithms', `${host} and pgaf have no ${unmatched} in common`, {
      remedy:
        unmatched === 'host key format'
          ? 'the server has only host keys that can not be verified here (certificates, security keys), or HostKeyAlgorithms forbids those it has'
          : 'allow one of the usual algorithms in the sshd_config of the server (curve25519-sha256, aes256-gcm, chacha20-poly1305)',
      ...detail,
    }).problem;
  }
  if (step === 'session') return lostProblem(settings, text === '' ? 'the other side closed it' : text);
  if (/lost before handshake|ECONNRESET|EPIPE|socket hang up|closed/i.test(text) || text === '') {
    return bad(
      'closed',
      `${host} closed the connection ${step === 'authenticate' ? 'during the authentication' : 'before it said who it is'}`,
      {
        remedy: 'look at the log of its sshd: too many connections (MaxStartups), a ban (fail2ban), or a firewall',
        ...detail,
      },
    ).problem;
  }
  return bad('closed', `${host} does not speak SSH as expected: ${text}`, {
    remedy: `check that port ${settings.port} is sshd's`,
    ...detail,
  }).problem;
}

/** With several addresses of one name, node reports an AggregateError; its first cause is the one to tell. */
function innermost(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? innermost(error.errors[0]) : error;
}

function innermostText(error: unknown): string {
  return errorText(innermost(error));
}

function codeOf(error: unknown): unknown {
  const inner = innermost(error);
  return inner instanceof Error && 'code' in inner ? inner.code : undefined;
}
