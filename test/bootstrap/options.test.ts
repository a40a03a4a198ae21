import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {titleOf} from '../../source/bootstrap/apply.ts';
import {composeFile} from '../../source/bootstrap/compose-file.ts';
import {type DesiredCluster, desiredCluster} from '../../source/bootstrap/desired-cluster.ts';
import {hbaBlock, hbaLines, linesIn} from '../../source/bootstrap/host-based-access.ts';
import type {HostSurvey} from '../../source/bootstrap/host-survey.ts';
import {parseNoted} from '../../source/bootstrap/noted-parameters.ts';
import {planBootstrap} from '../../source/bootstrap/plan.ts';
import {nothingToDo, planLines} from '../../source/bootstrap/plan-text.ts';
import type {ServerSurvey} from '../../source/bootstrap/server-survey.ts';
import type {MonitorReading} from '../../source/cluster/snapshot.ts';
import type {BootstrapSettings} from '../../source/config/configuration.ts';
import {monitorNode, monitorReading} from '../snapshots/snapshot.ts';
import {bareHost, clusterOf, hosts, madeHostOf, orders} from './fixtures.ts';

const fresh = {
  monitorPassword: 'monitorMonitorMonitor',
  replicationPassword: 'replicationReplication',
  applicationPassword: 'applicationApplication',
};
const database = {name: 'shop', user: 'shopper', from: ['samenet']};
const certificates = {
  authority: '/etc/pgaf/ca.crt',
  certificate: '/etc/pgaf/server.crt',
  key: '/etc/pgaf/server.key',
};

function withSettings(more: Partial<BootstrapSettings>): DesiredCluster {
  const whole = desiredCluster(clusterOf(more));
  if (!whole.ok) throw new Error(whole.problem.message);
  return whole.value;
}

const planOf = (cluster: DesiredCluster, surveys: readonly HostSurvey[], monitor?: MonitorReading) =>
  planBootstrap(cluster, surveys, monitor, new Map(), fresh);
const titles = (...of: Parameters<typeof planOf>) => planOf(...of).steps.map(titleOf);
const service = (cluster: DesiredCluster, name: string, host = 'vm3') => {
  const {[name]: found, ...others} = parse(composeFile(cluster, host)).services;
  return found ?? others;
};

