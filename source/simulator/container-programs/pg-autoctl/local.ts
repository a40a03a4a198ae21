import {serverVersion, serverVersionNumber} from '../../sql/server-version.ts';
import {autoctlFiles, configuration, containerFiles} from '../container-files.ts';
import {dataDirectory} from '../places.ts';
import {type AutoctlCommand, exitCode, printJson} from './autoctl-command.ts';
import {columnsText} from './columns.ts';

/** pg_control_version of PostgreSQL 13 to 16. */
const controlVersion = 1300;

/** `status`: of this container's own services; the monitor is not asked. */
export async function status(command: AutoctlCommand): Promise<number> {
  const {place, container} = command;
  const {world, host} = place;
  const keeper = world.keeper(host, container.name);
  const monitor = container.role === 'monitor';
  const running = monitor || keeper?.running === true;
  const postgres = world.postgres(host, container.name);
  const ready = monitor ? world.monitor.answers() : postgres.ok;
  if (!running) {
    await command.log(
      'FATAL',
      ready
        ? `Postgres is running at "${dataDirectory}" with pid 23`
        : `pg_autoctl is not running at "${dataDirectory}"`,
    );
    return exitCode.badState;
  }
  await command.log('INFO', 'pg_autoctl is running with pid 1');
  if (!ready) {
    await command.log('ERROR', `Failed to open file "${dataDirectory}/postmaster.pid": No such file or directory`);
    await command.log('INFO', `Is PostgreSQL at "${dataDirectory}" up and running?`);
    await command.log('ERROR', 'Failed to get Postgres pid, see above for details');
    return exitCode.postgres;
  }
  await command.log('INFO', `Postgres is serving PGDATA "${dataDirectory}" on port ${container.port} with pid 23`);
  if (!command.json) return exitCode.ok;
  const version = world.monitor.version;
  const service = (name: string, pid: number) => ({name, pid, status: 'running', version, pgautofailover: version});
  await printJson(command, {
    postgres: {
      pgdata: dataDirectory,
      pg_ctl: '/usr/lib/postgresql/15/bin/pg_ctl',
      version: '15.10',
      host: '/var/run/postgresql',
      port: container.port,
      proxyport: 0,
      pid: 23,
      // It looks at nothing but the pid file.
      in_recovery: false,
      control: {version: 0, catalog_version: 0, system_identifier: '0'},
      postmaster: {status: 'ready'},
    },
    pg_autoctl: {
      pid: 1,
      status: 'running',
      pgdata: dataDirectory,
      version,
      semId: 0,
      services: [service('postgres', 20), service(monitor ? 'listener' : 'node-active', 21)],
    },
  });
  return exitCode.ok;
}

/** `show file`: the paths, or with --contents one of the files. */
export async function showFile(command: AutoctlCommand): Promise<number> {
  const {options} = command.line;
  const wanted = (['config', 'state', 'init', 'pid'] as const).filter(name => options.has(name));
  const [first] = wanted;
  if (wanted.length > 1) {
    await command.log('ERROR', 'Please use only one of --config --state --init --pid');
    return exitCode.badArguments;
  }
  if (first === undefined) {
    if (command.json) await printJson(command, autoctlFiles);
    else
      await command.print(
        columnsText(
          [
            ['File', 7],
            ['Path', 0],
          ],
          Object.entries(autoctlFiles).map(([name, path]) => [
            `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
            path,
          ]),
          {rule: 15},
        ),
      );
    return exitCode.ok;
  }
  if (!options.has('contents')) {
    await command.print(`${autoctlFiles[first]}\n`);
    return exitCode.ok;
  }
  if (first === 'state') return showStateFile(command);
  await command.print(first === 'pid' ? '1\n' : (containerFiles(command.place).get(autoctlFiles[first]) ?? ''));
  return exitCode.ok;
}

async function showStateFile(command: AutoctlCommand): Promise<number> {
  const {world, host, container} = command.place;
  const keeper = world.keeper(host, container);
  if (keeper?.nodeId === undefined) {
    await command.log('ERROR', `Failed to read Keeper state file "${autoctlFiles.state}"`);
    return exitCode.badState;
  }
  const postgres = world.postgres(host, container);
  const system = postgres.ok ? (postgres.value.systemIdentifier ?? '0') : '0';
  const values = {
    current_role: keeper.currentRole,
    assigned_role: keeper.assignedRole,
    version: 1,
    groupId: keeper.group,
    nodeId: keeper.nodeId,
    last_monitor_contact: ctime(keeper.lastMonitorContact),
    last_secondary_contact: ctime(keeper.lastSecondaryContact),
    pgversion: controlVersion,
  };
  if (command.json) await printJson(command, values);
  else
    await command.print(
      [
        ['Current Role:', values.current_role],
        ['Assigned Role:', values.assigned_role],
        ['Last Monitor Contact:', values.last_monitor_contact],
        ['Last Secondary Contact:', values.last_secondary_contact],
        ['pg_autoctl state version:', values.version],
        ['group:', values.groupId],
        ['node id:', values.nodeId],
        ['nodes version:', 0],
        ['PostgreSQL Version:', controlVersion],
        ['PostgreSQL CatVersion:', 202_209_061],
        ['PostgreSQL System Id:', system],
      ]
        .map(([name, value]) => `${String(name).padEnd(26)}${value}\n`)
        .join(''),
    );
  return exitCode.ok;
}

/** `config check`. */
export async function configCheck(command: AutoctlCommand): Promise<number> {
  await command.log('INFO', 'Postgres setup for PGDATA is ok');
  return exitCode.ok;
}

/** `config get [section.name]`. */
export async function configGet(command: AutoctlCommand): Promise<number> {
  const path = command.argument;
  const sections = configuration(command.place);
  if (path === undefined) {
    await command.print(containerFiles(command.place).get(autoctlFiles.config) ?? '');
    return exitCode.ok;
  }
  const [section = '', name = ''] = path.split('.');
  const value = sections.get(section)?.get(name);
  if (value === undefined) {
    await command.log('ERROR', `Failed to lookup option ${path}`);
    return exitCode.badArguments;
  }
  await command.print(`${value}\n`);
  return exitCode.ok;
}

/** `version`. */
export async function version(command: AutoctlCommand): Promise<number> {
  const {version: number} = command.place.world.monitor;
  if (command.json) {
    await printJson(command, {
      pg_autoctl: number,
      pgautofailover: number,
      pg_major: '15',
      pg_version: '15.10',
      pg_version_str: `PostgreSQL ${serverVersion}`,
      pg_version_num: serverVersionNumber,
    });
    return exitCode.ok;
  }
  await command.print(
    `pg_autoctl version ${number}\npg_autoctl extension version ${number}\n` +
      `compiled with PostgreSQL ${serverVersion}\ncompatible with Postgres 10, 11, 12, 13, and 14\n`,
  );
  return exitCode.ok;
}

/** `Sat Nov 28 05:37:33 2026` */
function ctime(at: number): string {
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(at)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} ${year}`;
}
