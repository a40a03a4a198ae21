import type {Host} from './simulation.ts';

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

/** The Compose file of a host, as whoever set the cluster up left it there. */
export function writeComposeFile(host: Host): void {
  const containers = [...host.containers.values()];
  const services = containers.map(
    ({name, image, port, restartPolicy, command}) => `  ${name}:
    image: ${image}
    container_name: ${name}
    network_mode: host
    restart: ${restartPolicy}
    stop_grace_period: 60s
    tmpfs: /tmp
    environment:
      PGDATA: /var/lib/postgres/pgaf
      PGPORT: "${port}"
    volumes:
      - ${name}_home:/var/lib/postgres
    command: ${command.join(' ')}
`,
  );
  const volumes = containers.map(({name}) => `  ${name}_home:\n    name: ${name}_home\n`);
  const by = {owner: 'root', mode: 0o755};
  host.files.makeDirectory('/opt/pgaf', by);
  const text = `name: pgaf\nservices:\n${services.join('')}volumes:\n${volumes.join('')}`;
  host.files.write('/opt/pgaf/compose.yaml', text, {owner: 'root', mode: 0o644});
}