describe('what an option changes in the Compose file', () => {
  const home = '/var/lib/postgres';
  test.each<[string, Partial<BootstrapSettings>, string, object]>([
    ['a monitor of its own', {}, 'pg_monitor', {environment: {PGAF_HBA: '--auth trust'}, network_mode: 'host'}],
    ['a node', {}, 'pg_node3', {environment: {PGAF_HBA: '--auth trust --pg-hba-lan', PGAF_SSL: '--ssl-self-signed'}}],
    ['no TLS', {ssl: 'none'}, 'pg_node3', {environment: {PGAF_SSL: '--no-ssl'}}],
    [
      'certificates',
      {ssl: 'verify-full', certificates},
      'pg_node3',
      {
        environment: {
          PGAF_SSL:
            '--ssl-mode verify-full --ssl-ca-file /pgaf/certificates/authority.crt --server-cert /pgaf/certificates/server.crt --server-key /pgaf/certificates/server.key',
          // A keeper would wait for a monitor that lost power for as long as TCP does.
          PGAF_MONITOR: expect.stringMatching(
            /^10\.0\.0\.13:6000\/pg_auto_failover\?sslmode=verify-full&sslrootcert=\/pgaf\/certificates\/authority\.crt&keepalives_idle=\d+&.*tcp_user_timeout=\d+$/,
          ),
        },
        volumes: [
          `pg_node3:${home}`,
          './gate.sh:/pgaf/gate.sh:ro',
          '/etc/pgaf/ca.crt:/pgaf/certificates/authority.crt:ro',
          '/etc/pgaf/server.crt:/pgaf/certificates/server.crt:ro',
          '/etc/pgaf/server.key:/pgaf/certificates/server.key:ro',
        ],
      },
    ],
    ['a database', {database}, 'pg_node3', {environment: {PGAF_DATABASE: 'shop'}}],
    ['a memory limit', {memory: '2g'}, 'pg_node3', {mem_limit: '2g'}],
    [
      'bridge networking, of a node',
      {network: 'bridge'},
      'pg_node3',
      {ports: ['5432:5432'], environment: {PGAF_HBA: '--auth trust'}},
    ],
    [
      'bridge networking, of the monitor',
      {network: 'bridge'},
      'pg_monitor',
      {ports: ['6000:6000'], environment: {PGAF_HBA: '--skip-pg-hba'}},
    ],
  ])('%s', (_, settings, name, expected) => {
    expect(service(withSettings(settings), name)).toMatchObject(expected);
  });

  test('bridge networking leaves no container in the network of the host', () => {
    expect(composeFile(withSettings({network: 'bridge'}), 'vm3')).not.toContain('network_mode');
  });

  test('data in a volume of that name, or in a folder of the host, which is no volume then', () => {
    const [first, second, third] = orders.nodes;
    if (first === undefined || second === undefined || third === undefined) throw new Error('there are three');
    const cluster = {...orders, nodes: [first, second, {...third, storage: {path: '/srv/pg'}}]};
    const {services, volumes} = parse(composeFile(cluster, 'vm3'));
    expect(services.pg_node3.volumes[0]).toBe('/srv/pg:/var/lib/postgres');
    expect(volumes).toEqual({pg_monitor: {name: 'orders_pg_monitor'}});
    const named = {...orders, nodes: [{...first, storage: {volume: 'kept'}}]};
    expect(parse(composeFile(named, 'vm1')).volumes).toEqual({pg_node1: {name: 'kept'}});
    const inFolder = {...orders, nodes: [{...first, storage: {path: '/srv/pg'}}]};
    expect(parse(composeFile(inFolder, 'vm1')).volumes).toBeUndefined();
  });

  test('no password is in it, nor a parameter: these are PostgreSQL’s own', () => {
    const text = composeFile(withSettings({database, parameters: {work_mem: '64MB'}}), 'vm3');
    expect(text).not.toMatch(/password|work_mem/i);
  });
});

describe('what is refused before anything is looked at', () => {
  test.each<[string, Parameters<typeof clusterOf>, string]>([
    ['verify-full without certificates', [{ssl: 'verify-full'}], 'where the certificates of vm1 are'],
    ['bridge networking, and an application from nowhere', [{network: 'bridge', database}], 'which network'],
    [
      'two containers with their data in one folder',
      [{}, {node: {path: '/srv/pg'}, monitor: {path: '/srv/pg'}}],
      'two containers of vm3 are to keep their data in one place',
    ],
  ])('%s', (_, of, words) => {
    const cluster = desiredCluster(clusterOf(...of));
    expect(!cluster.ok && cluster.problem.message).toContain(words);
    expect(!cluster.ok && cluster.problem.remedy).toBeTruthy();
  });

  test('a host may have its certificates elsewhere', () => {
    const configuration = clusterOf({ssl: 'verify-ca', certificates});
    const [first, ...others] = configuration.hosts;
    if (first === undefined) throw new Error('there are hosts');
    const cluster = desiredCluster({...configuration, hosts: [{...first, certificates: {key: '/root/k'}}, ...others]});
    expect(cluster.ok && [cluster.value.certificates.get('vm1'), cluster.value.certificates.get('vm2')]).toEqual([
      {...certificates, key: '/root/k'},
      certificates,
    ]);
  });
});

