import {afterEach, describe, expect, test} from 'vitest';
import {endPrograms, program} from './program.ts';
import {watchedWorld} from './watched-world.ts';

afterEach(endPrograms);

/** The outputs and statuses here are those of docker 28.2.2 on the three machines of the lab, but for ids and numbers that are counted. */
const usage = (name: string, words: string, lead = '') =>
  `${lead}\n\nUsage:  docker ${name} ${words}\n\nRun 'docker ${name} --help' for more information\n`;
const containers = '[OPTIONS] CONTAINER [CONTAINER...]';
const noSuch = (name: string) => `Error response from daemon: No such container: ${name}\n`;
const see = (text: string) => text.replace("Run '", "See '");
const runc = (why: string) => `OCI runtime exec failed: exec failed: ${why}: unknown\n`;
const start = 'unable to start container process: ';

describe('what docker says', () => {
  test.each([
    [
      'pause',
      1,
      '',
      see(usage('pause', 'CONTAINER [CONTAINER...]', "docker: 'docker pause' requires at least 1 argument")),
    ],
    ['pause nope', 1, '', noSuch('nope')],
    ['stats --no-stream nope', 1, '', noSuch('nope')],
    [
      'exec',
      1,
      '',
      see(usage('exec', '[OPTIONS] CONTAINER COMMAND [ARG...]', "docker: 'docker exec' requires at least 2 arguments")),
    ],
    [
      'exec --nope pg_node1 true',
      125,
      '',
      usage('exec', '[OPTIONS] CONTAINER COMMAND [ARG...]', 'unknown flag: --nope'),
    ],
    [
      'exec -z pg_node1 true',
      125,
      '',
      usage('exec', '[OPTIONS] CONTAINER COMMAND [ARG...]', "unknown shorthand flag: 'z' in -z"),
    ],
    ['exec pg_node1 nope', 126, runc(`${start}exec: "nope": executable file not found in $PATH`), ''],
    ['exec -u root pg_node1 id', 0, 'uid=0(root) gid=0(root) groups=0(root)\n', ''],
    ['exec -u nobody pg_node1 id', 0, 'uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)\n', ''],
    ['exec -u 4711 pg_node1 id', 0, 'uid=4711 gid=0(root) groups=0(root)\n', ''],
    ['exec -u 4711:12 pg_node1 whoami', 1, '', 'whoami: cannot find name for user ID 4711\n'],
    ['exec -u nope pg_node1 id', 126, 'unable to find user nope: no matching entries in passwd file\n', ''],
    ['exec -w /tmp pg_node1 pwd', 0, '/tmp\n', ''],
    [
      'exec -w /nope pg_node1 pwd',
      126,
      runc(`${start}chdir to cwd ("/nope") set in config.json failed: no such file or directory`),
      '',
    ],
    ['exec -w tmp pg_node1 pwd', 126, runc('Cwd must be an absolute path'), ''],
    ['exec -d pg_node1 sleep 100', 0, '', ''],
    [
      'exec -u root pg_node1 psql -c "select 1"',
      2,
      '',
      'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL:  role "root" does not exist\n',
    ],
    [
      'restart -t x pg_node1',
      125,
      '',
      usage(
        'restart',
        containers,
        'invalid argument "x" for "-t, --timeout" flag: strconv.ParseInt: parsing "x": invalid syntax',
      ),
    ],
    ['restart', 1, '', see(usage('restart', containers, "docker: 'docker restart' requires at least 1 argument"))],
    ['stop -t', 125, '', usage('stop', containers, "flag needs an argument: 't' in -t")],
    ['stop --nope pg_node1', 125, '', usage('stop', containers, 'unknown flag: --nope')],
    ['stop nope', 1, '', noSuch('nope')],
    ['start nope', 1, '', `${noSuch('nope')}Error: failed to start containers: nope\n`],
    ['kill nope', 1, '', 'Error response from daemon: Cannot kill container: nope: No such container: nope\n'],
    ['kill -s NOPE pg_node1', 1, '', 'Error response from daemon: Invalid signal: NOPE\n'],
    ['rm nope', 1, '', noSuch('nope')],
    ['logs', 1, '', usage('logs', '[OPTIONS] CONTAINER', "docker: 'docker logs' requires 1 argument")],
    ['ps extra', 1, '', usage('ps', '[OPTIONS]', "docker: 'docker ps' accepts no arguments")],
    ['ps --filter nope=1', 1, '', "Error response from daemon: Invalid filter 'nope'\n"],
    [
      'inspect',
      1,
      '',
      see(usage('inspect', '[OPTIONS] NAME|ID [NAME|ID...]', "docker: 'docker inspect' requires at least 1 argument")),
    ],
    ['inspect nope', 1, '[]\n', 'Error: No such object: nope\n'],
    ['container inspect nope', 1, '[]\n', noSuch('nope')],
    ['image inspect nope', 1, '[]\n', 'Error response from daemon: no such image: nope: No such image: nope:latest\n'],
    ['update --restart=nope pg_node1', 1, '', "Error response from daemon: invalid restart policy 'nope'\n"],
    [
      'manifest inspect',
      1,
      '',
      usage(
        'manifest inspect',
        '[OPTIONS] [MANIFEST_LIST] MANIFEST',
        "docker: 'docker manifest inspect' requires at least 1 and at most 2 arguments",
      ),
    ],
    [
      'manifest inspect citusdata/pg_auto_failover:nope',
      1,
      '',
      'no such manifest: docker.io/citusdata/pg_auto_failover:nope\n',
    ],
    [
      'manifest inspect -v 127.0.0.1:5000/nope',
      1,
      '',
      'failed to configure transport: error pinging v2 registry: Get "https://127.0.0.1:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused\n',
    ],
    ['nope', 1, '', "docker: unknown command: docker nope\n\nRun 'docker --help' for more information\n"],
    [
      '--nope',
      125,
      '',
      "unknown flag: --nope\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information\n",
    ],
    ['cp nope:/x /tmp/y', 1, '', noSuch('nope')],
    [
      'cp pg_node1:/nope /tmp/y',
      1,
      '',
      'Error response from daemon: Could not find the file /nope in container pg_node1\n',
    ],
    ['cp /nope pg_node1:/tmp/x', 1, '', 'lstat /nope: no such file or directory\n'],
    ["version --format '{{.Server.Version}}'", 0, '28.2.2\n', ''],
    ["info --format '{{.ServerVersion}} {{.NCPU}} {{.Name}} {{.ContainersRunning}}'", 0, '28.2.2 2 vm1 1\n', ''],
    [
      'image inspect --format \'{{join .RepoTags ","}}\' citusdata/pg_auto_failover:15',
      0,
      'citusdata/pg_auto_failover:15\n',
      '',
    ],
    ['images nope', 0, 'REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n', ''],
    ["images --format '{{.Repository}}:{{.Tag}}'", 0, 'citusdata/pg_auto_failover:15\n', ''],
    ['compose ps', 14, '', 'no configuration file provided: not found\n'],
    ['compose -f /nope up -d', 14, '', 'open /nope: no such file or directory\n'],
    ['compose -f /opt/pgaf/compose.yaml start nope', 1, '', 'no such service: nope\n'],
    ['compose -f /opt/pgaf/compose.yaml config --services', 0, 'pg_node1\n', ''],
    ['compose -f /opt/pgaf/compose.yaml up -d', 0, '', ' Container pg_node1  Running\n'],
  ])('docker %s', async (line, status, stdout, stderr) => {
    const {ended, ...docker} = program(watchedWorld(), 'vm1', `docker ${line}`);
    expect(await ended).toEqual({status, stdout, stderr});
    expect(docker.output()).toBe(stdout + stderr);
  });
});

