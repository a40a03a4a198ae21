import {describe, expect, test} from 'vitest';
import type {DesiredCluster} from '../../source/bootstrap/desired-cluster.ts';
import {
  type HostSurvey,
  parseHostFacts,
  parseVolumeFacts,
  type VolumeSurvey,
} from '../../source/bootstrap/host-survey.ts';
import {hostChecks} from '../../source/bootstrap/preflight.ts';
import type {RegistryAnswer} from '../../source/bootstrap/registry-answer.ts';
import type {PeerSight} from '../../source/bootstrap/survey-peers.ts';
import {bad} from '../../source/cluster/problem.ts';
import type {MonitorReading} from '../../source/cluster/snapshot.ts';
import type {BootstrapSettings} from '../../source/config/configuration.ts';
import {monitorReading} from '../snapshots/snapshot.ts';
import {bareHost, bareServer, hosts, madeHost, madeHostOf, orders} from './fixtures.ts';

function failures(changed: HostSurvey, monitor: MonitorReading | undefined = monitorReading()) {
  const surveys = hosts.map(host => (host === changed.host ? changed : bareHost(host)));
  return hostChecks(orders, surveys, monitor).filter(check => check.result === 'fail');
}

const withData = {exists: true, hasData: true, systemIdentifier: undefined, isOwn: true, isEmpty: false};
const asking = {...orders, settings: {...orders.settings, authentication: 'scram-sha-256' as const}};

