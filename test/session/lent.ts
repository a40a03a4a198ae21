import type {LentTerminal} from '../../source/terminal/lent-terminal.ts';

/** A terminal that a test types on and reads from. */
export type TestTerminal = LentTerminal & {
  /** Types; with several pieces each arrives by itself. */
  type(...pieces: (string | Uint8Array)[]): void;
  resize(columns: number, rows: number): void;
  /** Everything that was written. */
  written(): string;
  bytes(): Buffer;
  /** While it is stalled, what is written is taken only when it goes on. */
  stall(stalled: boolean): void;
  held(): boolean;
};

export function testTerminal(): TestTerminal {
  let size = {columns: 80, rows: 24};
  let listener: ((bytes: Uint8Array) => void) | undefined;
  let isHeld = false;
  let goOn: (() => void) | undefined;
  let stalled = Promise.resolve();
  const waiting: Uint8Array[] = [];
  const written: Uint8Array[] = [];
  const resized = new Set<() => void>();
  const deliver = () => {
    while (listener !== undefined && !isHeld) {
      const bytes = waiting.shift();
      if (bytes === undefined) return;
      listener(bytes);
    }
  };
  return {
    size: () => size,
    onResize(each) {
      resized.add(each);
      return () => resized.delete(each);
    },
    listen(next) {
      listener = next;
      setImmediate(deliver);
      return () => {
        listener = undefined;
      };
    },
    hold(held) {
      isHeld = held;
      setImmediate(deliver);
    },
    async write(data) {
      await stalled;
      written.push(typeof data === 'string' ? Buffer.from(data) : data);
    },
    type(...pieces) {
      waiting.push(...pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
      deliver();
    },
    resize(columns, rows) {
      size = {columns, rows};
      for (const each of resized) each();
    },
    written: () => Buffer.concat(written).toString(),
    bytes: () => Buffer.concat(written),
    stall(on) {
      goOn?.();
      goOn = undefined;
      if (on)
        stalled = new Promise(resolve => {
          goOn = resolve;
        });
    },
    held: () => isHeld,
  };
}
