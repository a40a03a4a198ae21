import type {NewContainer} from '../../world.ts';
import {DockerFailure} from './daemon.ts';

/** The containers that a Compose file describes: those of pg_auto_failover, told apart by their command and environment. */
export async function readComposeFile(
  text: string,
  file: string,
): Promise<readonly {service: string; container: NewContainer}[]> {
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
  return Object.entries(services).map(([service, value]) => ({
    service,
    container: containerOf(service, record(value)),
  }));
}

function containerOf(service: string, settings: Record<string, unknown>): NewContainer {
  const words = wordsOf(settings.command);
  const environment = environmentOf(settings.environment);
  const after = (name: string) => {
    const at = words.indexOf(name);
    return at < 0 ? words.find(word => word.startsWith(`${name}=`))?.slice(name.length + 1) : words[at + 1];
  };
  const name = text(settings.container_name) ?? service;
  const monitor = words.includes('monitor') && words.includes('create');
  const port = Number(after('--pgport') ?? environment.get('PGPORT') ?? (monitor ? 6000 : 5432));
  const policy = text(settings.restart);
  const image = text(settings.image);
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
  const whole = Array.isArray(command) ? command.map(String) : [text(command) ?? ''];
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

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
