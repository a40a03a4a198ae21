import type {Answer, MonitorCall} from '../../answer.ts';
import {monitorUri} from '../places.ts';
import {waitFor} from '../wait.ts';
import type {AutoctlCommand} from './autoctl-command.ts';

/** How long pg_autoctl tries to connect: where it is refused, and where nothing answers. */
const triesMs = {refused: 2000, silent: 10_000};

/** Whether the monitor can be reached from the command's container; says so when it can not. */
export async function monitorReached(command: AutoctlCommand): Promise<boolean> {
  const {place, line, signal} = command;
  const {world, host} = place;
  const {monitor} = world;
  const uri = line.options.get('monitor') ?? monitorUri(world);
  if (line.options.has('monitor')) {
    await command.log('WARN', 'Given --monitor URI, the --pgdata option is ignored');
    await command.log('INFO', `Connecting to monitor at "${uri}"`);
  }
  const open = host === monitor.host || world.path(host, monitor.host).state === 'open';
  if (open && monitor.answers()) return true;
  await command.log('WARN', `Failed to connect to "${uri}", retrying until the server is ready`);
  const tries = open ? triesMs.refused : triesMs.silent;
  if (!(await waitFor(world, tries, signal))) return false;
  const address = world.hosts().find(each => each.name === monitor.host)?.address ?? monitor.host;
  const why = open ? 'Connection refused' : 'timeout expired';
  await command.log(
    'ERROR',
    `Connection to database failed: connection to server at "${address}", port ${monitor.port} failed: ${why}`,
  );
  if (open) await command.log('ERROR', '\tIs the server running on that host and accepting TCP/IP connections?');
  await command.log('ERROR', `Failed to connect to "${uri}" after several attempts in ${tries} ms`);
  return false;
}

/** Calls a function of the monitor, and logs its notices and its refusal as pg_autoctl does. */
export async function callMonitor(command: AutoctlCommand, call: MonitorCall): Promise<Answer> {
  const answer = command.place.world.monitor.call(call);
  for (const {severity, message, detail, hint} of answer.notices) {
    await command.log('WARN', lines(`${severity}:  ${message}`, detail, hint));
  }
  if (!answer.ok) {
    const {message, detail, hint} = answer.error;
    const text = lines(`ERROR:  ${message}`, detail, hint);
    await command.log('ERROR', text.replaceAll(/^/gm, 'Monitor '));
    const {name, values} = statement(call);
    await command.log(
      'ERROR',
      `SQL query: SELECT pgautofailover.${name}(${values.map((_, index) => `$${index + 1}`).join(', ')})`,
    );
    await command.log('ERROR', `SQL params: ${values.map(value => `'${String(value)}'`).join(', ')}`);
  }
  return answer;
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
