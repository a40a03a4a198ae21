import {type Answer, type MonitorCall, sqlState} from '../../answer.ts';
import {monitorUri} from '../places.ts';
import {waitFor} from '../wait.ts';
import type {AutoctlCommand} from './autoctl-command.ts';

/** How long and how often pg_autoctl tries to connect: where it is refused, and where nothing answers. */
const tries = {refused: {milliseconds: 3700, attempts: 8}, silent: {milliseconds: 10_000, attempts: 3}};

/** Errors that stand for themselves: the statement that led to them is not logged (pgsql.c). */
const plainErrors: readonly string[] = [sqlState.undefinedObject, sqlState.objectNotInPrerequisiteState];

/** Whether the monitor can be reached from the command's container; says so when it can not. */
export async function monitorReached(command: AutoctlCommand): Promise<boolean> {
  const {place, line, signal} = command;
  const {world, host} = place;
  const {monitor} = world;
  const uri = line.options.get('monitor') ?? monitorUri(world);
  const open = host === monitor.host || world.path(host, monitor.host).state === 'open';
  if (open && monitor.answers()) return true;
  await command.log('WARN', `Failed to connect to "${uri}", retrying until the server is ready`);
  const {milliseconds, attempts} = open ? tries.refused : tries.silent;
  if (!(await waitFor(world, milliseconds, signal))) return false;
  const address = world.host(monitor.host)?.address ?? monitor.host;
  const why = open ? 'Connection refused' : 'timeout expired';
  await command.log(
    'ERROR',
    `Connection to database failed: connection to server at "${address}", port ${monitor.port} failed: ${why}`,
  );
  if (open) await command.log('ERROR', '\tIs the server running on that host and accepting TCP/IP connections?');
  await command.log(
    'ERROR',
    `Failed to connect to "${uri}" after ${attempts} attempts in ${milliseconds} ms, pg_autoctl stops retrying now`,
  );
  return false;
}

/** Calls a function of the monitor, and logs its notices and its refusal as pg_autoctl does. */
export async function callMonitor(command: AutoctlCommand, call: MonitorCall): Promise<Answer> {
  const answer = command.place.world.monitor.call(call);
  for (const {severity, message, detail, hint} of answer.notices) {
    await command.log('WARN', lines(`${severity}:  ${message}`, detail, hint));
  }
  if (!answer.ok) {
    const {message, detail, hint, code} = answer.error;
    const text = lines(`ERROR:  ${message}`, detail, hint);
    await command.log('ERROR', text.replaceAll(/^/gm, 'Monitor '));
    if (plainErrors.includes(code)) return answer;
    const {name, values} = statement(call);
    await command.log(
      'ERROR',
      `SQL query: SELECT pgautofailover.${name}(${values.map((_, index) => `$${index + 1}`).join(', ')})`,
    );
    await command.log('ERROR', `SQL params: ${values.map(value => `'${String(value)}'`).join(', ')}`);
  }
  return answer;
}

/**
 * pg_autoctl 2.0 to 2.2 asks for the nodes of a group that it does not name (pull request 1133 of pg_auto_failover), says that it failed,
 * and goes on.
 */
export async function failToGetNodes(command: AutoctlCommand, group: number): Promise<void> {
  const query = 'SELECT * FROM pgautofailover.get_nodes($1, $2) ORDER BY node_id';
  const {formation} = command;
  await command.log('ERROR', 'Monitor ERROR:  invalid input syntax for type integer: ""');
  await command.log('ERROR', "Monitor CONTEXT:  unnamed portal parameter $2 = ''");
  await command.log('ERROR', `SQL query: ${query}`);
  await command.log('ERROR', `SQL params: '${formation}', ''`);
  const where = `formation ${formation} and group ${group}`;
  await command.log('ERROR', `Failed to get other nodes from the monitor while running "${query}" with ${where}`);
  await command.log('WARN', 'Failed to get_nodes() on the monitor');
}

function lines(head: string, detail: string | undefined, hint: string | undefined): string {
  return [
    head,
    ...(detail === undefined ? [] : [`DETAIL:  ${detail}`]),
    ...(hint === undefined ? [] : [`HINT:  ${hint}`]),
  ].join('\n');
}

function statement({call, ...values}: MonitorCall): {name: string; values: unknown[]} {
  return {name: call, values: Object.values(values)};
}
