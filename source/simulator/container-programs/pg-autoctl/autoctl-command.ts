import {hostTime} from '../../host-clock.ts';
import type {ContainerPlace, SimulatedProcess} from '../../program.ts';
import type {NodeRow} from '../../tables.ts';
import type {ContainerView} from '../../world.ts';
import {outputOf} from '../output.ts';
import type {AutoctlLine} from './autoctl-options.ts';

/** What a command of pg_autoctl works with. */
export type AutoctlCommand = {
  place: ContainerPlace;
  container: ContainerView;
  line: AutoctlLine;
  /** What follows the command's own words. */
  argument: string | undefined;
  signal: AbortSignal;
  formation: string;
  json: boolean;
  /** Data, on standard output. */
  print(text: string): Promise<void>;
  /** A line of the log, on standard error: `HH:MM:SS pid LEVEL message`. */
  log(level: 'INFO' | 'WARN' | 'ERROR' | 'FATAL', message: string): Promise<void>;
};

/** pg_autoctl's exit statuses (defaults.h). */
export const exitCode = {
  ok: 0,
  badArguments: 1,
  badConfig: 2,
  badState: 3,
  postgres: 5,
  monitor: 6,
  internal: 12,
} as const;

/** How long a command waits when it is not told. */
const standardWaitSeconds = 60;

let lastPid = 100;

export function createCommand(
  process: SimulatedProcess,
  place: ContainerPlace,
  container: ContainerView,
  line: AutoctlLine,
): AutoctlCommand {
  const output = outputOf(process);
  lastPid += 1;
  const pid = lastPid;
  return {
    place,
    container,
    line,
    argument: undefined,
    signal: process.signal,
    formation: line.options.get('formation') ?? place.world.keeper(place.host, place.container)?.formation ?? 'default',
    json: line.options.has('json'),
    print: output.out,
    log(level, message) {
      const time = new Date(hostTime(place.world, place.host)).toISOString().slice(11, 19);
      return output.error(
        message
          .split('\n')
          .map(each => `${time} ${pid} ${level.padEnd(5)} ${each}\n`)
          .join(''),
      );
    },
  };
}

/** JSON as pg_autoctl makes it. */
export function printJson(command: AutoctlCommand, value: unknown): Promise<void> {
  return command.print(`${JSON.stringify(value, null, 4).replaceAll('/', '\\/')}\n`);
}

/** JSON as the monitor makes it: jsonb_pretty, with the names of an object in the order of jsonb. */
export function printMonitorJson(command: AutoctlCommand, value: unknown): Promise<void> {
  return command.print(`${JSON.stringify(inJsonbOrder(value), null, 4).replaceAll('[]', '[\n]')}\n`);
}

/** Shorter names first, then by the alphabet. */
function inJsonbOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inJsonbOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, inJsonbOrder(each)]));
}

/** --wait, in milliseconds. */
export function waitOf({line}: AutoctlCommand): number {
  const seconds = Number(line.options.get('wait') ?? standardWaitSeconds);
  return (Number.isFinite(seconds) && seconds >= 0 ? seconds : standardWaitSeconds) * 1000;
}

/** --group; undefined when it is not given. */
export function groupOf({line}: AutoctlCommand): number | undefined {
  const group = line.options.get('group');
  return group === undefined ? undefined : Number(group);
}

/** The node that a command is about: --name, or the one of this container. */
export function targetNode({place, line, formation}: AutoctlCommand): NodeRow | undefined {
  const {world, host, container} = place;
  const name = line.options.get('name');
  if (name !== undefined) return world.monitor.nodes(formation).find(row => row.nodename === name);
  const id = world.keeper(host, container)?.nodeId;
  return world.monitor.nodes().find(row => row.nodeid === id);
}
