import type {NewContainer} from '../../world.ts';
import {DockerFailure} from './daemon.ts';

/** What a Compose file describes: containers of pg_auto_failover, told apart by their command and environment. */
export async function readComposeFile(
  text: string,
  file: string,
): Promise<{name: string | undefined; services: {service: string; container: NewContainer}[]; content: unknown}> {
  // Only who starts containers pays for it: the embedded cluster is to be there at once.
  const {parse} = await import('yaml');
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new DockerFailure(`parsing ${file}: yaml: ${error instanceof Error ? error.message : String(error)}`, 15);
  }
  const services = record(record(content).services);
  if (Object.keys(services).length === 0) throw new DockerFailure(`validating ${file}: services must be a mapping`, 15);
  for (const [service, value] of Object.entries(services)) checkService(file, service, record(value));
  return {
    name: textOf(record(content).name),
    services: Object.entries(services).map(([service, value]) => ({
      service,
      container: containerOf(service, record(value)),
    })),
    content,
  };
}

/** Those that a service may have, as far as anybody here writes them. */
const known = [
  ...[
    'cap_add',
    'command',
    'container_name',
    'depends_on',
    'deploy',
    'entrypoint',
    'environment',
    'env_file',
    'expose',
  ],
  ...[
    'healthcheck',
    'hostname',
    'image',
    'init',
    'labels',
    'logging',
    'mem_limit',
    'network_mode',
    'networks',
    'ports',
  ],
  ...['pull_policy', 'restart', 'security_opt', 'shm_size', 'stop_grace_period', 'stop_signal', 'sysctls', 'tmpfs'],
  ...['tty', 'ulimits', 'user', 'volumes', 'working_dir', 'cpus', 'privileged', 'extra_hosts', 'build', 'profiles'],
];

function checkService(file: string, service: string, settings: Record<string, unknown>): void {
  const strange = Object.keys(settings).find(key => !known.includes(key) && !key.startsWith('x-'));
  if (strange === undefined) return;
  throw new DockerFailure(`validating ${file}: services.${service} additional properties '${strange}' not allowed`, 15);
}

/** The file as Compose understands it: long forms, sorted by their names. */
export async function configText(project: {name: string; content: unknown}, asJson: boolean): Promise<string> {
  const {stringify} = await import('yaml');
  const content = record(project.content);
  const services = Object.entries(record(content.services)).map(([name, value]) => [name, longForm(record(value))]);
  const whole = {...content, name: project.name, services: Object.fromEntries(services.sort(byName))};
  const volumes = Object.keys(record(content.volumes)).map(name => [name, {name: `${project.name}_${name}`}]);
  const sorted = {...sortedByName(whole), ...(volumes.length > 0 ? {volumes: Object.fromEntries(volumes)} : {})};
  return asJson ? `${JSON.stringify(sorted, undefined, 2)}\n` : stringify(sorted);
}

function longForm(settings: Record<string, unknown>): Record<string, unknown> {
  const environment = Object.fromEntries(environmentOf(settings.environment));
  const volumes = Array.isArray(settings.volumes) ? settings.volumes.map(volumeOf) : undefined;
  return sortedByName({
    ...settings,
    ...(settings.command === undefined ? {} : {command: wordsOf(settings.command)}),
    ...(settings.environment === undefined ? {} : {environment: sortedByName(environment)}),
    ...(volumes === undefined ? {} : {volumes}),
    ...(typeof settings.tmpfs === 'string' ? {tmpfs: [settings.tmpfs]} : {}),
  });
}

function volumeOf(volume: unknown): unknown {
  const [, source = '', target = ''] = typeof volume === 'string' ? (/^([^:]+):([^:]+)/.exec(volume) ?? []) : [];
  if (source === '') return volume;
  const kind = source.startsWith('/') || source.startsWith('.') ? 'bind' : 'volume';
  return {type: kind, source, target, [kind]: {}};
}

function sortedByName(settings: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).sort(byName));
}

function byName([one]: readonly unknown[], [other]: readonly unknown[]): number {
  return String(one) < String(other) ? -1 : 1;
}

function containerOf(service: string, settings: Record<string, unknown>): NewContainer {
  const words = wordsOf(settings.command);
  const environment = environmentOf(settings.environment);
  const after = (name: string) => {
    const at = words.indexOf(name);
    return at < 0 ? words.find(word => word.startsWith(`${name}=`))?.slice(name.length + 1) : words[at + 1];
  };
  const name = textOf(settings.container_name) ?? service;
  const monitor = words.includes('monitor') && words.includes('create');
  const port = Number(after('--pgport') ?? environment.get('PGPORT') ?? (monitor ? 6000 : 5432));
  const policy = textOf(settings.restart);
  const image = textOf(settings.image);
  const formation = after('--formation') ?? environment.get('PG_AUTOCTL_FORMATION');
  return {
    name,
    ...(image === undefined ? {} : {image}),
    port,
    restartPolicy: policy === 'always' || policy === 'unless-stopped' ? policy : 'no',
    role: monitor
      ? {kind: 'monitor'}
      : {
          kind: 'node',
          nodeName: after('--name') ?? environment.get('PG_AUTOCTL_NODE_NAME') ?? name,
          ...(formation === undefined ? {} : {formation}),
          command: words.includes('create') ? 'create' : 'run',
        },
  };
}

function wordsOf(command: unknown): string[] {
  const whole = Array.isArray(command) ? command.map(String) : [textOf(command) ?? ''];
  return whole.flatMap(word => word.split(/[\s\\]+/)).filter(word => word !== '');
}

function environmentOf(value: unknown): Map<string, string> {
  const pairs = Array.isArray(value)
    ? value.map(each => /^([^=]*)=?(.*)$/s.exec(String(each))?.slice(1, 3) ?? [])
    : Object.entries(record(value)).map(([name, each]) => [name, String(each)]);
  return new Map(pairs.map(([name = '', each = '']) => [name, each]));
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