describe('JSON for programs', () => {
  test.each([
    ['version --format json', {Client: {Version: '28.2.2'}, Server: {Version: '28.2.2', Os: 'linux'}}],
    ['info --format json', {Containers: 2, ContainersRunning: 2, Name: 'vm3', OSType: 'linux'}],
    ['images --format json', {Repository: 'citusdata/pg_auto_failover', Tag: '15', Size: '410MB'}],
    ['compose -p pgaf ps --format json pg_monitor', {Name: 'pg_monitor', Service: 'pg_monitor', State: 'running'}],
    ['image inspect -f json citusdata/pg_auto_failover:15', [{Os: 'linux'}]],
  ])('docker %s', async (line, expected) => {
    const {stdout} = await program(watchedWorld(), 'vm3', `docker ${line}`).ended;
    expect(JSON.parse(stdout)).toMatchObject(expected);
  });

  test('the image that a container has is one that there is', async () => {
    const world = watchedWorld();
    const image = (await program(world, 'vm1', "docker inspect -f '{{.Image}}' pg_node1").ended).stdout;
    const known = (await program(world, 'vm1', "docker image inspect -f '{{.Id}}' citusdata/pg_auto_failover:15").ended)
      .stdout;
    expect(image).toBe(known);
    expect(image).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  });
});