describe('the lines for pg_hba.conf', () => {
  const [node = orders.monitor] = orders.nodes;
  const own = [
    'host all pgautofailover_monitor 10.0.0.13/32 trust',
    ...[11, 12, 13].map(id => `hostssl all,replication pgautofailover_replicator 10.0.0.${id}/32 trust`),
  ];

  test.each<[string, Partial<BootstrapSettings>, readonly string[]]>([
    ['nothing', {}, []],
    [
      'lines of the configuration, after what pg_auto_failover needs',
      {hba: ['host all all 10.0.0.0/8 md5']},
      [...own, 'host all all 10.0.0.0/8 md5'],
    ],
    ['the application’s', {database}, [...own, 'hostssl "shop" "shopper" samenet scram-sha-256']],
    [
      'without TLS',
      {database, ssl: 'none'},
      [...own, 'host "shop" "shopper" samenet scram-sha-256'].map(line => line.replace('hostssl', 'host')),
    ],
    [
      'behind a bridge: what is on the same VM comes from the bridge',
      {network: 'bridge'},
      [
        'host all pgautofailover_monitor 10.0.0.13/32 trust',
        'host all pgautofailover_monitor samenet trust',
        ...own.slice(1),
        'hostssl all,replication pgautofailover_replicator samenet trust',
      ],
    ],
  ])('%s', (_, settings, lines) => {
    expect(hbaLines(withSettings(settings), node)).toEqual(lines);
  });

  test('the monitor needs some behind a bridge only', () => {
    expect(hbaLines(withSettings({hba: ['host all all all md5']}), orders.monitor)).toEqual([]);
    expect(hbaLines(withSettings({network: 'bridge'}), orders.monitor)).toContain(
      'hostssl pg_auto_failover autoctl_node 10.0.0.11/32 trust',
    );
  });

  test('are found again in a file', () => {
    expect(linesIn(`${hbaBlock(own)}local all all trust\n`)).toEqual(own);
    expect(linesIn('local all all trust\n')).toEqual([]);
  });
});

/** A server of which a bootstrap has made what is described. */
function server(cluster: DesiredCluster, more: Partial<ServerSurvey> = {}): ServerSurvey {
  const [node = cluster.monitor] = cluster.nodes;
  return {
    hba: `${hbaBlock(hbaLines(cluster, node))}local all all trust\n`,
    parameters: new Map(Object.entries(cluster.settings.parameters)),
    noted: new Map(Object.entries(cluster.settings.parameters)),
    ...{required: new Map(), waiting: []},
    databases: new Map([['shop', {owner: 'shopper', isSuperuser: false}]]),
    bytes: 0,
    roles: ['docker', 'shopper'],
    ...more,
  };
}

const application = [
  'PGHOST=10.0.0.11,10.0.0.12,10.0.0.13',
  'PGPORT=5432,5432,5432',
  'PGDATABASE=shop',
  'PGUSER=shopper',
  'PGPASSWORD=keptKeptKeptKept',
  'PGTARGETSESSIONATTRS=read-write',
  'PGSSLMODE=require',
  '',
].join('\n');

