/** What the disk of a host has on it from its installation; without a text it is a folder. */
export function hostFiles(
  name: string,
  hosts: readonly {name: string; address: string}[],
): ReadonlyMap<string, string | undefined> {
  const folders = [
    '/etc',
    '/home',
    '/opt',
    '/root',
    '/srv',
    '/tmp',
    '/usr',
    '/usr/bin',
    '/var',
    '/var/lib',
    '/var/lib/docker',
  ];
  const names = hosts.map(host => `${host.address}\t${host.name}\n`).join('');
  return new Map<string, string | undefined>([
    ...folders.map(folder => [folder, undefined] as const),
    ['/etc/hostname', `${name}\n`],
    ['/etc/hosts', `127.0.0.1\tlocalhost\n${names}`],
    [
      '/etc/os-release',
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
    ],
  ]);
}
