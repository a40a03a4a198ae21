import {current} from '../cluster/sample.ts';
import type {HostSnapshot, MonitorReading, PostgresReading} from '../cluster/snapshot.ts';
import {shownCommand} from '../ssh/quote.ts';
import {addressOf, letMonitorIn} from './changes-in-place.ts';
import {composeCommand, monitorPlace} from './compose-file.ts';
import type {DesiredCluster, DesiredNode} from './desired-cluster.ts';
import {withMask} from './host-based-access.ts';
import {failed, type HostCheck, passed} from './host-check.ts';
import type {HostSurvey, Registration} from './host-survey.ts';
import {nodeOf} from './membership.ts';
import type {BootstrapStep} from './plan.ts';

/** A node that runs and is completely made, and what PostgreSQL there says, with or without a monitor. */
export type MadeNode = {
  node: DesiredNode;
  registration: Registration;
  postgres: PostgresReading | undefined;
  /** The monitor has to be made to know it. */
  isOrphan: boolean;
};

/** The nodes of a cluster whose monitor is lost, is to be elsewhere, or whose rebuild was interrupted; none when all is as it should be. */
export function nodesWithoutMonitor(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
  hosts: readonly HostSnapshot[],
): readonly MadeNode[] {
  const made = cluster.nodes.flatMap(node => {
    const survey = surveys.find(({host}) => host === node.host);
    const registration = survey?.containers.get(node.container)?.registration;
    const postgres = current(hosts.find(({name}) => name === node.host)?.postgres);
    return registration === undefined ? [] : [{node, registration, postgres}];
  });
  const isDisabled = ({registration}: (typeof made)[number]) => registration.place === 'disabled';
  if (!monitorIsLost(cluster, surveys, monitor) && !made.some(isDisabled)) return [];
  return made.map(each => ({
    ...each,
    isOrphan: isDisabled(each) || nodeOf(monitor, each.node.container) === undefined,
  }));
}

/**
 * Nodes that are made and do not run, of a cluster whose monitor is lost: nobody can ask PostgreSQL there who took the writes. Their gates let it
 * run without a monitor.
 */
export function downNodeChecks(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
): readonly HostCheck[] {
  if (!monitorIsLost(cluster, surveys, monitor)) return [];
  return cluster.nodes.flatMap(({host, container}) => {
    const survey = surveys.find(each => each.host === host);
    if (survey?.volumes.get(container)?.isMade !== true) return [];
    const found = survey.containers.get(container);
    const compose = composeCommand(cluster, survey.compose ?? ['docker', 'compose']);
    return [
      failed(
        host,
        `down-${container}`,
        `${container} runs, so that it can be registered with a new monitor`,
        `the monitor is lost, and the container of ${container} is ${found === undefined ? 'not there' : found.state}; its data is`,
        `start it, on ${host}: ${shownCommand([...compose, 'up', '-d', container])}; ${patienceWords(cluster)} when all of them are up`,
      ),
    ];
  });
}

function patienceWords({settings}: DesiredCluster): string {
  return `PostgreSQL runs there after ${settings.patienceSeconds} s without a monitor, as it was left; then \`pgaf bootstrap --rebuild-monitor\``;
}

/** What has to hold before nodes are registered with another monitor: which of them takes the writes is asked of PostgreSQL itself. */
export function rebuildChecks(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  found: readonly MadeNode[],
  wanted: boolean,
): readonly HostCheck[] {
  const {host, container} = cluster.monitor;
  if (found.length === 0) return [];
  if (!wanted) {
    const living = found.find(({registration}) => registration.answers && !isHere(cluster, registration));
    const title = `${container} knows the nodes that run`;
    return [
      living === undefined
        ? failed(
            host,
            'monitor',
            title,
            'it is lost: there is no data of it, and nodes run',
            '`pgaf bootstrap --rebuild-monitor` makes it anew and registers them with it; writes go on meanwhile',
          )
        : failed(
            host,
            'monitor',
            title,
            `they are registered with the one at ${addressOf(living.registration.place)}`,
            '`pgaf bootstrap --rebuild-monitor` moves it here: it stops the other one, makes this one, and registers them; writes go on meanwhile',
          ),
    ];
  }
  return [
    ...found.map(each => answersItself(cluster, each)),
    onePrimary(found, host),
    ...followers(found),
    ...others(cluster, surveys, found),
  ];
}

