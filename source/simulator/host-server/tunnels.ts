import type {Duplex} from 'node:stream';
import type {Connection} from 'ssh2';

/** What a host reaches at an address: a stream, nobody who listens there, or nobody at all. */
export type ConnectFromHost = (address: string, port: number) => Duplex | 'refused' | 'silent';

/** Serves the tunnels (direct-tcpip) of one connection; they end with it. */
export function serveTunnels(connection: Connection, connect: ConnectFromHost): void {
  const refuse = refuser(connection);
  connection.on('tcpip', (accept, reject, info) => {
    const target = connect(info.destIP, info.destPort);
    if (target === 'refused') return refuse(reject);
    // As with packets that are dropped: sshd goes on trying, for longer than anyone waits.
    if (target === 'silent') return;
    const channel = accept();
    const end = () => {
      connection.off('close', end);
      target.destroy();
      channel.close();
    };
    connection.on('close', end);
    channel.on('error', end);
    channel.on('close', end);
    target.on('error', end);
    target.on('close', end);
    channel.pipe(target);
    target.pipe(channel);
  });
}

/** ssh2 refuses a channel without a word; sshd says why, and the console reads it. */
function refuser(connection: Connection): (reject: () => void) => void {
  let reason = '';
  const protocol: unknown = Reflect.get(connection, '_protocol');
  if (typeof protocol === 'object' && protocol !== null) {
    const original: unknown = Reflect.get(protocol, 'channelOpenFail');
    if (typeof original === 'function') {
      Reflect.set(protocol, 'channelOpenFail', (recipient: number, code: number, text?: string) =>
        Reflect.apply(original, protocol, [recipient, code, text === undefined || text === '' ? reason : text]),
      );
    }
  }
  return reject => {
    reason = 'Connection refused';
    reject();
    reason = '';
  };
}