test('stats are of a second that passes', async () => {
  const world = watchedWorld();
  const stats = program(world, 'vm3', `docker stats --no-stream --format '{{.Name}} {{.PIDs}}'`);
  await stats.ready();
  expect(stats.output()).toBe('');
  world.advance(1000);
  expect(await stats.ended).toMatchObject({stdout: 'pg_monitor 12\npg_node3 12\n', status: 0});
});

test('a file goes out of a container and into it', async () => {
  const world = watchedWorld();
  const run = (line: string) => program(world, 'vm1', line).ended;
  expect(await run('docker cp pg_node1:/var/lib/postgres/pgaf/PG_VERSION /tmp/v && cat /tmp/v')).toMatchObject({
    stdout: '15\n',
  });
  expect((await run('echo secret > /tmp/s && docker cp /tmp/s pg_node1:/tmp/s')).status).toBe(0);
  expect((await run('docker exec pg_node1 cat /tmp/s')).stdout).toBe('secret\n');
});

describe('a Compose file on the disk', () => {
  const run = async (line: string, world = watchedWorld()) => program(world, 'vm1', line).ended;

  test('says what it means, and what is wrong with it', async () => {
    const config = await run('docker compose -f /opt/pgaf/compose.yaml config');
    expect(config.stdout).toContain('command:\n      - pg_autoctl\n      - run\n    container_name: pg_node1\n');
    expect(config.stdout).toContain(
      '- type: volume\n        source: pg_node1_home\n        target: /var/lib/postgres\n',
    );
    const wrong = await run("echo 'services: {a: {imagee: x}}' > /tmp/c.yaml; docker compose -f /tmp/c.yaml config -q");
    expect(wrong).toMatchObject({
      status: 15,
      stderr: "validating /tmp/c.yaml: services.a additional properties 'imagee' not allowed\n",
    });
  });

  test('takes its containers down and brings them up again, as what they were', async () => {
    const world = watchedWorld();
    const down = program(world, 'vm1', 'cd /opt/pgaf && docker compose down');
    await down.ready();
    world.advance(2000);
    expect(await down.ended).toMatchObject({
      status: 0,
      stderr: ['Stopping', 'Stopped', 'Removing', 'Removed'].map(what => ` Container pg_node1  ${what}\n`).join(''),
    });
    expect(world.containers('vm1')).toEqual([]);
    const up = await run('cd /opt/pgaf && docker compose up -d', world);
    expect(up.stderr).toBe(
      ['Creating', 'Created', 'Starting', 'Started'].map(what => ` Container pg_node1  ${what}\n`).join(''),
    );
    world.advance(60_000);
    expect(world.monitor.nodes().find(row => row.nodename === 'pg_node1')).toMatchObject({nodeid: 1, health: 1});
    expect((await run("docker compose -p pgaf ps --format '{{.Name}} {{.State}}'", world)).stdout).toBe(
      'pg_node1 running\n',
    );
  });
});