/** The nodes leave the monitor, the one that takes the writes last, before there is another one; nothing of it stops PostgreSQL (R22). */
export function leavingSteps(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  found: readonly MadeNode[],
  docker: (host: string) => readonly string[],
): readonly BootstrapStep[] {
  const former = found.length === 0 ? undefined : formerMonitor(cluster, surveys);
  const {container} = cluster.monitor;
  return [
    ...(former === undefined
      ? []
      : [
          {
            kind: 'command' as const,
            host: former.host,
            title: `keep ${container} down: it is to be on ${cluster.monitor.host}`,
            argv: [...docker(former.host), 'update', '--restart=no', container],
          },
          {
            kind: 'command' as const,
            host: former.host,
            title: `stop ${container}`,
            argv: [...docker(former.host), 'stop', '-t', '60', container],
          },
        ]),
    ...[...standbysOf(found), ...primaryOf(found)]
      .filter(({isOrphan, registration}) => isOrphan && registration.place !== 'disabled')
      .map(({node}) => ({
        kind: 'command' as const,
        host: node.host,
        title: `${node.container} goes on without a monitor`,
        argv: [
          ...[...docker(node.host), 'exec', '-e', 'PGCONNECT_TIMEOUT=3', node.container],
          ...['pg_autoctl', 'disable', 'monitor', '--force'],
        ],
      })),
  ];
}

/** They register with the new one: the one that takes the writes first, so that it is the primary, then the others, each when the one before serves. */
export function registeringSteps(
  cluster: DesiredCluster,
  monitor: MonitorReading | undefined,
  found: readonly MadeNode[],
  docker: (host: string) => readonly string[],
): readonly BootstrapStep[] {
  const {host, container, port} = cluster.monitor;
  const psql = ['psql', '-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', 'pg_auto_failover', '-p', String(port), '-c'];
  const onMonitor = (title: string, sql: string): BootstrapStep => ({
    ...{kind: 'command', host, title},
    argv: [...docker(host), 'exec', container, ...psql, sql],
  });
  return [...primaryOf(found), ...standbysOf(found)].flatMap(({node, isOrphan}): readonly BootstrapStep[] => {
    if (!isOrphan) return [];
    const row = nodeOf(monitor, node.container);
    return [
      // Registered, and interrupted before it was written down on the node.
      ...(row === undefined
        ? []
        : [
            onMonitor(
              `forget the half registration of ${node.container}`,
              `SELECT pgautofailover.remove_node(${row.id}, true)`,
            ),
          ]),
      {
        ...{kind: 'command', host: node.host, title: `register ${node.container} with ${container}`},
        argv: [
          ...[...docker(node.host), 'exec', node.container, 'sh', '-c', registeringScript, 'register'],
          ...[monitorPlace(cluster), withMask(cluster.monitor.address)],
        ],
        serves: node.container,
      },
    ];
  });
}

/**
 * Run in the container of a node: $1 is the place of the monitor, $2 its address with a mask; ~/.pgpass has the password.
 */
const registeringScript = ['set -e', letMonitorIn, 'pg_autoctl enable monitor "postgresql://autoctl_node@$1"'].join(
  '\n',
);

function primaryOf(found: readonly MadeNode[]): readonly MadeNode[] {
  return found.filter(({postgres}) => postgres?.inRecovery === false);
}

function standbysOf(found: readonly MadeNode[]): readonly MadeNode[] {
  return found.filter(({postgres}) => postgres?.inRecovery !== false);
}

/** A monitor that is there and silent may come back; one without a container and without data does not, and one without nodes is another one. */
function monitorIsLost(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
): boolean {
  return monitor === undefined ? monitorIsGone(cluster, surveys) : monitor.nodes.length === 0;
}

