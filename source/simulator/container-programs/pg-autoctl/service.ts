import {createBell} from '../../bell.ts';
import {type AutoctlCommand, exitCode} from './autoctl-command.ts';

/** `do service restart postgres`: the supervisor ends the service and starts it again; prints its new pid. */
export async function restartService(command: AutoctlCommand): Promise<number> {
  const {place, argument, signal} = command;
  if (argument !== 'postgres') {
    await command.log('FATAL', 'The embedded cluster restarts only the service postgres');
    return exitCode.badArguments;
  }
  const bell = createBell();
  let pid: number | undefined;
  const old = place.world.supervisor.restartPostgres(place.host, place.container, now => {
    pid = now;
    bell.ring();
  });
  if (old === undefined) {
    await command.log('FATAL', 'Failed to read the pg_autoctl pidfile: pg_autoctl is not running');
    return exitCode.badState;
  }
  await command.log('INFO', `Sending the TERM signal to service "postgres" with pid ${old}`);
  while (pid === undefined && !signal.aborted) await bell.rung(signal);
  if (pid === undefined) return exitCode.internal;
  await command.log('INFO', `Service "postgres" has been restarted with pid ${pid}`);
  await command.print(`${pid}\n`);
  return exitCode.ok;
}

/** `reload`: a signal to the services; it waits for nothing and prints nothing. */
export async function reload({place, log}: AutoctlCommand): Promise<number> {
  if (place.world.keeper(place.host, place.container)?.running === false) {
    await log('FATAL', 'Failed to signal pg_autoctl: it is not running');
    return exitCode.internal;
  }
  place.world.supervisor.reload(place.host, place.container);
  return exitCode.ok;
}
