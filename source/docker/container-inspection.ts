import type {Container} from '../cluster/snapshot.ts';

/** Prints one container a line with the fields that parseInspection reads, and none of its environment, which may hold secrets. */
export const inspectionFormat = [
  '{"Id":{{json .ID}},"Name":{{json .Name}},"RestartCount":{{json .RestartCount}},"Config":{"Image":{{json .Config.Image}}},',
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
  };
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

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
