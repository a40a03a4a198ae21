import type {Lab} from '../lab/lab.ts';

/** Every command line that was seen on a host's processes since it began. */
export type ArgvWatch = {seen(): Promise<string>};

/** Keeps the command lines of all processes of all hosts, some times a second, until they are asked for. */
export async function watchArgv(lab: Lab): Promise<ArgvWatch> {
  const hosts = lab.hosts().map(host => host.name);
  const loop = 'while :; do cat /proc/[0-9]*/cmdline; echo; sleep 0.3; done 2>/dev/null >> /run/argv';
  const start = `sh -c '${loop}' >/dev/null 2>&1 & echo $! > /run/argv.pid`;
  await Promise.all(hosts.map(host => lab.exec(host, ['sh', '-c', start])));
  return {
    async seen() {
      const stop = 'kill "$(cat /run/argv.pid)"; tr "\\0" " " < /run/argv | sort -u';
      const found = await Promise.all(hosts.map(host => lab.exec(host, ['sh', '-c', stop])));
      return found.map(({stdout}) => stdout).join('\n');
    },
  };
}