describe('the preflight of a bootstrap', () => {
  test('lets three bare hosts pass, and the same hosts afterwards', () => {
    expect(
      hostChecks(
        orders,
        hosts.map(host => bareHost(host)),
        undefined,
      ).filter(each => each.result !== 'pass'),
    ).toEqual([]);
    expect(hostChecks(orders, hosts.map(madeHost), monitorReading()).filter(each => each.result !== 'pass')).toEqual(
      [],
    );
  });

  test.each<[string, Partial<HostSurvey>, string, RegExp]>([
    ['no SSH', {unreachable: bad('timeout', 'no answer within 3 s').problem}, 'ssh', /config check/],
    [
      'no permission for Docker',
      {
        docker: {
          problem: bad('docker-permission', 'no permission to use docker on vm1', {remedy: 'add it to the group'})
            .problem,
        },
      },
      'docker',
      /add it to the group/,
    ],
    ['no Compose', {compose: undefined}, 'compose', /docker-compose/],
    ['an image of another architecture', {image: {id: 'sha256:2', architecture: 'arm64'}}, 'image', /docker pull/],
    ['a full disk', {freeBytes: 1024 ** 3}, 'disk', /re-clone needs as much again/],
    ['a port that is taken', {listeningPorts: [22, 5432]}, 'port-5432', /ss -ltnp/],
    ['a link that swallows packets', {cutOff: ['10.0.0.13:6000']}, 'network', /in both directions/],
    [
      'a Compose file that somebody wrote',
      {files: new Map([['docker-compose.yml', 'services: {}\n']])},
      'files',
      /another folder/,
    ],
    [
      'a container of somebody else',
      {
        containers: new Map([
          [
            'pg_node1',
            {
              id: 'x',
              image: 'postgres',
              imageId: undefined,
              state: 'running',
              project: 'shop',

              isCurrent: undefined,
            },
          ],
        ]),
      },
      'pg_node1',
      /another name/,
    ],
    [
      'the data of another cluster',
      {volumes: new Map([['pg_node1', {...withData, systemIdentifier: '1111111111111111111'}]])},
      'data-pg_node1',
      /a bootstrap never does/,
    ],
    [
      'data that cannot be looked into',
      {volumes: new Map([['pg_node1', withData]])},
      'data-pg_node1',
      /a bootstrap never does/,
    ],
  ])('is refused with %s, and says what to do', (_, more, id, remedy) => {
    // A container of another project is one that the monitor does not know.
    const failed = failures(bareHost('vm1', more), id === 'pg_node1' ? monitorReading([]) : monitorReading()).filter(
      check => check.host === 'vm1',
    );
    expect(failed.map(check => check.id)).toEqual([id]);
    expect(failed[0]?.remedy).toMatch(remedy);
  });

  const has = (...architectures: readonly string[]): RegistryAnswer => ({kind: 'has-it', architectures});
  const refused: RegistryAnswer = {kind: 'refused', reason: 'lookup registry: no such host', remedy: 'mend the name'};
  const unclear: RegistryAnswer = {kind: 'unclear', reason: 'docker 20.10.24 there cannot always tell'};
  const taken = 'it is taken from vm3, which pulls it';
  test.each<[string, readonly RegistryAnswer[], readonly (readonly [string, string])[], string?]>([
    ['each host can pull', [has('amd64'), has(), has('amd64', 'arm64')], hosts.map(() => ['pass', 'it can be pulled'])],
    [
      'one host can pull',
      [has('amd64'), refused, unclear],
      [
        ['pass', 'it can be pulled'],
        ['pass', taken],
        ['pass', taken],
      ],
    ],
    [
      'one host may be able to pull',
      [unclear, refused, refused],
      [
        ['warn', unclear.reason],
        ['pass', taken],
        ['pass', taken],
      ],
    ],
    [
      'no host can pull',
      [refused, refused, refused],
      hosts.map(() => ['fail', `no host has it, and it cannot be pulled: ${refused.reason}`]),
    ],
    [
      'only this machine has it',
      [refused, unclear, refused],
      hosts.map(() => ['pass', 'it is taken from this machine']),
      'amd64',
    ],
    [
      'this machine has it for others',
      [refused, refused, refused],
      hosts.map(() => ['fail', 'it is made for arm64 here, the host is x86_64']),
      'arm64',
    ],
    [
      'the registry has for other machines',
      [has('arm64', 's390x'), refused, refused],
      hosts.map((_, index) => [
        'fail',
        `it is made for arm64, s390x${index === 0 ? '' : ' on vm3'}, the host is x86_64`,
      ]),
    ],
  ])('looks for an image that no host has: one that %s', (_, answers, expected, ownImage) => {
    const surveys = hosts.map((host, index) => {
      const registry = answers[index];
      return bareHost(host, {image: undefined, ...(registry && {registry}), ...(ownImage && {ownImage})});
    });
    const checks = hostChecks(orders, surveys, undefined).filter(({id}) => id === 'image');
    expect(checks.map(({result, evidence}) => [result, evidence])).toEqual(expected);
    for (const {result, remedy} of checks) expect(result === 'pass' || remedy !== undefined).toBe(true);
  });

  test('without the image on any host says how to get it; one host that has it is enough', () => {
    const without = hosts.map(host => bareHost(host, {image: undefined}));
    const failed = hostChecks(orders, without, undefined).filter(check => check.result === 'fail');
    expect(failed.map(check => `${check.host} ${check.id}`)).toEqual(hosts.map(host => `${host} image`));
    expect(failed[1]?.remedy).toMatch(/docker pull .*docker save .* \| ssh vm1 docker load/);
    const [first, ...others] = without;
    if (first === undefined) throw new Error('there are hosts');
    expect(
      hostChecks(orders, [bareHost(first.host), ...others], undefined).filter(check => check.result === 'fail'),
    ).toEqual([]);
  });

  test('is refused where the hosts have different architectures', () => {
    const image = {id: 'sha256:2', architecture: 'arm64'};
    const failed = failures(bareHost('vm1', {architecture: 'aarch64', image}));
    expect(failed.map(check => `${check.host} ${check.id}`)).toEqual(hosts.map(host => `${host} architecture`));
    expect(failed[0]?.remedy).toMatch(/the same on every host/);
  });

  test('is refused where an image of the wrong architecture would be handed on', () => {
    const [first, ...others] = hosts.map(host => bareHost(host, {image: undefined}));
    if (first === undefined) throw new Error('there are hosts');
    const surveys = [{...first, image: {id: 'sha256:2', architecture: 'arm64'}}, ...others];
    const failed = hostChecks(orders, surveys, undefined).filter(check => check.result === 'fail');
    expect(failed.map(check => check.id)).toEqual(['image', 'image', 'image']);
    expect(failed[1]?.remedy).toContain(`on ${first.host}: docker image rm`);
  });

  describe('without a monitor that knows better', () => {
    const data = (systemIdentifier: string) =>
      new Map([['pg_node1', {...withData, exists: true, hasData: true, systemIdentifier}]]);
    const second = (systemIdentifier: string) =>
      bareHost('vm2', {volumes: new Map([['pg_node2', {...withData, exists: true, hasData: true, systemIdentifier}]])});
    const failed = (first: HostSurvey, other: HostSurvey) =>
      hostChecks(orders, [bareHost('vm3'), first, other], undefined)
        .filter(check => check.result === 'fail')
        .map(({id, evidence}) => `${id}: ${evidence}`);

    test("a cluster is made with the first node's data, and others have to have the same", () => {
      const first = bareHost('vm1', {volumes: data('7277694203142172922')});
      expect(failed(first, bareHost('vm2'))).toEqual([]);
      expect(failed(first, second('7277694203142172922'))).toEqual([]);
      expect(failed(first, second('1111111111111111111'))).toEqual([
        'data-pg_node2: system identifier 1111111111111111111; the cluster has 7277694203142172922',
      ]);
    });

    test('data of a later node is refused where the first begins without, or cannot be compared', () => {
      expect(failed(bareHost('vm1'), second('1111111111111111111'))).toEqual([
        'data-pg_node2: system identifier 1111111111111111111; the first node begins without data',
      ]);
      expect(failed(madeHost('vm1'), second('1111111111111111111'))).toEqual([
        'data-pg_node2: the monitor does not answer, so it cannot be compared',
      ]);
    });
  });

  test('lets a container be that the monitor knows, whoever made it', () => {
    const containers = new Map([
      [
        'pg_node1',
        {
          id: 'x',
          image: orders.image,
          imageId: undefined,
          state: 'running',
          project: 'by-hand',

          isCurrent: undefined,
        },
      ],
    ]);
    expect(failures(bareHost('vm1', {containers}))).toEqual([]);
  });

  test("lets a node's own data be joined", () => {
    const own = monitorReading().nodes[0]?.systemIdentifier;
    const volumes = new Map([['pg_node1', {...withData, systemIdentifier: own}]]);
    expect(failures(bareHost('vm1', {volumes}))).toEqual([]);
  });

  test('makes no new passwords for a cluster that has some, when no host has them any more', () => {
    const failed = (surveys: readonly HostSurvey[]) =>
      hostChecks(asking, surveys, monitorReading()).filter(check => check.result === 'fail');
    const secrets = {monitorPassword: 'monitorMonitorMonitor', replicationPassword: 'replicationReplication'};
    const made = hosts.map(host => madeHostOf(asking, host));
    expect(failed(made).map(check => check.id)).toEqual(hosts.map(() => 'passwords'));
    expect(failed(made.map((host, index) => (index === 0 ? {...host, secrets} : host)))).toEqual([]);
    expect(failed(hosts.map(host => bareHost(host)))).toEqual([]);
    const data = new Map([['pg_node1', {...withData, hasData: false, hasPasswords: true}]]);
    expect(failed(hosts.map(host => bareHost(host, {volumes: data}))).map(check => check.id)).toEqual(
      hosts.map(() => 'passwords'),
    );
  });

  test('does not pretend to turn a cluster that was made with passwords to trust', () => {
    const surveys = hosts.map(host => madeHostOf(asking, host));
    const failed = hostChecks(orders, surveys, monitorReading()).filter(check => check.id === 'chosen-once');
    expect(failed.map(check => check.result)).toEqual(['fail', 'fail', 'fail']);
    expect(failed[0]?.evidence).toMatch(/made with PGAF_AUTHENTICATION: .*scram-sha-256.*, described with .*trust/);
  });

  test('does not make a container anew on other storage than its data is in', () => {
    const [survey] = [madeHost('vm1')];
    const stored = (storage: string) =>
      new Map([...survey.containers].map(([name, container]) => [name, {...container, storage}]));
    expect(failures({...survey, containers: stored('orders_pg_node1')})).toEqual([]);
    expect(failures({...survey, containers: stored('/srv/pg')})).toMatchObject([
      {id: 'pg_node1', evidence: 'it is in /srv/pg, and orders_pg_node1 is described'},
    ]);
  });

  test('does not give a node data that another container runs on', () => {
    const own = monitorReading().nodes[0]?.systemIdentifier;
    const volumes = new Map([['pg_node1', {...withData, systemIdentifier: own, isInUse: true}]]);
    expect(failures(bareHost('vm1', {volumes}))).toMatchObject([
      {id: 'data-pg_node1', remedy: expect.stringContaining('docker ps --filter volume=orders_pg_node1')},
    ]);
  });

  test.each<[string, number, boolean, string | undefined]>([
    ['room for a copy and one more', 100, false, undefined],
    ['room for a copy only', 30, false, 'warn'],
    ['no room for a copy', 15, false, 'fail'],
    ['room for a re-clone of the node that is there', 30, true, undefined],
    ['no room for a re-clone', 15, true, 'warn'],
  ])('looks at the room for 20 GB of databases: %s', (_, gibibytes, isThere, result) => {
    const server = {...bareServer, bytes: 20 * 1024 ** 3};
    const vm1 = {...madeHost('vm1'), servers: new Map([['pg_node1', server]])};
    const vm2 = {...(isThere ? madeHost('vm2') : bareHost('vm2')), freeBytes: gibibytes * 1024 ** 3};
    const check = hostChecks(orders, [madeHost('vm3'), vm1, vm2], monitorReading()).find(
      each => each.host === 'vm2' && each.id === 'disk',
    );
    expect(check?.result).toBe(result ?? 'pass');
    expect(check?.evidence).toBe(`${gibibytes} GB free, the databases take 20 GB`);
  });

  const sight = (address: string, more: Partial<PeerSight> = {}) => ({
    ...{address, resolved: [address], names: [], leavesFrom: undefined},
    ...more,
  });
  const named: DesiredCluster = {
    ...orders,
    monitor: {...orders.monitor, address: 'vm3.example'},
    nodes: orders.nodes.map(node => ({...node, address: `${node.host}.example`})),
  };
  const byName = (id: number, more: Partial<PeerSight> = {}) =>
    sight(`vm${id}.example`, {resolved: [`10.0.0.1${id}`], names: [`vm${id}.example`, `vm${id}`], ...more});
  const from = (leavesFrom: string) => ({leavesFrom});
  const [one, two, three] = ['10.0.0.11', '10.0.0.12', '10.0.0.13'];

  test.each<[string, DesiredCluster, readonly PeerSight[], string, string]>([
    ['numbers', orders, [sight(one), sight(two, from(one)), sight(three, from(one))], 'pass', `as ${one}`],
    [
      'another address towards one of them',
      orders,
      [sight(one), sight(two, from('192.168.1.7')), sight(three, from(one))],
      'warn',
      `what it sends to ${two} comes from 192.168.1.7, not from ${one}`,
    ],
    ['names', named, [byName(1), byName(2, from(one)), byName(3, from(one))], 'pass', `as ${one}`],
    [
      'a name that it does not know',
      named,
      [byName(1), byName(2, {resolved: [], names: []}), byName(3)],
      'fail',
      'it does not know vm2.example',
    ],
    [
      'a name that does not lead back',
      named,
      [byName(1), byName(2, {names: ['host-12.provider']}), byName(3, {names: []})],
      'warn',
      'vm2.example asked back is host-12.provider, vm3.example asked back is nothing',
    ],
    ['nothing that could be asked', orders, [], 'pass', 'not known'],
  ])('looks at how a host finds the others: %s', (_, cluster, peers, result, evidence) => {
    const others = [1, 2, 3].map(id => (cluster === named ? byName(id) : sight(`10.0.0.1${id}`)));
    const surveys = [bareHost('vm3', {peers: others}), bareHost('vm1', {peers}), bareHost('vm2', {peers: others})];
    const check = hostChecks(cluster, surveys, undefined).find(each => each.host === 'vm1' && each.id === 'peers');
    expect(check).toMatchObject({result, evidence});
    if (result !== 'pass') expect(check?.remedy).toContain('address');
  });

  test.each<[string, Partial<BootstrapSettings>, number, [string, RegExp] | undefined]>([
    ['two servers in 8 GiB', {}, 8, undefined],
    [
      'shared_buffers that leave nothing',
      {parameters: {shared_buffers: '7GB'}},
      8,
      ['fail', /7.0 GiB and|and 7.0 GiB/],
    ],
    [
      'a limit below shared_buffers',
      {memory: '1g', parameters: {shared_buffers: '1GB'}},
      8,
      ['fail', /may use 1.0 GiB/],
    ],
    ['a limit that a quarter of the host exceeds', {memory: '1g'}, 8, ['fail', /2.0 GiB of that are shared_buffers/]],
    ['limits that exceed the host', {memory: '6g'}, 8, ['warn', /6.0 GiB for 2 in 8.0 GiB/]],
    ['a limit with what fits into it', {memory: '3g', parameters: {shared_buffers: '512MB'}}, 8, undefined],
    ['little memory', {}, 1, ['warn', /1.0 GiB for 2 servers/]],
  ])("looks at the memory of the monitor's VM: %s", (_, more, gibibytes, expected) => {
    const cluster = {...orders, settings: {...orders.settings, ...more}};
    const surveys = [bareHost('vm3', {memoryBytes: gibibytes * 1024 ** 3}), bareHost('vm1'), bareHost('vm2')];
    const [check] = hostChecks(cluster, surveys, undefined).filter(each => each.id === 'memory');
    expect(check?.result).toBe(expected?.[0] ?? 'pass');
    if (expected !== undefined) {
      expect(check?.evidence).toMatch(expected[1]);
      expect(check?.remedy).toBeTruthy();
    }
  });

  test('wants certificates that serve, and says of those that do not what to do', () => {
    const {settings} = orders;
    const files = {authority: '/a.crt', certificate: '/s.crt', key: '/s.key'};
    const cluster = {
      ...{...orders, settings: {...settings, ssl: 'verify-full' as const}},
      certificates: new Map(hosts.map(host => [host, files])),
    };
    const check = (certificates: HostSurvey['certificates']) =>
      hostChecks(cluster, [bareHost('vm1', {certificates})], undefined).find(each => each.id === 'certificates');
    expect(check({mistakes: [], ends: 'Nov 28 2036'})).toMatchObject({result: 'pass', evidence: 'until Nov 28 2036'});
    expect(check({mistakes: ['expired'], ends: undefined})).toMatchObject({
      ...{result: 'fail', evidence: expect.stringContaining('/s.crt')},
      remedy: expect.stringContaining('renewed'),
    });
    expect(check(undefined)?.result).toBe('warn');
    expect(hostChecks(orders, [bareHost('vm1')], undefined).some(each => each.id === 'certificates')).toBe(false);
  });

  test("leaves a folder alone that has somebody else's files in it", () => {
    const [node = orders.monitor] = orders.nodes;
    const cluster = {
      ...orders,
      nodes: [{...node, storage: {path: '/srv/pg'}, ...{candidatePriority: 50, replicationQuorum: true}}],
    };
    const check = (more: Partial<VolumeSurvey>) =>
      hostChecks(
        cluster,
        [bareHost('vm1', {volumes: new Map([['pg_node1', {...withData, hasData: false, ...more}]])})],
        undefined,
      )
        .filter(each => each.result === 'fail')
        .map(each => each.id);
    expect(check({isOwn: false})).toEqual(['folder-pg_node1']);
    expect(check({isOwn: false, isEmpty: true})).toEqual([]);
    expect(check({})).toEqual([]);
  });

  test('warns of a clock that is wrong and of little memory', () => {
    const surveys = [
      bareHost('vm3', {memoryBytes: 1024 ** 3}),
      bareHost('vm1', {clockSkewSeconds: -4}),
      bareHost('vm2'),
    ];
    const warned = hostChecks(orders, surveys, undefined).filter(check => check.result === 'warn');
    expect(warned.map(check => `${check.host} ${check.id}`)).toEqual(['vm3 memory', 'vm1 clock']);
  });
});

