import type {Problem} from '../cluster/problem.ts';
import type {CertificateSurvey} from './certificates.ts';
import type {Encryption} from './encryption.ts';
import type {RegistryAnswer} from './registry-answer.ts';
import type {Secrets} from './secrets.ts';
import type {ServerSurvey} from './server-survey.ts';
import type {PeerSight} from './survey-peers.ts';

/** What a host has before, and after, a bootstrap: facts only. Each part that could not be learnt is a problem instead. */
export type HostSurvey = {
  host: string;
  /** Nothing else is known then. */
  unreachable: Problem | undefined;
  architecture: string | undefined;
  memoryBytes: number | undefined;
  /** On the file system that holds Docker's volumes. */
  freeBytes: number | undefined;
  /** That of the host minus that of this machine, give or take half the round trip. */
  clockSkewSeconds: number | undefined;
  listeningPorts: readonly number[];
  docker: {version: string} | {problem: Problem} | undefined;
  /** The argv that stands for Compose here; undefined: there is none. */
  compose: readonly string[] | undefined;
  /** Of the image; undefined: it is not there. */
  image: {id: string; architecture: string} | undefined;
  /** Absent: a host has the image, so no registry was asked. */
  registry?: RegistryAnswer;
  /** The architecture that the machine pgaf runs on has the image for. It was asked when neither a host nor a registry was sure to have it. */
  ownImage?: string;
  containers: ReadonlyMap<string, ContainerSurvey>;
  /** Containers of the cluster's Compose project that are not described, and volumes. */
  strays: readonly Stray[];
  strayVolumes: readonly string[];
  /** By container that does not run, or is not there: what its volume holds. */
  volumes: ReadonlyMap<string, VolumeSurvey>;
  /** By name, below the folder; absent: not there. */
  files: ReadonlyMap<string, string>;
  /** By container that runs: what its PostgreSQL says of itself; absent: it did not answer. */
  servers: ReadonlyMap<string, ServerSurvey>;
  /** Of the files for TLS; undefined: none are needed, or there is no image to look at them with. */
  certificates: CertificateSurvey | undefined;
  /** The passwords that are kept there; not for showing. */
  secrets: Secrets | undefined;
  /** What is kept there for the application, its password among it; not for showing. */
  application: string | undefined;
  /** `address:port` of the others that swallow what is sent to them. A refusal is an answer. */
  cutOff: readonly string[];
  /** How it finds the hosts of the cluster, itself as well; empty: not known. */
  peers: readonly PeerSight[];
};

export type Stray = {container: string; isRunning: boolean};

export type ContainerSurvey = {
  id: string;
  image: string;
  /** What that name stood for when the container was made; undefined: not known. */
  imageId: string | undefined;
  state: string;
  project: string | undefined;
  /** The volume or folder that its data is in; undefined: none. */
  storage?: string | undefined;
  /** False: its labels say that it was made of another file than is wanted; undefined: it has none. */
  isCurrent: boolean | undefined;
  /** Of a node that runs and is completely made. */
  registration?: Registration;
  /** Of one that runs and whose PostgreSQL answers. */
  encryption?: Encryption;
};

/** Where the configuration of a node says that its monitor is (`disabled`: it goes on without one), and whether one answers there. */
export type Registration = {place: string; answers: boolean};

/** `system identifier` of a PGDATA, when the volume or folder has one. */
export type VolumeSurvey = {
  exists: boolean;
  systemIdentifier: string | undefined;
  hasData: boolean;
  /** False: the user of the image may not write there. */
  isOwn: boolean;
  isEmpty: boolean;
  /** The passwords that its node had are beside it: another cluster's would not fit. */
  hasPasswords?: boolean;
  /** pg_auto_failover has completely made what is in it. */
  isMade?: boolean;
  /** A container runs on it. */
  isInUse?: boolean;
};

/** Prints one fact a line: `name value`. Its arguments are the folders that may hold Docker's volumes, the first that exists counts. */
export const hostFactsScript = [
  'echo "architecture $(uname -m)"',
  'echo "clock $(date +%s.%N)"',
  'for folder do if [ -d "$folder" ]; then break; fi; done',
  'echo "free $(df -Pk "$folder" | awk \'NR == 2 {print $4}\')"',
  'echo "memory $(awk \'$1 == "MemTotal:" {print $2}\' /proc/meminfo)"',
  'awk \'$4 == "0A" {split($2, at, ":"); print "port", at[2]}\' /proc/net/tcp /proc/net/tcp6 2>/dev/null',
].join('\n');

