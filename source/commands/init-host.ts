import type {Outcome, Problem} from '../cluster/problem.ts';
import type {Container} from '../cluster/snapshot.ts';
import {containerNamePattern, hostNamePattern} from '../config/configuration-schema.ts';
import type {HostDraft} from '../config/configuration-text.ts';
import {parseHop} from '../config/jump-chain.ts';
import type {GivenHost} from '../config/resolve-host.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import type {HostSettings} from '../ssh/host-settings.ts';
import type {ConnectionEdges} from './connection-edges.ts';
import type {ContainerRole} from './container-role.ts';
import {candidateContainers, likelyRole} from './propose-containers.ts';
import type {Questions} from './questions.ts';
import {destinationText, firstLink} from './try-connections.ts';

/** One host as the dialog has learnt it, and the image that its containers run. `isBare`: it was looked at, and has none of them. */
export type FoundHost = {draft: HostDraft; image: string | undefined; isBare: boolean};

export type HostDialogue = {
  /** Which host this is, from 1. */
  number: number;
  /** Names given already. */
  taken: readonly string[];
  monitorFound: boolean;
  aliases: readonly string[];
  resolve(name: string, given: GivenHost): Promise<Outcome<HostSettings>>;
  edges: ConnectionEdges;
};

/** Three data nodes are what a cluster has as a rule; after them the default is that there are no more hosts. */
const usualHosts = 3;

/** Asks for one host, tries to reach it and looks for its containers. undefined: there are no more hosts. */
export async function askForHost(ask: Questions, dialogue: HostDialogue): Promise<FoundHost | undefined> {
  const {number, taken, aliases} = dialogue;
  const standard =
    number > usualHosts
      ? '-'
      : (aliases.find(alias => hostNamePattern.test(alias) && !taken.includes(alias)) ??
        (number === 1 ? 'localhost' : '-'));
  const label = number === 1 ? 'Host 1' : `Host ${number} (- for no more)`;
  const name = await ask.text(label, standard, answer => {
    if (answer === '-') return number === 1 ? 'expected at least one host' : undefined;
    if (taken.includes(answer)) return `${answer} has been given already`;
    return hostNamePattern.test(answer) ? undefined : 'expected a name of ~/.ssh/config, a DNS name or an address';
  });
  if (name === '-') return undefined;
  const reached = await reach(ask, name, dialogue);
  const looked = reached.connection === undefined ? undefined : await look(ask, reached.connection, dialogue.edges);
  const placed = await askForContainers(ask, dialogue, looked);
  return {
    draft: {name, ...reached.given, docker: looked?.docker ?? ['docker'], ...placed},
    image: imageOf(looked, placed),
    isBare: looked?.candidates.length === 0,
  };
}

type Given = Pick<HostDraft, 'address' | 'port' | 'user' | 'identityFile' | 'jump'>;

/** Tries to connect; when that fails, says why and lets the person change how. */
async function reach(
  ask: Questions,
  name: string,
  dialogue: HostDialogue,
): Promise<{given: Given; connection: HostConnection | undefined}> {
  let given: Given = {};
  // Enter alone has to come to an end: only the first failure proposes another try.
  for (let attempt = 1; ; attempt++) {
    const {identityFile, jump, ...others} = given;
    const settings = await ask.during(
      dialogue.resolve(name, {
        ...others,
        ...(identityFile === undefined ? {} : {identityFiles: [identityFile]}),
        ...(jump === undefined ? {} : {jump: [jump]}),
      }),
    );
    if (settings.ok) {
      ask.say(`  ssh ${sanitizeLine(destinationText(settings.value))} ... `);
      const connection = dialogue.edges.open(settings.value);
      const link = await ask.during(firstLink(connection));
      if (link.ok) {
        ask.say('connected\n');
        return {given, connection};
      }
      ask.say('failed\n');
      sayProblem(ask, link.problem);
    } else {
      sayProblem(ask, settings.problem);
    }
    if (!(await ask.yes('  Change how it is reached and try again? (no keeps it as it is)', attempt === 1)))
      return {given, connection: undefined};
    given = await askHowToReach(ask, name, settings.ok ? settings.value : undefined, given);
  }
}

async function askHowToReach(
  ask: Questions,
  name: string,
  settings: HostSettings | undefined,
  before: Given,
): Promise<Given> {
  const user = settings?.user ?? before.user ?? '';
  const currentAddress = settings?.address ?? before.address ?? name;
  const currentPort = settings?.port ?? before.port ?? 22;
  const address = await ask.text('  Address', currentAddress, answer =>
    hostNamePattern.test(answer) ? undefined : 'expected a DNS name or an address',
  );
  const port = await ask.number('  Port of sshd', currentPort);
  const login = await ask.text('  User', user);
  const identityFile = await ask.text('  Private key (- as ssh has it)', before.identityFile ?? '-', answer =>
    answer === '-' || /^~?\//.test(answer) ? undefined : 'expected a path that starts with / or ~/',
  );
  const jump = await ask.text('  Jump host (- as ssh has it, none for none)', before.jump ?? '-', answer =>
    answer === '-' || parseHop(answer) !== undefined ? undefined : 'expected [user@]host[:port]',
  );
  return {
    address: address === currentAddress ? before.address : address,
    port: port === currentPort ? before.port : port,
    user: login === user ? before.user : login,
    identityFile: identityFile === '-' ? undefined : identityFile,
    jump: jump === '-' ? undefined : jump,
  };
}

