import {serverVersion, serverVersionNumber} from '../../sql/server-version.ts';
import {autoctlFiles, configuration, containerFiles} from '../container-files.ts';
import {dataDirectory} from '../places.ts';
import {type AutoctlCommand, exitCode, printJson} from './autoctl-command.ts';

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
    await command.log('ERROR', `Postgres is not running at "${dataDirectory}"`);
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
      in_recovery: postgres.ok && postgres.value.inRecovery,
      control: {
        version: 1300,
        catalog_version: 202_209_061,
        system_identifier: postgres.ok ? (postgres.value.systemIdentifier ?? '0') : '0',
      },
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
        Object.entries(autoctlFiles)
          .map(([name, path]) => `${name.padStart(6)} | ${path}\n`)
          .join(''),
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
  const seconds = (at: number) => Math.floor(at / 1000);
  const values = {
    current_role: keeper.currentRole,
    assigned_role: keeper.assignedRole,
    version: 1,
    groupId: keeper.group,
    nodeId: keeper.nodeId,
    last_monitor_contact: seconds(keeper.lastMonitorContact),
    last_secondary_contact: seconds(keeper.lastSecondaryContact),
    pgversion: serverVersionNumber,
  };
  if (command.json) await printJson(command, values);
  else
    await command.print(
      Object.entries(values)
        .map(([name, value]) => `${name.padEnd(24)}${value}\n`)
        .join(''),
    );
  return exitCode.ok;
}

/** `config get [section.name]`, `config check`. */
export async function config(command: AutoctlCommand, [verb, path]: readonly string[]): Promise<number> {
  const sections = configuration(command.place);
  if (verb === 'check') {
    await command.log('INFO', 'Postgres setup for PGDATA is ok');
    return exitCode.ok;
  }
  if (verb !== 'get') {
    await command.log('FATAL', 'The embedded cluster does not know this command');
    return exitCode.badArguments;
  }
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
      `compiled with PostgreSQL ${serverVersion}\ncompatible with Postgres 11, 12, 13, 14, and 15\n`,
  );
  return exitCode.ok;
}
