import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {titleOf} from '../../source/bootstrap/apply.ts';
import {composeFile, labelsOf} from '../../source/bootstrap/compose-file.ts';
import {type DesiredCluster, desiredCluster} from '../../source/bootstrap/desired-cluster.ts';
import {hbaBlock} from '../../source/bootstrap/host-based-access.ts';
import type {ContainerSurvey, HostSurvey} from '../../source/bootstrap/host-survey.ts';
import {planBootstrap} from '../../source/bootstrap/plan.ts';
import {nothingToDo, planLines} from '../../source/bootstrap/plan-text.ts';
import type {RegistryAnswer} from '../../source/bootstrap/registry-answer.ts';
import type {Renewal} from '../../source/bootstrap/renewals.ts';
import {scramVerifier} from '../../source/bootstrap/secrets.ts';
import type {MonitorReading} from '../../source/cluster/snapshot.ts';
import type {ClusterConfiguration, HostConfiguration} from '../../source/config/configuration.ts';
import {defaultBootstrap} from '../../source/config/configuration.ts';
import {monitorNode, monitorReading} from '../snapshots/snapshot.ts';
import {bareHost, bareServer, hosts, madeHost, orders} from './fixtures.ts';

const fresh = {
  monitorPassword: 'monitorMonitorMonitor',
  replicationPassword: 'replicationReplication',
  applicationPassword: 'applicationApplication',
};
const docker = new Map([['vm3', ['sudo', '-n', 'docker']]]);
const titles = (surveys: Parameters<typeof planBootstrap>[1], monitor?: MonitorReading) =>
  planBootstrap(orders, surveys, monitor, docker, fresh).steps.map(titleOf);

