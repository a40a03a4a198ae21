/** Settings out of libpq's `options`: `-c name=value …`. */
export function startupOptions(text = ''): Map<string, string> {
  return new Map([...text.matchAll(/-c\s*([\w.]+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]));
}