/** The facts in what the script printed. `askedAt` and `answeredAt` are this machine's clock in milliseconds. */
export function parseHostFacts(
  output: string,
  askedAt: number,
  answeredAt: number,
): Pick<HostSurvey, 'architecture' | 'memoryBytes' | 'freeBytes' | 'clockSkewSeconds' | 'listeningPorts'> {
  const facts = output.split('\n').map(line => line.split(' '));
  const value = (name: string) => facts.find(([each]) => each === name)?.[1];
  const kilobytes = (name: string) => {
    const text = value(name);
    return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text) * 1024;
  };
  const clock = Number(value('clock'));
  const ports = facts.flatMap(([name, port]) =>
    name === 'port' && port !== undefined ? [Number.parseInt(port, 16)] : [],
  );
  return {
    architecture: /^\w+$/.exec(value('architecture') ?? '')?.[0],
    memoryBytes: kilobytes('memory'),
    freeBytes: kilobytes('free'),
    clockSkewSeconds: Number.isFinite(clock) && clock > 0 ? clock - (askedAt + answeredAt) / 2000 : undefined,
    listeningPorts: [...new Set(ports)].sort((a, b) => a - b),
  };
}

/** A line of a script in a container: where pg_autoctl keeps its configuration. It is empty for a moment while it is written anew (2.0 to 2.2). */
export const findConfiguration =
  'configuration="$HOME/.config/pg_autoctl$PGDATA/pg_autoctl.cfg"; if [ -f "$configuration" ] && [ ! -s "$configuration" ]; then sleep 1; fi';

/** Run in a container; says nothing in the monitor's. A password that the configuration may have is not printed; ~/.pgpass has the one that counts. */
export const registrationScript = [
  '[ -f "$HOME/.local/share/pg_autoctl$PGDATA/pg_autoctl.init" ] && exit 1',
  findConfiguration,
  'place=$(sed -n "s/^monitor *= *//p" "$configuration" | sed "s/.*@//")',
  'if [ -z "$place" ]; then exit 0; fi',
  'echo "place $place"',
  'if [ "$place" = PG_AUTOCTL_DISABLED ]; then exit 0; fi',
  'PGCONNECT_TIMEOUT=3 psql -XAtq "postgresql://autoctl_node@$place" -c "select \'answers\'" 2>/dev/null || true',
].join('\n');

export function parseRegistration(output: string): Registration | undefined {
  const lines = output.split('\n').map(line => line.trim());
  const place = lines.find(line => line.startsWith('place '))?.slice('place '.length);
  if (place === undefined) return undefined;
  return {place: place === 'PG_AUTOCTL_DISABLED' ? 'disabled' : place, answers: lines.includes('answers')};
}

/**
 * Run in a container of the image with the volume or folder at /volume: says whether there is a PGDATA, and whose. Its arguments are the
 * PGDATA below the volume, and the folder that it is at when its container runs.
 */
export const volumeFactsScript = [
  'if [ "$(stat -c %u /volume)" = "$(id -u)" ]; then echo own; fi',
  'if [ -r /volume ] && [ -z "$(ls -A /volume)" ]; then echo empty; fi',
  'if [ -f "/volume/$1/PG_VERSION" ]; then echo data; fi',
  'if [ -f /volume/.pgpass ]; then echo passwords; fi',
  'kept="pg_autoctl$2/$1/pg_autoctl"',
  'if [ -f "/volume/.config/$kept.cfg" ] && [ ! -f "/volume/.local/share/$kept.init" ]; then echo made; fi',
  'pg_controldata "/volume/$1" 2>/dev/null | sed -n "s/^Database system identifier: *//p"',
].join('\n');

export function parseVolumeFacts(output: string): VolumeSurvey {
  const lines = output.split('\n').map(line => line.trim());
  return {
    exists: true,
    hasData: lines.includes('data'),
    isOwn: lines.includes('own'),
    isEmpty: lines.includes('empty'),
    hasPasswords: lines.includes('passwords'),
    isMade: lines.includes('made'),
    systemIdentifier: lines.find(line => /^\d{10,}$/.test(line)),
  };
}