describe('the plan', () => {
  test('of three bare hosts: files first, then the monitor, the nodes in their order, and the settings', () => {
    expect(titles(hosts.map(host => bareHost(host)))).toEqual([
      ...hosts.flatMap(host => [`${host}: write /opt/pgaf/gate.sh`, `${host}: write /opt/pgaf/docker-compose.yml`]),
      'vm3: start pg_monitor',
      'vm1: start pg_node1',
      'vm2: start pg_node2',
      'vm3: start pg_node3',
      'number-sync-standbys: not known yet -> 1',
    ]);
  });

  test('of a cluster as it is described has no step', () => {
    const plan = planBootstrap(orders, hosts.map(madeHost), monitorReading(), docker, fresh);
    expect(plan.steps).toEqual([]);
    expect(plan.exists).toContain('vm1: pg_node1 runs');
  });

  test('takes the lines of pg_hba.conf out again that are not described any more', () => {
    const host = madeHost('vm1');
    const server = {...bareServer, hba: hbaBlock(['host orders app 10.1.0.0/16 scram-sha-256'])};
    const surveys = [madeHost('vm3'), {...host, servers: new Map([['pg_node1', server]])}, madeHost('vm2')];
    expect(titles(surveys, monitorReading())).toEqual(['vm1: pg_hba.conf of pg_node1']);
  });

  test('interrupted after the first node goes on with the second', () => {
    const surveys = [madeHost('vm3'), madeHost('vm1'), {...madeHost('vm2'), containers: new Map()}];
    const reading = monitorReading([monitorNode(1, {reportedState: 'single', assignedState: 'single'})], {
      formation: {name: 'default', kind: 'pgsql', databaseName: 'postgres', numberSyncStandbys: 0},
    });
    expect(titles(surveys, reading)).toEqual([
      'vm2: start pg_node2',
      'vm3: start pg_node3',
      'number-sync-standbys: 0 -> 1',
    ]);
  });

  test('hands the image on from a host that has it, before anything is started', () => {
    const surveys = [bareHost('vm3', {image: undefined}), bareHost('vm1'), bareHost('vm2', {image: undefined})];
    const all = titles(surveys);
    expect(all.filter(title => title.includes('take'))).toEqual([
      'vm3: take citusdata/pg_auto_failover:15 from vm1',
      'vm2: take citusdata/pg_auto_failover:15 from vm1',
    ]);
    expect(all.indexOf('vm2: take citusdata/pg_auto_failover:15 from vm1')).toBeLessThan(
      all.indexOf('vm3: start pg_monitor'),
    );
  });

  test('pulls the image where a host can, and then hands it on to those that cannot', () => {
    const lacks = (host: string, registry: RegistryAnswer) => bareHost(host, {image: undefined, registry});
    const hasIt: RegistryAnswer = {kind: 'has-it', architectures: ['amd64']};
    const refused: RegistryAnswer = {kind: 'refused', reason: 'no such host', remedy: 'mend it'};
    const surveys = [lacks('vm3', refused), lacks('vm1', hasIt), lacks('vm2', hasIt)];
    const {steps} = planBootstrap(orders, surveys, undefined, new Map([['vm1', ['sudo', '-n', 'docker']]]), fresh);
    const all = steps.map(titleOf);
    expect(all.filter(title => /pull|take/.test(title))).toEqual([
      'vm1: pull citusdata/pg_auto_failover:15',
      'vm2: pull citusdata/pg_auto_failover:15',
      'vm3: take citusdata/pg_auto_failover:15 from vm1',
    ]);
    expect(all.indexOf('vm3: take citusdata/pg_auto_failover:15 from vm1')).toBeLessThan(
      all.indexOf('vm3: start pg_monitor'),
    );
    const lines = planLines({exists: [], steps, renewals: [], drift: []});
    expect(lines).toContain('      sudo -n docker pull citusdata/pg_auto_failover:15');
  });

  test('takes an image that only this machine has to every host', () => {
    const surveys = hosts.map(host => bareHost(host, {image: undefined, ownImage: 'amd64'}));
    const titlesOfImages = titles(surveys).filter(title => title.includes('take'));
    expect(titlesOfImages).toEqual(
      ['vm3', 'vm1', 'vm2'].map(host => `${host}: take citusdata/pg_auto_failover:15 from this machine`),
    );
  });

  test('shows what was changed by hand: a file on a host, a setting on the monitor', () => {
    const surveys = [madeHost('vm3'), {...madeHost('vm1'), files: new Map([['gate.sh', 'exit 1\n']])}, madeHost('vm2')];
    const reading = monitorReading([monitorNode(1), monitorNode(2, {candidatePriority: 0}), monitorNode(3)]);
    expect(titles(surveys, reading)).toEqual([
      'vm1: change /opt/pgaf/gate.sh',
      'vm1: write /opt/pgaf/docker-compose.yml',
      'candidate priority of pg_node2: 0 -> 50',
    ]);
  });

  test('lists a container that was made of another file than the present one, as often as it is asked', () => {
    const plan = planBootstrap(orders, changedContainer('vm2', {isCurrent: false}), monitorReading(), docker, fresh);
    expect(plan.steps).toEqual([]);
    expect(plan.renewals.map(reasonOf)).toEqual(['pg_node2: it was made of an earlier file']);
    expect(nothingToDo(plan)).not.toContain('is as the configuration describes it');
  });

  test('calls Compose and Docker as they are called there', () => {
    const surveys = hosts.map(host => bareHost(host, {compose: ['sudo', '-n', 'docker-compose']}));
    const commands = planBootstrap(orders, surveys, undefined, docker, fresh).steps.flatMap(step =>
      'argv' in step ? [step.argv.join(' ')] : [],
    );
    expect(commands[0]).toBe(
      'sudo -n docker-compose -p orders --project-directory /opt/pgaf -f /opt/pgaf/docker-compose.yml up -d --no-recreate pg_monitor',
    );
    expect(commands.at(-1)).toBe(
      "sudo -n docker exec pg_monitor psql -X -A -t -v ON_ERROR_STOP=1 -d pg_auto_failover -p 6000 -c SELECT pgautofailover.set_formation_number_sync_standbys('default', 1)",
    );
  });

  test('never asks for more synchronous standbys than there can be', () => {
    const two = {...orders, nodes: orders.nodes.slice(0, 2)};
    const plan = planBootstrap(
      two,
      hosts.map(host => bareHost(host)),
      undefined,
      docker,
      fresh,
    );
    expect(plan.steps.map(titleOf).at(-1)).toBe('number-sync-standbys: not known yet -> 0');
  });
});

