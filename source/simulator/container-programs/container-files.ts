import type {ContainerPlace} from '../program.ts';
import {dataDirectory, monitorUri} from './places.ts';

const home = '/var/lib/postgres';

/** Where pg_autoctl keeps its files of a container. */
export const autoctlFiles = {
  config: `${home}/.config/pg_autoctl${dataDirectory}/pg_autoctl.cfg`,
  state: `${home}/.local/share/pg_autoctl${dataDirectory}/pg_autoctl.state`,
  init: `${home}/.local/share/pg_autoctl${dataDirectory}/pg_autoctl.init`,
  pid: `/tmp/pg_autoctl${dataDirectory}/pg_autoctl.pid`,
};

/** Where a host keeps what was copied into a container. */
export function overlayPath(container: string, path: string): string {
  return `/var/lib/docker/overlay2/${container}${path}`;
}

/** The text files that can be read in a container, by their paths. */
export function containerFiles(place: ContainerPlace): Map<string, string> {
  const {world, host, container} = place;
  const view = world.containers(host).find(each => each.name === container);
  const postgres = world.postgres(host, container);
  const runs = view?.role === 'monitor' ? world.monitor.answers() : postgres.ok;
  const files = new Map<string, string>([
    ['/etc/hostname', `${view?.id.slice(0, 12) ?? container}\n`],
    ['/etc/os-release', 'PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\nID=debian\nVERSION_ID="11"\n'],
    [`${dataDirectory}/PG_VERSION`, '15\n'],
    [autoctlFiles.config, configText(place)],
  ]);
  if (runs) {
    const port = String(view?.port ?? 5432);
    const pid = ['23', dataDirectory, '0', port, '/var/run/postgresql', '*', '', 'ready'];
    files.set(`${dataDirectory}/postmaster.pid`, `${pid.join('\n')}\n`);
  }
  if (postgres.ok) {
    if (postgres.value.inRecovery) files.set(`${dataDirectory}/standby.signal`, '');
    files.set(
      `${dataDirectory}/postgresql-auto-failover.conf`,
      `# Settings by pg_auto_failover\nport = ${postgres.value.port}\nsynchronous_commit = on\n` +
        `synchronous_standby_names = '${postgres.value.synchronousStandbyNames}'\nwal_log_hints = on\n`,
    );
  }
  const disk = world.files(host);
  for (const path of disk.below(overlayPath(container, ''))) {
    files.set(path.slice(overlayPath(container, '').length), disk.entry(path)?.content ?? '');
  }
  return files;
}

/** pg_autoctl.cfg as sections of settings. */
export function configuration({world, host, container}: ContainerPlace): Map<string, Map<string, string>> {
  const view = world.containers(host).find(each => each.name === container);
  const address = world.host(host)?.address ?? host;
  const keeper = world.keeper(host, container);
  const own: [string, string][] =
    view?.role === 'monitor'
      ? [['role', 'monitor']]
      : [
          ['role', 'keeper'],
          ['monitor', monitorUri(world)],
          ['formation', keeper?.formation ?? 'default'],
          ['group', String(keeper?.group ?? 0)],
          ['name', keeper?.nodeName ?? container],
        ];
  return new Map([
    ['pg_autoctl', new Map([...own, ['hostname', address], ['nodekind', 'standalone']])],
    [
      'postgresql',
      new Map([
        ['pgdata', dataDirectory],
        ['pg_ctl', '/usr/lib/postgresql/15/bin/pg_ctl'],
        ['dbname', view?.role === 'monitor' ? 'pg_auto_failover' : 'postgres'],
        ['host', '/var/run/postgresql'],
        ['port', String(view?.port ?? 5432)],
        ['listen_addresses', '*'],
        ['auth_method', 'trust'],
      ]),
    ],
    [
      'ssl',
      new Map([
        ['active', '0'],
        ['sslmode', 'prefer'],
      ]),
    ],
  ]);
}

function configText(place: ContainerPlace): string {
  const sections = [...configuration(place)].map(([name, settings]) => {
    const lines = [...settings].map(([key, value]) => `${key} = ${value}`);
    return `[${name}]\n${lines.join('\n')}\n`;
  });
  return `${sections.join('\n')}\n`;
}