/** Docker was asked, and has neither its container nor data of it: what is not known is not lost. */
function monitorIsGone({monitor}: DesiredCluster, surveys: readonly HostSurvey[]): boolean {
  const survey = surveys.find(({host}) => host === monitor.host);
  return (
    survey?.containers.has(monitor.container) === false && survey.volumes.get(monitor.container)?.hasData === false
  );
}

/** Where the monitor was. A container of that name that another Compose project made is another cluster's. */
function formerMonitor({name, monitor}: DesiredCluster, surveys: readonly HostSurvey[]): HostSurvey | undefined {
  return surveys.find(({host, containers}) => {
    const found = containers.get(monitor.container);
    const runs = found?.state === 'running' || found?.state === 'restarting';
    return host !== monitor.host && runs && (found.project === undefined || found.project === name);
  });
}

function answersItself(cluster: DesiredCluster, {node, postgres}: MadeNode): HostCheck {
  const title = `PostgreSQL of ${node.container} answers`;
  return postgres === undefined
    ? failed(
        node.host,
        `answers-${node.container}`,
        title,
        'it does not',
        `without it nobody knows who takes the writes. ${patienceWords(cluster)} again; docker logs ${node.container} says what it waits for (R59)`,
      )
    : passed(node.host, `answers-${node.container}`, title, postgres.inRecovery ? 'a standby' : 'it takes the writes');
}

function onePrimary(found: readonly MadeNode[], host: string): HostCheck {
  const title = 'one node takes the writes';
  const primaries = primaryOf(found);
  const names = primaries.map(({node}) => node.container).join(' and ');
  return primaries.length === 1
    ? passed(host, 'one-primary', title, names)
    : failed(
        host,
        'one-primary',
        title,
        names === '' ? 'none does' : `${names} do`,
        names === ''
          ? 'start the node that did last, and a standby, which it waits for'
          : 'stop the one that is the wrong one, with its data kept (R29)',
      );
}

/** Each standby has to be one of that primary's: another one would be made to follow a history that is not its own. */
function followers(found: readonly MadeNode[]): readonly HostCheck[] {
  const primary = primaryOf(found)[0]?.postgres;
  if (primary === undefined) return [];
  return standbysOf(found).flatMap(({node, postgres}) => {
    if (postgres === undefined) return [];
    const title = `${node.container} follows the node that takes the writes`;
    const id = `follows-${node.container}`;
    const {timeline, systemIdentifier, receiverStatus} = postgres;
    if (systemIdentifier === primary.systemIdentifier && timeline === primary.timeline) {
      const streams = receiverStatus === 'streaming';
      const evidence = streams
        ? `it streams, on timeline ${timeline}`
        : `it does not stream now, on timeline ${timeline}`;
      return [{...passed(node.host, id, title, evidence), result: streams ? ('pass' as const) : ('warn' as const)}];
    }
    return [
      failed(
        node.host,
        id,
        title,
        `it is on timeline ${timeline}, not ${primary.timeline}`,
        `mend it first, or remove its container and its volume to have it copied anew: docker logs ${node.container} says why`,
      ),
    ];
  });
}

/** Two monitors would tell the nodes different things. */
function others(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  found: readonly MadeNode[],
): readonly HostCheck[] {
  const title = 'no other monitor answers, or it can be stopped';
  const living = found.find(({registration}) => registration.answers && !isHere(cluster, registration));
  if (living === undefined) return [passed(cluster.monitor.host, 'other-monitor', title, 'none does')];
  const former = formerMonitor(cluster, surveys);
  const place = addressOf(living.registration.place);
  return [
    former === undefined
      ? failed(
          cluster.monitor.host,
          'other-monitor',
          title,
          `one answers at ${place}, on no host of the configuration`,
          'stop it there, and keep docker from starting it again: docker update --restart=no',
        )
      : passed(cluster.monitor.host, 'other-monitor', title, `the one on ${former.host} is stopped first`),
  ];
}

function isHere(cluster: DesiredCluster, {place}: Registration): boolean {
  return addressOf(place) === addressOf(monitorPlace(cluster));
}