describe('what has to be made anew', () => {
  const renewals = (cluster: DesiredCluster, surveys: readonly HostSurvey[], reading = monitorReading()) =>
    planBootstrap(cluster, surveys, reading, docker, fresh).renewals.map(reasonOf);

  test('is nothing when everything is as it is described', () => {
    expect(renewals(orders, hosts.map(madeHost))).toEqual([]);
  });

  test('with another image is all of it: the monitor, the standbys, the primary', () => {
    const image = 'citusdata/pg_auto_failover:15.4';
    const reason = `it runs ${orders.image}, not ${image}`;
    expect(renewals({...orders, image}, hosts.map(madeHost))).toEqual(
      ['pg_monitor', 'pg_node2', 'pg_node3', 'pg_node1'].map(container => `${container}: ${reason}`),
    );
    const moved = monitorReading([
      monitorNode(1, {reportedState: 'secondary', assignedState: 'secondary'}),
      monitorNode(2, {reportedState: 'primary', assignedState: 'primary'}),
      monitorNode(3),
    ]);
    expect(renewals({...orders, image}, hosts.map(madeHost), moved).at(-1)).toBe(`pg_node2: ${reason}`);
  });

  test('is what runs an older image of the same name', () => {
    expect(renewals(orders, changedContainer('vm1', {imageId: 'sha256:0'}))).toEqual([
      `pg_node1: it runs an older ${orders.image} than the one that is there`,
    ]);
  });

  test.each<[string, DesiredCluster, string]>([
    ['memory', {...orders, settings: {...orders.settings, memory: '2g'}}, 'mem_limit'],
    ['patience', {...orders, settings: {...orders.settings, patienceSeconds: 7}}, 'PGAF_PATIENCE'],
  ])('with another %s says so of what it concerns', (_, cluster, key) => {
    const changed = renewals(cluster, hosts.map(madeHost));
    expect(changed.filter(each => each.startsWith('pg_node1'))).toEqual([`pg_node1: its ${key} changed`]);
  });

  test('is also what starts by another gate', () => {
    const made = madeHost('vm1');
    const file = made.files.get('docker-compose.yml')?.replace(/gate.sh: [0-9a-f]+/, 'gate.sh: 000000000000');
    const older = {...made, files: new Map([...made.files, ['docker-compose.yml', file ?? '']])};
    expect(renewals(orders, [madeHost('vm3'), older, madeHost('vm2')])).toEqual(['pg_node1: its gate.sh changed']);
  });

  test('is not what only counted when it registered, and is a setting since', () => {
    const priority = {...orders, nodes: orders.nodes.map(node => ({...node, candidatePriority: 10}))};
    expect(renewals(priority, hosts.map(madeHost))).toEqual([]);
    expect(labelsOf(priority, 'pg_node1')).toEqual(labelsOf(orders, 'pg_node1'));
    expect(labelsOf({...orders, image: 'other'}, 'pg_node1')).not.toEqual(labelsOf(orders, 'pg_node1'));
  });

  test('says of the monitor only what changes of it', () => {
    const patience = {...orders, settings: {...orders.settings, patienceSeconds: 7}};
    expect(renewals(patience, hosts.map(madeHost)).map(each => each.split(':')[0])).not.toContain('pg_monitor');
  });
});

