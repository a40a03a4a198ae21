/** What stands behind the stream that Ink writes to. */
export type InkStreamOptions = {
  size(): {readonly columns: number; readonly rows: number};
  /** Takes a whole frame: lines of text with SGR sequences. */
  frame(frame: string): void;
  readonly resizeListeners: Set<() => void>;
};

/**
 * Standard output as Ink 8 sees it: with `debug: true` every write is a whole frame. Cursor and mode sequences, which Ink
 * and cli-cursor write by themselves, are swallowed: the screen alone decides about those.
 */
export function inkStream(options: InkStreamOptions): NodeJS.WriteStream {
  const write = (data: string | Uint8Array, encodingOrDone?: unknown, done?: unknown): boolean => {
    const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
    const callback = typeof encodingOrDone === 'function' ? encodingOrDone : done;
    if (typeof callback === 'function') {
      // The barrier that Ink writes when it unmounts: no frame, only a call back.
      setImmediate(() => callback());
      if (text === '') return true;
    }
    if (!onlyControls.test(text)) options.frame(text);
    return true;
  };
  const listen = (add: boolean) =>
    function listen(this: unknown, event: string | symbol, listener: () => void) {
      if (event === 'resize' && add) options.resizeListeners.add(listener);
      else if (event === 'resize') options.resizeListeners.delete(listener);
      return this;
    };
  const own: Record<string | symbol, unknown> = {
    write,
    isTTY: true,
    writable: true,
    writableEnded: false,
    destroyed: false,
    on: listen(true),
    addListener: listen(true),
    off: listen(false),
    removeListener: listen(false),
  };
  return new Proxy(process.stdout, {
    get(target, name): unknown {
      if (name === 'columns') return options.size().columns;
      if (name === 'rows') return options.size().rows;
      return name in own ? own[name] : Reflect.get(target, name, target);
    },
    set: () => true,
  });
}

/** Mode switches only (cursor, paste, synchronised output), which end in h, l or u; a frame never begins with one. */
const onlyControls = /^\u001B\[[?<>][\d;]*[a-z]/;
