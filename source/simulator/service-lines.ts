import {autoctlFiles} from './container-programs/container-files.ts';
import {dataDirectory} from './container-programs/places.ts';
import type {LogLevel} from './log-lines.ts';
import {nodeText} from './tables.ts';

/** Process numbers inside a container: pg_autoctl, and the two services that it starts first. */
export const insidePids = {autoctl: 1, postgres: 20, service: 21} as const;

/** A line of pg_autoctl before it is written: whose it is, and what it says. */
export type ServiceLine = {pid: number; level: LogLevel; message: string};

/** What pg_autoctl says when it starts its services. */
export function startLines(service: 'node-active' | 'listener'): readonly ServiceLine[] {
  const program = (name: string) => ` /usr/bin/pg_autoctl do service ${name} --pgdata ${dataDirectory} -v`;
  return [
    info(insidePids.autoctl, `Started pg_autoctl postgres service with pid ${insidePids.postgres}`),
    info(insidePids.postgres, program('postgres')),
    info(insidePids.autoctl, `Started pg_autoctl ${service} service with pid ${insidePids.service}`),
    info(insidePids.service, program(service)),
  ];
}

/** What its controller of Postgres says when Postgres runs. */
export function servingLines(port: number, pid: number): readonly ServiceLine[] {
  return [
    info(pid, ` /usr/lib/postgresql/15/bin/postgres -D ${dataDirectory} -p ${port} -h *`),
    info(insidePids.postgres, `Postgres is now serving PGDATA "${dataDirectory}" on port ${port} with pid ${pid}`),
  ];
}

/** What its controller of Postgres says when it is told to end. */
export const terminationLines: readonly ServiceLine[] = [
  info(insidePids.autoctl, 'pg_autoctl received signal SIGTERM, terminating'),
  info(insidePids.postgres, 'Postgres controller service received signal SIGTERM, terminating'),
  info(insidePids.postgres, 'Stopping pg_autoctl postgres service'),
  info(insidePids.postgres, `/usr/lib/postgresql/15/bin/pg_ctl --pgdata ${dataDirectory} --wait stop --mode fast`),
];

/** What the monitor's listener says when it listens. */
export function listeningLines(address: string, port: number): readonly ServiceLine[] {
  return [
    info(insidePids.service, `Managing the monitor at postgres://autoctl_node@${address}:${port}/pg_auto_failover`),
    info(insidePids.service, `Reloaded the new configuration from "${autoctlFiles.config}"`),
    info(insidePids.service, 'The version of extension "pgautofailover" is "2.0" on the monitor'),
    info(insidePids.service, 'Contacting the monitor to LISTEN to its events.'),
  ];
}

/** What a keeper says when its loop begins. */
export function runningLines(pid: number, state: string): readonly ServiceLine[] {
  return [
    info(pid, `Reloaded the new configuration from "${autoctlFiles.config}"`),
    info(pid, `pg_autoctl service is running, current state is "${state}"`),
  ];
}

/** What a keeper says of the nodes beside it when it has first asked for them. */
export function otherNodesLines(
  pid: number,
  others: readonly Parameters<typeof nodeText>[0][],
): readonly ServiceLine[] {
  const count = others.length;
  const fetched = `Fetched current list of ${count} other nodes from the monitor to update HBA rules, including ${count} changes.`;
  return [info(pid, fetched), ...others.map(other => info(pid, `Ensuring HBA rules for ${nodeText(other)}`))];
}

function info(pid: number, message: string): ServiceLine {
  return {pid, level: 'INFO', message};
}
