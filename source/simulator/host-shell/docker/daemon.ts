import type {ContainerView, World} from '../../world.ts';

/** A docker command's failure: what it prints, and its exit status. */
export class DockerFailure extends Error {
  readonly status: number;
  /** What runs in a container is told where its output goes. */
  readonly where: 'stdout' | 'stderr';

  constructor(message: string, status = 1, where: 'stdout' | 'stderr' = 'stderr') {
    super(message);
    this.status = status;
    this.where = where;
  }
}

/** Resolves when the daemon of the host answers, or the signal came. */
export async function daemonAnswers(world: World, host: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || !isFrozen(world, host)) return;
  const thawed = Promise.withResolvers<void>();
  const look = () => {
    if (signal.aborted || !isFrozen(world, host)) thawed.resolve();
  };
  const unlisten = world.listen(happening => {
    if (happening.kind === 'host') look();
  });
  signal.addEventListener('abort', look);
  await thawed.promise;
  signal.removeEventListener('abort', look);
  unlisten();
}

function isFrozen(world: World, host: string): boolean {
  return world.host(host)?.frozen.dockerd === true;
}

/** Resolves when the container is not paused, or the signal came: what runs in a paused one stands still. */
export async function containerMoves(world: World, host: string, name: string, signal: AbortSignal): Promise<void> {
  const stands = () => world.containers(host).find(each => each.name === name)?.state === 'paused';
  if (signal.aborted || !stands()) return;
  const moves = Promise.withResolvers<void>();
  const look = () => {
    if (signal.aborted || !stands()) moves.resolve();
  };
  const unlisten = world.listen(happening => {
    if (happening.kind === 'docker' || happening.kind === 'host') look();
  });
  signal.addEventListener('abort', look);
  await moves.promise;
  signal.removeEventListener('abort', look);
  unlisten();
}

/** The container of that name or with an id that begins so; undefined: docker does not know it. */
export function findContainer(world: World, host: string, name: string): ContainerView | undefined {
  const all = world.containers(host);
  const plain = name.replace(/^\//, '');
  return (
    all.find(each => each.name === plain) ??
    (/^[0-9a-f]+$/.test(plain) ? all.find(each => each.id.startsWith(plain)) : undefined)
  );
}

/** The same, for commands that can not go on without it. */
export function containerOf(world: World, host: string, name: string): ContainerView {
  const container = findContainer(world, host, name);
  if (container === undefined) throw new DockerFailure(`Error response from daemon: No such container: ${name}`);
  return container;
}

/** As docker writes times: nine digits behind the point. */
export function dockerTime(at: number | undefined): string {
  return at === undefined ? '0001-01-01T00:00:00Z' : new Date(at).toISOString().replace(/(\.\d{3})Z$/, '$1000000Z');
}

/** A time that a person gave: a duration back from now (`15m`), seconds since 1970, or a date; undefined: neither. */
export function parseTime(text: string, now: number): number | undefined {
  if (/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
    const units: Record<string, number> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000};
    return now - parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (units[unit] ?? 0), 0);
  }
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : parsed;
}
