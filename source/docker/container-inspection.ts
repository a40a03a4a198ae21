import type {Container} from '../cluster/snapshot.ts';

/** Prints one container a line with the fields that parseInspection reads; of its environment, which may hold secrets, PGDATA only. */
export const inspectionFormat = [
  '{"Id":{{json .ID}},"Name":{{json .Name}},"RestartCount":{{json .RestartCount}},"Path":{{json .Path}},"Args":{{json .Args}},',
  '"HostConfig":{"RestartPolicy":{"Name":{{json .HostConfig.RestartPolicy.Name}}},"NetworkMode":{{json .HostConfig.NetworkMode}}},',
  '"Config":{"Image":{{json .Config.Image}},"Env":[',
  '{{range .Config.Env}}{{if eq (index (split . "=") 0) "PGDATA"}}{{json .}}{{end}}{{end}}]},',
  '"State":{"Status":{{json .State.Status}},"ExitCode":{{json .State.ExitCode}},"OOMKilled":{{json .State.OOMKilled}},',
  '"StartedAt":{{json .State.StartedAt}},"FinishedAt":{{json .State.FinishedAt}},',
  '"Health":{"Status":{{with .State.Health}}{{json .Status}}{{else}}null{{end}}}}}',
].join('');

/** Containers from `docker inspect` (or podman's): one JSON object a line, or the JSON array of the plain command. Sorted by name. */
export function parseInspection(output: string): Container[] {
  const trimmed = output.trim();
  const values = trimmed.startsWith('[') ? parseArray(trimmed) : trimmed.split('\n').map(parseJson);
  const containers = values.map(parseContainer).filter(container => container !== undefined);
  return containers.sort((left, right) => left.name.localeCompare(right.name, 'en', {numeric: true}));
}

function parseContainer(value: unknown): Container | undefined {
  if (!isRecord(value)) return undefined;
  const id = text(value.Id) ?? text(value.ID);
  const name = text(value.Name);
  if (id === undefined || name === undefined) return undefined;
  const state = record(value.State);
  const health = record(state.Health ?? state.Healthcheck);
  return {
    id,
    name: name.replace(/^\//, ''),
    image: text(record(value.Config).Image) ?? text(value.ImageName) ?? '?',
    state: parseState(text(state.Status)),
    exitCode: number(state.ExitCode),
    restarts: number(value.RestartCount) ?? 0,
    startedAt: time(state.StartedAt),
    finishedAt: time(state.FinishedAt),
    outOfMemory: state.OOMKilled === true,
    health: parseHealth(text(health.Status)),
    ...parseMaking(value),
  };
}

function parseMaking(value: Record<string, unknown>): Pick<Container, 'restartPolicy' | 'making'> {
  const host = record(value.HostConfig);
  const policy = text(record(host.RestartPolicy).Name);
  const environment = strings(record(value.Config).Env);
  const dataDirectory = environment.find(each => each.startsWith('PGDATA='))?.slice('PGDATA='.length);
  const program = text(value.Path);
  const network = text(host.NetworkMode) ?? 'default';
  const restarts = policy === undefined ? {} : {restartPolicy: policy};
  if (program === undefined) return restarts;
  return {...restarts, making: {command: commandOf([program, ...strings(value.Args)]), dataDirectory, network}};
}

/** The script that containers of a bootstrap start with; it registers a node that the monitor does not know, as `create` does. */
export const gatePath = '/pgaf/gate.sh';

/** Only what it does is kept of a command: the monitor's URI in it may have a password. */
function commandOf(words: readonly string[]): 'create' | 'run' | 'other' {
  const [program = '', first, second] = words;
  if (first === gatePath) return 'create';
  if (program.split('/').at(-1) !== 'pg_autoctl') return 'other';
  if (first === 'create' && second === 'postgres' && words.includes('--run')) return 'create';
  return first === 'run' ? 'run' : 'other';
}

const states = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const;

/** podman has a few more words for the same seven states. */
const podmanStates: Record<string, Container['state']> = {
  configured: 'created',
  initialized: 'created',
  stopping: 'running',
  stopped: 'exited',
};

function parseState(status: string | undefined): Container['state'] {
  const word = (status ?? '').toLowerCase();
  return states.find(state => state === word) ?? podmanStates[word] ?? 'dead';
}

function parseHealth(status: string | undefined): Container['health'] {
  return (['starting', 'healthy', 'unhealthy'] as const).find(known => known === status);
}

/** Milliseconds since 1970; the zero time of Go (year 1) means "never". */
function time(value: unknown): number | undefined {
  const parsed = Date.parse(text(value) ?? '');
  return Number.isFinite(parsed) && parsed > 0 ? parsed : undefined;
}

function parseArray(source: string): unknown[] {
  const value = parseJson(source);
  return Array.isArray(value) ? value : [];
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    // A warning of the command among its output lines: not a container.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : [];
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
