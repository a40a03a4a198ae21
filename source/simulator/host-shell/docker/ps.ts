import {outputOf} from '../../container-programs/output.ts';
import {hostTime} from '../../host-clock.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {ContainerView} from '../../world.ts';
import {parseTemplate} from '../go-template.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options} from '../options.ts';
import {DockerFailure} from './daemon.ts';
import {composeLabels, volumeOf} from './inspect.ts';

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
  const format = options.value('format');
  if (format === undefined || format === 'table') return table(rows);
  const isTable = format.startsWith('table ');
  const source = (isTable ? format.slice(6) : format).replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  const template = parseTemplate(source === 'json' ? '{{json .}}' : source);
  const lines = rows.map(each => template(templateData(each)));
  if (!isTable) return lines.map(line => `${line}\n`).join('');
  const head = source.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (_all, name: string) => heads[name] ?? name.toUpperCase());
  return aligned([head, ...lines].map(line => line.split('\t')));
}

/** What a template sees, in the order of the alphabet; `{{json .}}` shows all but Label, which is a function. */
function templateData(row: Row): object {
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

const heads: Readonly<Record<string, string>> = {ID: 'CONTAINER ID', RunningFor: 'CREATED', CreatedAt: 'CREATED AT'};

function table(rows: readonly Row[]): string {
  return aligned([
    ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'],
    ...rows.map(each => [each.ID, each.Image, each.Command, each.RunningFor, each.Status, each.Ports, each.Names]),
  ]);
}

/** Columns three spaces apart and ten wide at least, as docker sets them. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(7, ...rows.map(cells => (cells[column] ?? '').length)),
  );
  return rows
    .map(cells => {
      const last = cells.length - 1;
      return `${cells.map((cell, column) => (column === last ? cell : cell.padEnd((widths[column] ?? 0) + 3))).join('')}\n`;
    })
    .join('');
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

/** A duration as docker words it. */
function ago(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.round(minutes / 60);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 14) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 60) return `${Math.floor(hours / 24 / 7)} weeks`;
  return `${Math.floor(hours / 24 / 30)} months`;
}

function filters(given: readonly string[]): (container: ContainerView) => boolean {
  const tests = given.map(filter => {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(filter) ?? [];
    return {key, value};
  });
  const known = ['name', 'status', 'id', 'label', 'ancestor'];
  const strange = tests.find(({key}) => !known.includes(key));
  if (strange !== undefined) throw new DockerFailure(`Error response from daemon: invalid filter '${strange.key}'`);
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
