import {createBell} from '../../bell.ts';
import {outputOf} from '../../container-programs/output.ts';
import type {DockerEvent} from '../../happening.ts';
import {clockSkewOf} from '../../host-clock.ts';
import type {SimulatedProcess} from '../../program.ts';
import {parseTemplate} from '../go-template.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options} from '../options.ts';
import {DockerFailure, daemonAnswers, dockerTime} from './daemon.ts';

export const eventsOptions = {flags: [], valued: ['filter', 'format', 'since', 'until'], short: {f: 'filter'}};

/** The daemon keeps so many events for a slow reader, and drops those that come then. */
const mostWaiting = 1024;

/** `docker events`: what happens to containers from now on, for ever. */
export async function dockerEvents(process: SimulatedProcess, place: HostPlace, options: Options): Promise<number> {
  const {world, host} = place;
  const {signal} = process;
  const wanted = eventFilter(options.values('filter'));
  const format = options.value('format');
  const template = format === undefined ? undefined : parseTemplate(format === 'json' ? '{{json .}}' : format);
  const print = (event: DockerEvent) => {
    const at = event.at + clockSkewOf(world, host);
    return `${template === undefined ? plainEvent(event, dockerTime(at)) : template(eventData(event, at))}\n`;
  };
  const waiting: DockerEvent[] = [];
  const bell = createBell();
  const unlisten = world.listen(happening => {
    if (happening.kind !== 'docker' || happening.host !== host || !wanted(happening)) return;
    if (waiting.length < mostWaiting) waiting.push(happening);
    bell.ring();
  });
  try {
    for (;;) {
      await bell.rung(signal);
      await daemonAnswers(world, host, signal);
      if (signal.aborted) return 130;
      await outputOf(process).out(waiting.splice(0).map(print).join(''));
    }
  } finally {
    unlisten();
  }
}

/** Filters of one key are alternatives; all keys have to be met. */
function eventFilter(filters: readonly string[]): (event: DockerEvent) => boolean {
  const byKey = new Map<string, string[]>();
  for (const filter of filters) {
    const [, key = '', value] = /^([^=]*)=(.*)$/s.exec(filter) ?? [];
    if (value === undefined)
      throw new DockerFailure(
        `invalid argument "${filter}" for "-f, --filter" flag: bad format of filter (expected name=value)`,
        125,
      );
    byKey.set(key, [...(byKey.get(key) ?? []), value]);
  }
  return event =>
    [...byKey].every(([key, values]) => {
      if (key === 'type') return values.includes('container');
      if (key === 'event') return values.includes(event.action);
      if (key === 'image') return values.includes(event.image);
      if (key === 'container')
        return values.some(value => event.container === value || event.containerId.startsWith(value));
      return false;
    });
}

function attributes({exitCode, image, container}: DockerEvent): Record<string, string> {
  return {...(exitCode === undefined ? {} : {exitCode: String(exitCode)}), image, name: container};
}

function eventData(event: DockerEvent, at: number) {
  const time = Math.floor(at / 1000);
  const timeNano = at * 1_000_000;
  const shown = {
    status: event.action,
    id: event.containerId,
    from: event.image,
    Type: 'container',
    Action: event.action,
    Actor: {ID: event.containerId, Attributes: attributes(event)},
    scope: 'local',
    time,
    timeNano,
  };
  // A template knows them by other names than JSON does.
  const {status: Status, id: ID, from: From, scope: Scope} = shown;
  const names = {Status, ID, From, Scope, Time: time, TimeNano: timeNano};
  return Object.defineProperties(
    shown,
    Object.fromEntries(Object.entries(names).map(([name, value]) => [name, {value}])),
  );
}

function plainEvent(event: DockerEvent, time: string): string {
  const more = Object.entries(attributes(event)).map(([name, value]) => `${name}=${value}`);
  return `${time} container ${event.action} ${event.containerId} (${more.join(', ')})`;
}