describe('what is otherwise than described', () => {
  const drift = (reading: MonitorReading, surveys: readonly HostSurvey[] = hosts.map(madeHost)) =>
    planBootstrap(orders, surveys, reading, docker, fresh).drift;

  test('is nothing in the cluster that was made', () => {
    expect(drift(monitorReading())).toEqual([]);
  });

  test('is a node that is registered and not in the configuration, unless it is on its way out', () => {
    const four = (more: Parameters<typeof monitorNode>[1] = {}) =>
      drift(monitorReading([1, 2, 3].map(id => monitorNode(id)).concat(monitorNode(4, more))));
    expect(four()).toEqual([expect.stringMatching(/^pg_node4 at .* not in the configuration: `pgaf drop pg_node4`/)]);
    expect(four({assignedState: 'dropped'})).toEqual([]);
  });

  test.each<[string, Parameters<typeof monitorNode>[1]]>([
    ['port', {port: 5433}],
    ['address', {host: '10.0.0.99'}],
  ])('is a node with another %s than it is registered with', (_, more) => {
    const [line] = drift(monitorReading([monitorNode(1), monitorNode(2, more), monitorNode(3)]));
    expect(line).toMatch(/^pg_node2 is registered at .*, the configuration says 10.0.0.12:5432/);
  });

  test('is a container of the cluster that the configuration does not know', () => {
    const stray = (isRunning: boolean, strayVolumes: readonly string[] = []) =>
      hosts.map(host => ({
        ...madeHost(host),
        ...(host === 'vm2' ? {strays: [{container: 'pg_old', isRunning}], strayVolumes} : {}),
      }));
    expect(drift(monitorReading(), stray(true))).toEqual([
      expect.stringMatching(/^vm2 has pg_old,.*: `docker rm -f pg_old`/),
    ]);
    const plan = planBootstrap(orders, stray(true), monitorReading(), docker, fresh);
    expect(nothingToDo(plan)).not.toContain('is as the configuration describes it');
  });

  test('once it was dropped and is down, its container is removed, and its data is left to a person', () => {
    const surveys = hosts.map(host => ({
      ...madeHost(host),
      ...(host === 'vm2' ? {strays: [{container: 'pg_old', isRunning: false}], strayVolumes: ['orders_pg_old']} : {}),
    }));
    const {steps, drift: left} = planBootstrap(orders, surveys, monitorReading(), docker, fresh);
    expect(steps.map(titleOf)).toEqual([
      'vm2: remove pg_old, which is down and no part of the cluster; its volume stays',
    ]);
    expect(left).toEqual([]);
    // Nobody knows what is a part of it while the monitor does not answer.
    expect(planBootstrap(orders, surveys, undefined, docker, fresh).steps.map(titleOf).join()).not.toContain('pg_old');
    const afterwards = surveys.map(survey => ({...survey, strays: []}));
    expect(drift(monitorReading(), afterwards)).toEqual([
      expect.stringMatching(/^vm2 has orders_pg_old,.*`docker volume rm orders_pg_old`/),
    ]);
  });
});

function reasonOf({container, reason}: Renewal): string {
  return `${container}: ${reason}`;
}

/** Everything made, with one container that differs. */
function changedContainer(host: string, more: Partial<ContainerSurvey>): readonly HostSurvey[] {
  return hosts.map(each => {
    const made = madeHost(each);
    if (each !== host) return made;
    return {...made, containers: new Map([...made.containers].map(([name, of]) => [name, {...of, ...more}]))};
  });
}

describe('a cluster that asks for passwords', () => {
  const asking = {...orders, settings: {...orders.settings, authentication: 'scram-sha-256' as const}};
  const plan = (surveys: Parameters<typeof planBootstrap>[1], reading?: MonitorReading) =>
    planBootstrap(asking, surveys, reading, docker, fresh);

  test('sets each password before somebody needs it', () => {
    const all = plan(hosts.map(host => bareHost(host))).steps.map(titleOf);
    expect(all.slice(all.indexOf('vm3: start pg_monitor'))).toEqual([
      'vm3: start pg_monitor',
      'vm3: set the password of autoctl_node',
      'vm1: start pg_node1',
      'vm1: set the password of pgautofailover_replicator',
      'vm2: start pg_node2',
      'vm3: start pg_node3',
      'number-sync-standbys: not known yet -> 1',
    ]);
  });

  test('sets them again where an interruption may have come before it', () => {
    const surveys = hosts.map(host => ({...madeHost(host), secrets: fresh}));
    const passwords = (reading: MonitorReading) =>
      plan(surveys, reading)
        .steps.map(titleOf)
        .filter(title => title.includes('password'));
    expect(passwords(monitorReading([]))).toEqual([
      'vm3: set the password of autoctl_node',
      'vm1: set the password of pgautofailover_replicator',
    ]);
    expect(passwords(monitorReading([monitorNode(1)]))).toEqual(['vm1: set the password of pgautofailover_replicator']);
    expect(passwords(monitorReading())).toEqual([]);
  });

  test('keeps the passwords that a host has, and gives them to the others', () => {
    const kept = {monitorPassword: 'keptKeptKeptKept', replicationPassword: 'keptKeptKeptKept2'};
    const steps = plan([bareHost('vm3'), bareHost('vm1', {secrets: kept}), bareHost('vm2')]).steps;
    const written = steps.filter(step => step.kind === 'secrets');
    expect(written.map(({host, secrets}) => [host, secrets])).toEqual([
      ['vm3', kept],
      ['vm2', kept],
    ]);
  });

  test('shows no password in what is printed of its plan', () => {
    const {steps} = plan(hosts.map(host => bareHost(host)));
    const shown = JSON.stringify(steps.map(step => [titleOf(step), 'argv' in step ? step.argv : []]));
    expect(shown).not.toContain(fresh.monitorPassword);
    expect(shown).not.toContain(fresh.replicationPassword);
  });

  test('hands PostgreSQL a verifier that it would have made of the password itself', () => {
    // Made by PostgreSQL 15 of the password `pencil` and this salt.
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    expect(scramVerifier('pencil', salt)).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });
});

