/**
 * Catches what libraries write to standard output or standard error, and the warnings of Node, while a screen owns the
 * terminal: written through, it would spoil the picture. The returned function lets everything through again.
 */
export function catchStrayOutput(listener: (text: string) => void): () => void {
  const {stdout, stderr} = process;
  const writers = {stdout: stdout.write, stderr: stderr.write};
  const warningListeners = process.listeners('warning');
  const onWarning = (warning: Error) => listener(`${warning.name}: ${warning.message}`);
  const write = (data: string | Uint8Array, ...rest: unknown[]): boolean => {
    listener(typeof data === 'string' ? data : new TextDecoder().decode(data));
    const done = rest.at(-1);
    if (typeof done === 'function') setImmediate(() => done());
    return true;
  };

  stdout.write = write;
  stderr.write = write;
  process.removeAllListeners('warning');
  process.on('warning', onWarning);
  return () => {
    stdout.write = writers.stdout;
    stderr.write = writers.stderr;
    process.off('warning', onWarning);
    for (const warningListener of warningListeners) process.on('warning', warningListener);
  };
}
