import type {Duplex} from 'node:stream';
import ssh2, {type Client, type NextAuthHandler} from 'ssh2';
import {bad, errorText, good, type Outcome, type Problem} from '../cluster/problem.ts';
import {Authentication} from './authenticate.ts';
import {type ConnectStep, connectProblem, jumpProblem, lostProblem, timeoutProblem} from './connect-problem.ts';
import {preferredAlgorithms, verifyHostKey} from './host-key.ts';
import {type ConnectionTiming, defaultTiming, type HostSettings} from './host-settings.ts';
import {watchLife} from './keepalive.ts';
import {openSocket} from './open-socket.ts';
import {printable} from './printable.ts';
import type {Questions} from './questions.ts';
import {StepDeadline} from './step-deadline.ts';

/** A connection that is up: authenticated, its host key verified, watched by keepalives. */
export type SshConnection = {
  client: Client;
  settings: HostSettings;
  /** Resolves once, with the reason why it is down. Never rejects. */
  closed: Promise<Problem>;
  /** The same reason, as soon as it is known. */
  lost(): Problem | undefined;
  /** Milliseconds of the last round trip; undefined until the first answer. */
  roundTripMs(): number | undefined;
  onRoundTrip(listener: () => void): void;
  /** Asks for a sign of life now, as after a command that did not answer. */
  probe(): void;
  close(): Promise<void>;
};

/** How long the other side may take to say goodbye before the socket is torn down. */
const politeMs = 300;

/**
 * One attempt to connect, through the jump hosts if there are any, each verified under its own name. Every step has its deadline.
 * Aborting the signal gives the attempt up. `reached` is told of every host that takes the connection, before its handshake.
 */
export async function connect(
  settings: HostSettings,
  questions: Questions,
  signal: AbortSignal,
  reached: () => void = () => undefined,
): Promise<Outcome<SshConnection>> {
  const hops: SshConnection[] = [];
  const closeHops = async () => {
    for (const hop of hops.toReversed()) await hop.close();
  };
  for (const next of [...settings.jump, settings]) {
    const timing = {...defaultTiming, ...next.timing};
    const jump = hops.at(-1);
    const socket =
      jump === undefined
        ? await openSocket(next, timing.connectMs, signal)
        : await throughJump(jump, next, timing.connectMs, signal);
    if (socket.ok) reached();
    const connection = socket.ok ? await startSession(next, socket.value, timing, questions, signal) : socket;
    if (!connection.ok) {
      await closeHops();
      return connection;
    }
    hops.push(connection.value);
  }
  const last = hops.pop();
  if (last === undefined) return bad('internal', `there is no way to ${settings.name}`);
  void last.closed.then(closeHops);
  const close = async () => {
    await last.close();
    await closeHops();
  };
  return good({...last, close});
}

function throughJump(
  jump: SshConnection,
  next: HostSettings,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Outcome<Duplex>> {
  return new Promise(resolve => {
    const give = (outcome: Outcome<Duplex>) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve(outcome);
    };
    const abort = () => give(bad('cancelled', `connecting to ${next.name} was given up`));
    const timer = setTimeout(
      () => give({ok: false, problem: jumpProblem(jump.settings, next, `no answer within ${deadlineMs / 1000} s`)}),
      deadlineMs,
    );
    signal.addEventListener('abort', abort);
    void jump.closed.then(problem => give({ok: false, problem}));
    try {
      jump.client.forwardOut('127.0.0.1', 0, next.address, next.port, (error, channel) => {
        give(error === undefined ? good(channel) : {ok: false, problem: jumpProblem(jump.settings, next, error)});
      });
    } catch (error) {
      give({ok: false, problem: lostProblem(jump.settings, errorText(error))});
    }
  });
}

