import type {Socket} from 'node:net';

/** A connection that nobody answers yet. */
export type UnansweredSocket = {
  /** Leaves it to who answers now, with all that was sent meanwhile. */
  answer(): void;
};

/** A client says little before it hears something. */
const mostBytes = 64 * 1024;

/** Reads a connection without a word, so that who hangs up is noticed. */
export function unanswered(socket: Socket): UnansweredSocket {
  const held: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    held.push(chunk);
    bytes += chunk.length;
    if (bytes > mostBytes) socket.pause();
  };
  const onEnd = () => socket.destroy();
  socket.on('data', onData).on('end', onEnd);
  return {
    answer() {
      socket.off('data', onData).off('end', onEnd);
      socket.pause();
      if (bytes > 0) socket.unshift(Buffer.concat(held));
    },
  };
}
