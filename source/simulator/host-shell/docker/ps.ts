import {outputOf} from '../../container-programs/output.ts';
import {hostTime} from '../../host-clock.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {ContainerView} from '../../world.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options} from '../options.ts';
import {DockerFailure} from './daemon.ts';
import {composeLabels, volumeOf} from './inspect.ts';
import {ago, formatted} from './table.ts';

export const psOptions = {
  flags: ['all', 'quiet', 'no-trunc', 'size', 'latest'],
  valued: ['filter', 'format', 'last'],
  short: {a: 'all', q: 'quiet', s: 'size', l: 'latest', f: 'filter', n: 'last'},
};

/** `docker ps`: a table, ids, or a template. */
export async function dockerPs(process: SimulatedProcess, {world, host}: HostPlace, options: Options): Promise<number> {
  const now = hostTime(world, host);
  const wanted = filters(options.values('filter'));
  const shown = world
    .containers(host)
    .filter(
      each => options.has('all') || options.has('latest') || ['running', 'paused', 'restarting'].includes(each.state),
    )
    .filter(wanted)
    .sort((left, right) => (right.startedAt ?? 0) - (left.startedAt ?? 0));
  const rows = shown.map(each => row(each, now, options.has('no-trunc')));
  await outputOf(process).out(text(rows, options));
  return 0;
}

type Row = Record<
  'ID' | 'Image' | 'Command' | 'CreatedAt' | 'RunningFor' | 'Status' | 'State' | 'Ports' | 'Names',
  string
>;

function text(rows: readonly Row[], options: Options): string {
  if (options.has('quiet')) return rows.map(each => `${each.ID}\n`).join('');
  return formatted(rows.map(templateData), options.value('format'), [
    ['CONTAINER ID', 'ID'],
    ['IMAGE', 'Image'],
    ['COMMAND', 'Command'],
    ['CREATED', 'RunningFor'],
    ['STATUS', 'Status'],
    ['PORTS', 'Ports'],
    ['NAMES', 'Names'],
  ]);
}

/** What a template sees, in the order of the alphabet; `{{json .}}` shows all but Label, which is a function. */
function templateData(row: Row) {
  const labels = composeLabels(row.Names);
  const {Command, CreatedAt, ID, Image, ...rest} = row;
  const {Names, Ports, RunningFor, State, Status} = rest;
  const more = {
    Labels: Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    LocalVolumes: '1',
    Mounts: volumeOf(Names),
    Names,
    Networks: 'host',
    Ports,
    RunningFor,
    Size: '0B',
    State,
    Status,
  };
  return Object.defineProperty({Command, CreatedAt, ID, Image, ...more}, 'Label', {value: labels});
}

/** What docker says of a container in a list. */
export function containerRow(container: ContainerView, {world, host}: HostPlace, whole: boolean): Row {
  return row(container, hostTime(world, host), whole);
}

function row(container: ContainerView, now: number, whole: boolean): Row {
  const command = container.command.join(' ');
  const started = container.startedAt ?? now;
  return {
    ID: whole ? container.id : container.id.slice(0, 12),
    Image: container.image,
    Command: `"${whole || command.length <= 20 ? command : `${command.slice(0, 19)}…`}"`,
    CreatedAt: `${new Date(started).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
    RunningFor: `${ago(now - started)} ago`,
    Status: statusOf(container, now),
    State: container.state,
    Ports: '',
    Names: container.name,
  };
}

function statusOf(container: ContainerView, now: number): string {
  const {state, exitCode = 0} = container;
  const up = ago(now - (container.startedAt ?? now));
  const down = ago(now - (container.finishedAt ?? now));
  switch (state) {
    case 'running':
      return `Up ${up}`;
    case 'paused':
      return `Up ${up} (Paused)`;
    case 'restarting':
      return `Restarting (${exitCode}) ${down} ago`;
    case 'exited':
      return `Exited (${exitCode}) ${down} ago`;
    default:
      return state.charAt(0).toUpperCase() + state.slice(1);
  }
}

function filters(given: readonly string[]): (container: ContainerView) => boolean {
  const tests = given.map(filter => {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(filter) ?? [];
    return {key, value};
  });
  const known = ['name', 'status', 'id', 'label', 'ancestor'];
  const strange = tests.find(({key}) => !known.includes(key));
  if (strange !== undefined) throw new DockerFailure(`Error response from daemon: Invalid filter '${strange.key}'`);
  return container =>
    known.every(key => {
      const values = tests.filter(test => test.key === key).map(test => test.value);
      return values.length === 0 || values.some(value => matches(container, key, value));
    });
}

function matches(container: ContainerView, key: string, value: string): boolean {
  switch (key) {
    case 'name': {
      // Docker takes a regular expression; names and anchors are what people write.
      const plain = value.replace(/^\^?\/?/, '').replace(/\$$/, '');
      if (value.startsWith('^') && value.endsWith('$')) return container.name === plain;
      return value.startsWith('^') ? container.name.startsWith(plain) : container.name.includes(plain);
    }
    case 'status':
      return container.state === value;
    case 'id':
      return container.id.startsWith(value);
    case 'ancestor':
      return container.image === value;
    default: {
      const [name = '', wanted] = value.split('=');
      const label = composeLabels(container.name)[name];
      return label !== undefined && (wanted === undefined || label === wanted);
    }
  }
}