/** The SSH protocol over an open byte stream: host key, authentication, and then a watched session. */
function startSession(
  settings: HostSettings,
  socket: Duplex,
  timing: ConnectionTiming,
  questions: Questions,
  signal: AbortSignal,
): Promise<Outcome<SshConnection>> {
  return new Promise(resolve => {
    const client = new ssh2.Client();
    const closed = Promise.withResolvers<Problem>();
    let step: ConnectStep = 'handshake';
    let reason: Problem | undefined;
    let acceptedKey: Buffer | undefined;

    const fail = (problem: Problem) => {
      if (reason !== undefined) return;
      reason = problem;
      deadline.cancel();
      signal.removeEventListener('abort', abort);
      client.destroy();
      socket.destroy();
      closed.resolve(problem);
      resolve({ok: false, problem});
    };
    // ssh2 listens only from connect() on.
    socket.on('error', error => fail(connectProblem(error, settings, step)));
    socket.on('close', () => fail(connectProblem(new Error(''), settings, step)));
    const newDeadline = (milliseconds: number) =>
      new StepDeadline(milliseconds, () => fail(timeoutProblem(settings, step, milliseconds)));
    let deadline = newDeadline(timing.handshakeMs);
    const abort = () => fail(bad('cancelled', `connecting to ${settings.name} was given up`).problem);
    const authentication = new Authentication(
      settings,
      questions,
      task => deadline.during(task),
      () => fail(authentication.problem()),
    );

    const verify = async (key: Buffer): Promise<boolean> => {
      // The key comes again whenever the server renews the session's keys.
      if (acceptedKey?.equals(key)) return true;
      const verdict = await deadline.during(() => verifyHostKey(settings, key, questions));
      if (!verdict.ok) {
        fail(verdict.problem);
        return false;
      }
      acceptedKey = key;
      return true;
    };
    const nextMethod = async (accepted: readonly string[] | null, use: NextAuthHandler) => {
      const method = await authentication.next(accepted);
      if (reason !== undefined) return;
      if (method === undefined) fail(authentication.problem());
      else use(method);
    };

    client.on('handshake', () => {
      if (step !== 'handshake') return;
      step = 'authenticate';
      deadline.cancel();
      deadline = newDeadline(timing.authenticateMs);
    });
    client.on('error', error => {
      // A key that does not sign is only one of the methods.
      if (error.level === 'agent') return;
      if (step === 'authenticate' && /authentication/i.test(error.message)) fail(authentication.problem(error.message));
      else fail(connectProblem(error, settings, step));
    });
    client.on('ready', () => {
      if (reason !== undefined) return;
      step = 'session';
      deadline.cancel();
      signal.removeEventListener('abort', abort);
      resolve(good(session({client, settings, closed: closed.promise, lost: () => reason}, socket, timing, fail)));
    });
    signal.addEventListener('abort', abort);
    if (signal.aborted) return abort();
    void preferredAlgorithms(settings).then(algorithms => {
      if (reason !== undefined) return;
      if (!algorithms.ok) return fail(algorithms.problem);
      try {
        client.connect({
          sock: socket,
          username: settings.user,
          readyTimeout: 0,
          algorithms: {serverHostKey: algorithms.value},
          hostVerifier: (key: Buffer, done: (accepted: boolean) => void) => void verify(key).then(done),
          authHandler: (accepted: readonly string[] | null, _partial, use) => void nextMethod(accepted, use),
        });
      } catch (error) {
        fail(bad('internal', `connecting to ${settings.name} failed: ${printable(errorText(error))}`).problem);
      }
    });
  });
}

function session(
  base: Pick<SshConnection, 'client' | 'settings' | 'closed' | 'lost'>,
  socket: Duplex,
  timing: ConnectionTiming,
  fail: (problem: Problem) => void,
): SshConnection {
  const {client, settings, closed} = base;
  const life = watchLife(client, socket, timing, silentMs => fail(timeoutProblem(settings, 'session', silentMs)));
  void closed.then(life.stop);
  return {
    ...base,
    roundTripMs: life.roundTripMs,
    onRoundTrip: life.onRoundTrip,
    probe: life.probe,
    async close() {
      const goodbye = new Promise<void>(resolve => {
        const timer = setTimeout(resolve, politeMs);
        void closed.then(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      client.end();
      await goodbye;
      fail(bad('cancelled', `the connection to ${settings.name} was closed here`).problem);
    },
  };
}