describe('what a host says of itself', () => {
  const output = [
    'architecture x86_64',
    'clock 1700000005.250000000',
    'free 10485760',
    'memory 8388608',
    'port 1538',
    'port 0016',
    'port 0016',
  ].join('\n');

  test('is read line by line; the clock is compared with the middle of the round trip', () => {
    expect(parseHostFacts(output, 1_700_000_000_000, 1_700_000_000_500)).toEqual({
      architecture: 'x86_64',
      clockSkewSeconds: 5,
      freeBytes: 10 * 1024 ** 3,
      memoryBytes: 8 * 1024 ** 3,
      listeningPorts: [22, 5432],
    });
  });

  test('is not known where it says nothing', () => {
    expect(parseHostFacts('clock \nfree -\narchitecture $(uname -m)\n', 0, 0)).toEqual({
      architecture: undefined,
      clockSkewSeconds: undefined,
      freeBytes: undefined,
      memoryBytes: undefined,
      listeningPorts: [],
    });
  });

  test('a volume says whether it has data, and whose', () => {
    expect(parseVolumeFacts('own\ndata\n7277694203142172922\n')).toEqual({
      ...{...withData, hasPasswords: false, isMade: false},
      systemIdentifier: '7277694203142172922',
    });
    const fresh = {...withData, hasData: false, isEmpty: true};
    expect(parseVolumeFacts('own\nempty\n')).toEqual({...fresh, hasPasswords: false, isMade: false});
    expect(parseVolumeFacts('own\npasswords\nmade\n')).toMatchObject({hasPasswords: true, isMade: true});
  });
});
