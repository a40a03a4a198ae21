import type {ClientChannel} from 'ssh2';
import type {Problem} from '../cluster/problem.ts';
import type {SshConnection} from './connect.ts';
import type {ProcessEnd, RemoteProcess} from './host-connection.ts';

/** A process that was started in a channel, until its end, the connection's, or close(). */
export function remoteProcess(channel: ClientChannel, connection: SshConnection): RemoteProcess {
  const ended = Promise.withResolvers<ProcessEnd>();
  let exitCode: number | null = null;
  let signal: string | null = null;
  let exited = false;
  let over = false;

  const drain = () => {
    // Channels are only over when both outputs are read (ssh2 #498).
    channel.resume();
    channel.stderr.resume();
  };
  const finish = (problem?: Problem) => {
    over = true;
    ended.resolve(problem === undefined ? {exitCode, signal} : {exitCode, signal, problem});
  };
  channel.on('exit', (code: number | null, name?: string) => {
    exited = true;
    exitCode = code;
    signal = name ?? null;
    // Not at once: start, output and end may come in one packet, before anyone could begin to read.
    setImmediate(() => {
      if (channel.stderr.readableFlowing === null) channel.stderr.resume();
    });
  });
  channel.on('error', ignoreChannelError);
  channel.stderr.on('error', ignoreChannelError);
  channel.on('close', () => {
    if (exited || over) return finish();
    // The connection's own reason, where it is the cause, is known a moment later.
    setImmediate(() => finish(connection.lost() ?? unexplainedEnd(connection)));
  });
  void connection.closed.then(problem => {
    if (!exited) finish(problem);
  });

  return {
    stdout: channel,
    stderr: channel.stderr,
    ended: ended.promise,
    write(text) {
      if (!over && channel.writable) channel.write(text);
    },
    close() {
      if (over) return;
      finish();
      channel.close();
      drain();
    },
  };
}

function unexplainedEnd({settings}: SshConnection): Problem {
  return {
    kind: 'closed',
    message: `the command on ${settings.name} ended without an exit status: the session was closed there`,
  };
}

/** An error of a channel is always followed by its close, where it is reported. */
function ignoreChannelError() {}