describe('what an option adds to the plan', () => {
  const everything = withSettings({
    database,
    parameters: {work_mem: '64MB', shared_buffers: '256MB'},
    hba: ['host all all 10.0.0.0/8 md5'],
  });
  const made = (cluster: DesiredCluster, of: Partial<Record<string, Partial<ServerSurvey>>> = {}) =>
    hosts.map(host => ({
      ...madeHostOf(cluster, host),
      application,
      servers: new Map(
        cluster.nodes.flatMap(({host: place, container}) =>
          place === host ? [[container, server(cluster, of[container])]] : [],
        ),
      ),
    }));
  const reading = monitorReading();

  test('of bare hosts: all of it on the first node, before others copy it', () => {
    expect(
      titles(
        everything,
        hosts.map(host => bareHost(host)),
      ).slice(6),
    ).toEqual([
      'vm3: start pg_monitor',
      'vm1: start pg_node1',
      'vm1: pg_hba.conf of pg_node1',
      ...hosts.map(
        host => `${host}: write how the application connects to /opt/pgaf/application.env, for its owner only`,
      ),
      'vm1: make the database shop and its user shopper',
      'vm1: parameters of pg_node1',
      'vm1: restart PostgreSQL of pg_node1 where they need it',
      'vm2: start pg_node2',
      'vm3: start pg_node3',
      'number-sync-standbys: not known yet -> 1',
    ]);
  });

  test('behind a bridge the monitor lets the others in before they come', () => {
    const all = titles(
      withSettings({network: 'bridge'}),
      hosts.map(host => bareHost(host)),
    ).slice(6);
    expect(all.slice(0, 4)).toEqual([
      'vm3: start pg_monitor',
      'vm3: pg_hba.conf of pg_monitor',
      'vm1: start pg_node1',
      'vm1: pg_hba.conf of pg_node1',
    ]);
  });

  test('of a cluster that is as it is described: nothing', () => {
    const plan = planOf(everything, made(everything), reading);
    expect(plan.steps.map(titleOf)).toEqual([]);
    expect(nothingToDo(plan)).toContain('is as the configuration describes it');
  });

  test.each<[string, Partial<ServerSurvey>, readonly string[]]>([
    [
      'a parameter that somebody changed',
      {
        parameters: new Map([
          ['work_mem', '4MB'],
          ['shared_buffers', '256MB'],
        ]),
      },
      ['vm2: parameters of pg_node2 (work_mem was 4MB)'],
    ],
    ['lines that somebody took out of pg_hba.conf', {hba: 'local all all trust\n'}, ['vm2: pg_hba.conf of pg_node2']],
    ['a user on a standby, which is as its primary is', {roles: []}, []],
  ])('shows as drift %s', (_, of, expected) => {
    expect(titles(everything, made(everything, {pg_node2: of}), reading)).toEqual(expected);
  });

  describe('parameters that are not described any more', () => {
    const described = withSettings({parameters: {work_mem: '64MB'}});
    type Server = Pick<ServerSurvey, 'noted'> & {set: Readonly<Record<string, string>>; waiting?: readonly string[]};
    const found = ({noted, set, waiting = []}: Server) =>
      made(described, {pg_node2: {noted, waiting, parameters: new Map(Object.entries(set))}});
    const both = new Map([
      ['work_mem', '64MB'],
      ['jit', 'off'],
    ]);

    test.each<[string, Server, readonly string[]]>([
      [
        'are taken back where a bootstrap has set them',
        {noted: both, set: {work_mem: '64MB', jit: 'off'}},
        ['vm2: parameters of pg_node2 (jit was off, and is not described any more)'],
      ],
      [
        'also where they were in the middle of it',
        {noted: both, set: {work_mem: '4MB', jit: 'off'}},
        ['vm2: parameters of pg_node2 (work_mem was 4MB, jit was off, and is not described any more)'],
      ],
      ['stay where a person has set them', {noted: new Map(), set: {work_mem: '64MB', jit: 'off'}}, []],
      ['stay where a person has changed them since', {noted: both, set: {work_mem: '64MB', jit: 'on'}}, []],
      [
        'are nothing once they are taken back',
        {noted: new Map<string, string | null>([...both, ['jit', null]]), set: {work_mem: '64MB'}},
        [],
      ],
    ])('%s', (_, server, expected) => {
      expect(titles(described, found(server), reading)).toEqual(expected);
    });

    test('are taken back by SQL, and the note says so', () => {
      const [step] = planOf(described, found({noted: both, set: {work_mem: '64MB', jit: 'off'}}), reading).steps;
      if (step?.kind !== 'server') throw new Error('nothing is changed');
      expect(step.input).toBe('alter system reset jit;\nselect pg_reload_conf();\n');
      expect(step.argv.slice(-2)).toEqual(['work_mem = 64MB\njit = off\n', 'work_mem = 64MB\njit\n']);
      expect(parseNoted(step.argv.at(-1) ?? '')).toEqual(new Map<string, string | null>([...both, ['jit', null]]));
    });

    test('that wait for a restart are for --rolling', () => {
      const noted = new Map<string, string | null>([['shared_buffers', null]]);
      const plan = planOf(described, found({noted, set: {work_mem: '64MB'}, waiting: ['shared_buffers']}), reading);
      expect(plan.renewals.map(({container, reason}) => [container, reason])).toEqual([
        ['pg_node2', 'PostgreSQL has to be restarted for shared_buffers'],
      ]);
    });

    test('stay, and are told, where a standby would not start with less than its primary has', () => {
      const noted = new Map([['max_connections', '300']]);
      const plan = planOf(described, found({noted, set: {work_mem: '64MB', max_connections: '300'}}), reading);
      expect(plan.steps).toEqual([]);
      expect(plan.drift).toEqual([
        expect.stringMatching(/^max_connections of pg_node2 stays 300, .*parameters: \{max_connections: 300\}/),
      ]);
    });
  });

  test('shows the lines and the SQL, and never a password', () => {
    const plan = planOf(
      everything,
      hosts.map(host => bareHost(host)),
    );
    const text = planLines(plan).join('\n');
    expect(text).toContain("+ alter system set work_mem = '64MB';");
    expect(text).toContain('+ host all all 10.0.0.0/8 md5');
    expect(text).not.toContain(fresh.applicationPassword);
  });

  test('a parameter that waits for a restart is for --rolling once there are others', () => {
    const plan = planOf(everything, made(everything, {pg_node1: {waiting: ['shared_buffers']}}), reading);
    expect(plan.steps).toEqual([]);
    expect(plan.renewals.map(({container, reason}) => [container, reason])).toEqual([
      ['pg_node1', 'PostgreSQL has to be restarted for shared_buffers'],
    ]);
  });

  test('a password that a host keeps is used again; a user whose password nobody keeps is left alone', () => {
    const surveys = made(everything, {pg_node1: {databases: new Map()}}).map(survey => ({
      ...survey,
      application: undefined,
    }));
    expect(titles(everything, surveys, reading)).toEqual(['vm1: make the database shop and its user shopper']);
    const [first, ...others] = made(everything, {pg_node1: {roles: []}});
    if (first === undefined) throw new Error('there are hosts');
    const steps = planOf(everything, [{...first, application: undefined}, ...others], reading).steps;
    expect(steps).toEqual([
      expect.objectContaining({kind: 'application', host: 'vm3', content: application}),
      expect.objectContaining({kind: 'database', host: 'vm1', password: 'keptKeptKeptKept'}),
    ]);
  });

  test('the database and its user are made where the primary is', () => {
    const nodes = [
      monitorNode(1, {reportedState: 'secondary', assignedState: 'secondary'}),
      monitorNode(2, {reportedState: 'primary', assignedState: 'primary'}),
      monitorNode(3),
    ];
    const found = monitorReading(nodes);
    const surveys = made(everything, {pg_node2: {databases: new Map()}});
    expect(titles(everything, surveys, found)).toEqual(['vm2: make the database shop and its user shopper']);
  });

  test('a folder that is not there, or is root’s and empty, becomes the image’s user’s; one with data stays', () => {
    const folder = {...orders, nodes: orders.nodes.map(node => ({...node, storage: {path: '/srv/pg'}}))};
    const of = (more: object) =>
      titles(folder, [
        bareHost('vm1', {
          volumes: new Map([
            [
              'pg_node1',
              {exists: true, hasData: false, systemIdentifier: undefined, isOwn: false, isEmpty: true, ...more},
            ],
          ]),
        }),
      ]).filter(title => title.includes('/srv/pg'));
    expect(of({})).toEqual(["vm1: make /srv/pg the folder of the image's user"]);
    expect(of({exists: false})).toHaveLength(1);
    expect(of({isOwn: true, hasData: true, isEmpty: false})).toEqual([]);
    expect(of({isEmpty: false})).toEqual([]);
  });
});