type Candidate = {container: Container; role: ContainerRole['role']; port: number | undefined};
type Look = {docker: readonly string[]; candidates: readonly Candidate[]};

/** Finds out how docker is called there, and what containers look like pg_auto_failover's. */
async function look(ask: Questions, connection: HostConnection, edges: ConnectionEdges): Promise<Look> {
  let docker: readonly string[] = ['docker'];
  let found = await ask.during(edges.containers(connection, docker));
  const alternative = found.ok ? undefined : alternatives[found.problem.kind];
  if (alternative !== undefined) {
    const second = await ask.during(edges.containers(connection, alternative));
    if (second.ok) {
      docker = alternative;
      found = second;
      ask.say(`  docker works there as \`${docker.join(' ')}\`\n`);
    }
  }
  if (!found.ok) {
    sayProblem(ask, found.problem);
    const words = (await ask.text('  How is docker called there', docker.join(' '))).split(/\s+/);
    return words.join(' ') === docker.join(' ') ? {docker, candidates: []} : lookAgain(ask, connection, edges, words);
  }
  return {docker, candidates: await candidates(ask, connection, edges, docker, found.value)};
}

const alternatives: Partial<Record<Problem['kind'], readonly string[]>> = {
  'docker-permission': ['sudo', '-n', 'docker'],
  'docker-missing': ['podman'],
};

async function lookAgain(
  ask: Questions,
  connection: HostConnection,
  edges: ConnectionEdges,
  docker: readonly string[],
): Promise<Look> {
  const found = await ask.during(edges.containers(connection, docker));
  if (found.ok) return {docker, candidates: await candidates(ask, connection, edges, docker, found.value)};
  sayProblem(ask, found.problem);
  return {docker, candidates: []};
}

async function candidates(
  ask: Questions,
  connection: HostConnection,
  edges: ConnectionEdges,
  docker: readonly string[],
  all: readonly Container[],
): Promise<Candidate[]> {
  const likely = candidateContainers(all);
  const roles = await ask.during(
    Promise.all(
      likely.map(({name, state}) =>
        state === 'running' ? edges.role(connection, docker, name) : Promise.resolve(undefined),
      ),
    ),
  );
  const found = likely.map((container, index) => ({
    container,
    role: roles[index]?.role ?? likelyRole(container.name),
    port: roles[index]?.port,
  }));
  const described = found.map(
    ({container, role, port}) =>
      `${container.name} (${role}${port === undefined ? '' : `, port ${port}`}, ${container.state})`,
  );
  ask.say(
    `  containers of pg_auto_failover: ${described.length === 0 ? `none among ${all.length}` : sanitizeLine(described.join(', '))}\n`,
  );
  return found;
}

async function askForContainers(
  ask: Questions,
  dialogue: HostDialogue,
  looked: Look | undefined,
): Promise<Pick<HostDraft, 'node' | 'monitor'>> {
  const seen = looked?.candidates ?? [];
  const node = seen.find(candidate => candidate.role === 'node');
  const monitor = seen.find(candidate => candidate.role === 'monitor');
  const nodeName = await askForContainer(
    ask,
    '  Container of the data node',
    node?.container.name ?? (monitor === undefined ? `pg_node${dialogue.number}` : '-'),
  );
  const placedNode =
    nodeName === '-'
      ? undefined
      : {container: nodeName, port: await ask.number('  Its port', portOf(seen, nodeName) ?? 5432)};
  if (dialogue.monitorFound) return {node: placedNode};
  // The third VM is where the monitor is as a rule.
  const monitorStandard =
    monitor?.container.name ?? (dialogue.number === usualHosts && seen.length === 0 ? 'pg_monitor' : '-');
  const monitorName = await askForContainer(ask, '  Container of the monitor', monitorStandard);
  if (monitorName === '-') return {node: placedNode};
  const port = await ask.number('  Its port', portOf(seen, monitorName) ?? (placedNode?.port === 5432 ? 6000 : 5432));
  return {node: placedNode, monitor: {container: monitorName, port}};
}

function askForContainer(ask: Questions, label: string, standard: string): Promise<string> {
  return ask.text(`${label} (- for none)`, standard, answer =>
    answer === '-' || containerNamePattern.test(answer)
      ? undefined
      : 'expected the name of a container, as docker ps shows it',
  );
}

function portOf(seen: readonly Candidate[], name: string): number | undefined {
  return seen.find(candidate => candidate.container.name === name)?.port;
}

function imageOf(looked: Look | undefined, {node, monitor}: Pick<HostDraft, 'node' | 'monitor'>): string | undefined {
  const names = [node?.container, monitor?.container];
  return looked?.candidates.find(({container}) => names.includes(container.name))?.container.image;
}

function sayProblem(ask: Questions, {message, remedy}: Problem): void {
  ask.say(`  ${sanitizeLine(message)}\n`);
  if (remedy !== undefined) ask.say(`  -> ${sanitizeLine(remedy)}\n`);
}
