/** One hop as ProxyJump and `jump:` write it. */
export type JumpHop = {destination: string; user?: string; port?: number};

/** `[user@]host[:port]`, `[user@][v6]:port` or `ssh://…`; undefined when it is none of them. */
export function parseHop(text: string): JumpHop | undefined {
  const match =
    /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([0-9A-Fa-f:.%A-Za-z]+)\]|([A-Za-z0-9_][A-Za-z0-9_.-]*))(?::(\d{1,5}))?\/?$/.exec(
      text.trim(),
    );
  if (match === null) return undefined;
  const [, user, bracketed, plain, port] = match;
  const destination = bracketed ?? plain;
  if (destination === undefined || (user?.startsWith('-') ?? false)) return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  return {destination, ...(user === undefined ? {} : {user}), ...(port === undefined ? {} : {port: Number(port)})};
}

/** The hops of a ProxyJump value, nearest first; `none` is no hop. */
export function splitChain(value: string): string[] {
  return value.trim().toLowerCase() === 'none' ? [] : value.split(',').map(hop => hop.trim());
}
