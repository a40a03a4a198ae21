import {firstBranch} from './history.ts';
import {newPostgres} from './postgres.ts';
import type {ContainerState, DataNode, Host, ReplicationGroup, Simulation} from './simulation.ts';
import type {NewContainer} from './world.ts';

/** The image that the simulated hosts have. */
const defaultImage = 'citusdata/pg_auto_failover:15';

/** A container that was created and has not run. */
export function newContainer(host: Host, settings: NewContainer): ContainerState {
  const node = settings.role.kind === 'node' ? settings.role : undefined;
  const command =
    node === undefined
      ? ['pg_autoctl', 'create', 'monitor', '--auth', 'trust', '--no-ssl', '--run']
      : node.command === 'run'
        ? ['pg_autoctl', 'run']
        : [
            ...['pg_autoctl', 'create', 'postgres', '--name', node.nodeName, '--hostname', host.address],
            ...['--pgport', String(settings.port), '--auth', 'trust', '--no-ssl', '--run'],
          ];
  return {
    id: idOf(`${host.name}/${settings.name}`),
    name: settings.name,
    image: settings.image ?? defaultImage,
    host,
    role: settings.role.kind,
    port: settings.port,
    state: 'created',
    exitCode: 0,
    restarts: 0,
    startedAt: undefined,
    finishedAt: undefined,
    restartPolicy: settings.restartPolicy ?? 'unless-stopped',
    stoppedByHand: false,
    pid: 0,
    life: 0,
    backOff: 0,
    held: [],
    lines: [],
    command,
    environment: ['PGDATA=/var/lib/postgres/pgaf', `PGPORT=${settings.port}`],
  };
}

/** The data node in a container; its group is made when it is the first. */
export function newNode(
  simulation: Simulation,
  container: ContainerState,
  role: Extract<NewContainer['role'], {kind: 'node'}>,
): DataNode {
  const formation = role.formation ?? 'default';
  const group = groupFor(simulation, formation, role.group ?? 0);
  const node: DataNode = {
    name: role.nodeName,
    formation,
    group,
    host: container.host,
    port: container.port,
    container,
    command: role.command,
    state: undefined,
    keeper: {
      running: false,
      pid: 0,
      next: undefined,
      busy: false,
      firstRound: true,
      couldContact: true,
      failedStarts: 0,
      complaint: '',
    },
    postgres: newPostgres(group.main, systemIdentifierOf(group)),
    fault: {receive: undefined, replay: undefined},
  };
  const left = container.host.volumes.get(container.name);
  if (left !== undefined) Object.assign(node, left);
  container.host.volumes.delete(container.name);
  group.nodes.push(node);
  simulation.nodes.push(node);
  return node;
}

function groupFor(simulation: Simulation, formation: string, number: number): ReplicationGroup {
  const known = simulation.groups.find(group => group.formation === formation && group.number === number);
  if (known !== undefined) return known;
  const now = simulation.engine.now();
  const branch = firstBranch();
  const group: ReplicationGroup = {
    formation,
    number,
    nodes: [],
    settledAt: now,
    branches: [branch],
    main: branch,
    writesTo: undefined,
    acknowledged: 0,
    lostSettled: 0,
    writesPossible: false,
    since: now,
    millisecondsWithoutWrites: 0,
    countedAt: now,
  };
  simulation.groups.push(group);
  return group;
}

function systemIdentifierOf(group: ReplicationGroup): string {
  return String(7_277_694_203_142_172_000n + BigInt(group.number * 7919 + 922));
}

/** 64 hexadecimal digits that depend on nothing but the name. */
function idOf(name: string): string {
  let hash = 0x811c9dc5;
  let id = '';
  for (let round = 0; round < 8; round += 1) {
    for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
    hash = Math.imul(hash ^ round, 0x85ebca6b) ^ (hash >>> 13);
    id += (hash >>> 0).toString(16).padStart(8, '0');
  }
  return id;
}