describe('the Compose file', () => {
  test('is what keeps a node alive: real addresses, the whole home, a tmpfs on /tmp, the gate', () => {
    const {services, volumes} = parse(composeFile(orders, 'vm3'));
    expect(Object.keys(services)).toEqual(['pg_monitor', 'pg_node3']);
    expect(services.pg_node3).toMatchObject({
      network_mode: 'host',
      restart: 'unless-stopped',
      stop_grace_period: '60s',
      tmpfs: ['/tmp'],
      entrypoint: ['/bin/sh', '/pgaf/gate.sh'],
      volumes: ['pg_node3:/var/lib/postgres', './gate.sh:/pgaf/gate.sh:ro'],
      environment: {PGAF_ROLE: 'node', PGAF_HOSTNAME: '10.0.0.13', PGAF_PORT: '5432', PGAF_NAME: 'pg_node3'},
    });
    expect(services.pg_monitor.environment.PGAF_ROLE).toBe('monitor');
    expect(volumes.pg_node3).toEqual({name: 'orders_pg_node3'});
  });

  test('holds no password', () => {
    expect(composeFile(orders, 'vm3')).not.toMatch(/:[^/@\s]+@|password/i);
  });
});

describe('what is to be made', () => {
  const host = (id: number, more: Partial<HostConfiguration> = {}): HostConfiguration => ({
    name: `vm${id}`,
    ssh: {
      ...{name: `vm${id}`, address: `10.0.0.1${id}`, port: 22, user: 'root', identitiesOnly: false},
      ...{identityFiles: [], agentSocket: undefined, knownHostsFiles: [], jump: []},
    },
    docker: ['docker'],
    node: {container: `pg_node${id}`, port: 5432},
    ...more,
  });
  const configured = (of: readonly HostConfiguration[]): ClusterConfiguration => ({
    ...{name: 'orders', formation: 'default', image: orders.image, readOnly: false, actions: []},
    bootstrap: {...defaultBootstrap, authentication: 'trust'},
    hosts: of,
  });
  const monitor = {container: 'pg_monitor', port: 6000, database: 'pg_auto_failover'};

  test('comes out of the configuration', () => {
    const cluster = desiredCluster(configured([host(1), host(2), host(3, {monitor})]));
    expect(cluster.ok && cluster.value).toEqual(orders);
  });

  test.each<[string, readonly HostConfiguration[], string]>([
    ['no monitor', [host(1), host(2)], 'no host of the configuration has a monitor'],
    ['two monitors', [host(1, {monitor}), host(2, {monitor})], 'there can be one monitor: vm1 and vm2 have one'],
    ['one port for two servers', [host(1, {monitor: {...monitor, port: 5432}})], 'both to listen on port 5432'],
  ])('is refused with %s', (_, of, words) => {
    const cluster = desiredCluster(configured(of));
    expect(!cluster.ok && cluster.problem.message).toContain(words);
  });
});
