import {createHash} from 'node:crypto';
import {stringify} from 'yaml';
import {gatePath} from '../docker/container-inspection.ts';
import {certificateMounts, sslOptions, sslParameters} from './certificates.ts';
import type {DesiredCluster, DesiredContainer, DesiredNode} from './desired-cluster.ts';
import {gateScript} from './gate-script.ts';
import {secretsFileName} from './secrets.ts';

/** What says that a file was written here, and may be written again. */
export const signature = 'written by `pgaf bootstrap`';

/** The label that says of which service of the file a container was made. */
export const madeOfLabel = 'pgaf.made-of';

/**
 * Once it lets nodes in it is made, and no start of it may take it for half made: see `made_here` of the gate.
 */
const monitorHealth =
  'if grep -q autoctl_node "$$PGDATA/pg_hba.conf"; then rm -f "$$HOME/pgdata-is-being-made"; fi; pg_autoctl status';

/** The home of the user that runs pg_autoctl in the image: PGDATA, its configuration and its state are below it. */
export const home = '/var/lib/postgres';

/**
 * The Compose file of one host, as a person would write it. What keeps it alive: real addresses, the whole home in the volume (R16), a tmpfs
 * on /tmp (R36), time to stop, and the gate, which starts things in their order by itself (R57, R59).
 */
export function composeFile(cluster: DesiredCluster, host: string): string {
  const nodes = cluster.nodes.filter(node => node.host === host);
  const services = {
    ...(cluster.monitor.host === host ? {[cluster.monitor.container]: monitorService(cluster)} : {}),
    ...Object.fromEntries(nodes.map(node => [node.container, nodeService(cluster, node)])),
  };
  const volumes = Object.fromEntries(
    [cluster.monitor, ...nodes].flatMap(({host: place, container, storage}) =>
      place === host && 'volume' in storage ? [[container, {name: storage.volume}]] : [],
    ),
  );
  const head = `${fileHead(cluster, host)}\n`;
  const content = Object.keys(volumes).length === 0 ? {services} : {services, volumes};
  return head + stringify(content, {lineWidth: 0});
}

/** The first line of the file: whose it is, and that it was written here. */
export function fileHead({name}: Pick<DesiredCluster, 'name'>, host: string): string {
  return `# ${host} of the cluster ${name}: ${signature} from its configuration. A change made here is shown by \`pgaf bootstrap --plan\`.`;
}

/** What the labels of a container say that is made of the present file. */
export function labelsOf(cluster: DesiredCluster, container: string): Readonly<Record<string, string>> {
  const node = cluster.nodes.find(each => each.container === container);
  return (node === undefined ? monitorService(cluster) : nodeService(cluster, node)).labels;
}

/** Compose on the file of a host, as every call of it begins. */
export function composeCommand({name, settings}: DesiredCluster, compose: readonly string[]): readonly string[] {
  const {folder} = settings;
  return [...compose, '-p', name, '--project-directory', folder, '-f', `${folder}/docker-compose.yml`];
}

/**
 * A keeper waits for the answer of a monitor whose machine lost power for as long as TCP does, which is hours; meanwhile it reports nothing, and
 * follows nothing when the monitor is back.
 */
const untilTheMonitorIsDead = 'keepalives_idle=5&keepalives_interval=5&keepalives_count=2&tcp_user_timeout=15000';

/** Where data nodes find the monitor: what follows the user in its connection string. */
export function monitorPlace({monitor, settings}: DesiredCluster): string {
  return `${monitor.address}:${monitor.port}/pg_auto_failover?${sslParameters(settings)}&${untilTheMonitorIsDead}`;
}

/** Of the environment what counts only while a node registers; later it is a setting on the monitor, or in the node's own configuration. */
export const registrationOnly: readonly string[] = ['PGAF_PRIORITY', 'PGAF_QUORUM', 'PGAF_MONITOR', 'PGAF_SSL'];

function lasting(key: string, value: unknown): unknown {
  return registrationOnly.includes(key) ? undefined : value;
}

type Service = {labels: Readonly<Record<string, string>>};

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function monitorService(cluster: DesiredCluster): Service {
  const {network, authentication} = cluster.settings;
  // It opens the network that its own address is in; behind a bridge that is none of the host's, and it would give up.
  const hba = network === 'host' ? `--auth ${authentication}` : '--skip-pg-hba';
  return service(cluster, cluster.monitor, {PGAF_ROLE: 'monitor', PGAF_HBA: hba});
}

function nodeService(cluster: DesiredCluster, node: DesiredNode): Service {
  const {network, authentication, database} = cluster.settings;
  return service(cluster, node, {
    PGAF_ROLE: 'node',
    PGAF_HBA: network === 'host' ? `--auth ${authentication} --pg-hba-lan` : `--auth ${authentication}`,
    ...(database === undefined ? {} : {PGAF_DATABASE: database.name}),
    PGAF_NAME: node.container,
    PGAF_MONITOR: monitorPlace(cluster),
    PGAF_FORMATION: cluster.formation,
    PGAF_PRIORITY: String(node.candidatePriority),
    PGAF_QUORUM: String(node.replicationQuorum),
    PGAF_PATIENCE: String(cluster.settings.patienceSeconds),
  });
}

function service(
  cluster: DesiredCluster,
  container: DesiredContainer,
  role: Readonly<Record<string, string>>,
): Service {
  const {settings, image} = cluster;
  const made = {
    image,
    container_name: container.container,
    ...(settings.network === 'host' ? {network_mode: 'host'} : {ports: [`${container.port}:${container.port}`]}),
    restart: 'unless-stopped',
    stop_grace_period: '60s',
    tmpfs: ['/tmp'],
    ...(settings.memory === undefined ? {} : {mem_limit: settings.memory}),
    environment: {
      PGDATA: `${home}/pgaf`,
      PG_AUTOCTL_DEBUG: '1',
      PGAF_HOSTNAME: container.address,
      PGAF_PORT: String(container.port),
      PGAF_SSL: sslOptions(settings),
      PGAF_AUTHENTICATION: settings.authentication,
      ...role,
    },
    ...(settings.authentication === 'trust' ? {} : {env_file: [secretsFileName]}),
    volumes: [
      `${'volume' in container.storage ? container.container : container.storage.path}:${home}`,
      `./gate.sh:${gatePath}:ro`,
      ...certificateMounts(cluster.certificates.get(container.host)),
    ],
    entrypoint: ['/bin/sh', gatePath],
    healthcheck: {
      test: container === cluster.monitor ? ['CMD-SHELL', monitorHealth] : ['CMD', 'pg_autoctl', 'status'],
      interval: '10s',
      timeout: '5s',
      retries: 3,
      start_period: '120s',
    },
    logging: {driver: 'json-file', options: {'max-size': '10m', 'max-file': '5'}},
  };
  // By these a container says of what it was made; Compose's own hash would also be another after new passwords, which need no new container.
  return {...made, labels: {'gate.sh': hashOf(gateScript), [madeOfLabel]: hashOf(JSON.stringify(made, lasting))}};
}
