import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {PassThrough} from 'node:stream';
import {afterAll, beforeEach, describe, expect, test} from 'vitest';
import {bad, good} from '../../source/cluster/problem.ts';
import {configInit} from '../../source/commands/config-init.ts';
import {openDialog} from '../../source/commands/dialog.ts';
import {parseConfiguration} from '../../source/config/parse-configuration.ts';
import {container, type FakeHost, fakeEdges, hostSettings} from './fake-edges.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'pgaf-init-'));
afterAll(() => rmSync(root, {recursive: true, force: true}));

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(root, 'case-'));
  writeFileSync(path.join(directory, 'ssh_config'), '');
});

const vms: Record<string, FakeHost> = {
  vm1: {
    containers: [container('nginx', {image: 'nginx'}), container('pg_node1')],
    roles: {pg_node1: {role: 'node', port: 5433}},
  },
  vm2: {containers: [container('pg_node2')]},
  vm3: {
    containers: [container('pg_node3'), container('watcher')],
    roles: {pg_node3: {role: 'node', port: 5432}, watcher: {role: 'monitor', port: 6001}},
  },
};

/** Answers the questions that come, one line each; what is left at the end is what the person does not say any more. */
async function init(
  hosts: Record<string, FakeHost>,
  answers: readonly string[],
  more: {aliases?: string[]; file?: string} = {},
) {
  const input = new PassThrough();
  const output = new PassThrough();
  let said = '';
  const unsaid = [...answers];
  output.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (!text.endsWith(': ')) return;
    const answer = unsaid.shift();
    if (answer === undefined) input.end();
    else input.write(`${answer}\n`);
  });
  let printed = '';
  const print = (text: string) => {
    printed += text;
  };
  const {edges, opened, closed} = fakeEdges(hosts);
  const status = await configInit(
    {stdout: print, stderr: print},
    {
      load: {
        file: more.file,
        workingDirectory: directory,
        homeDirectory: directory,
        accountHome: directory,
        localUser: 'me',
        environment: {},
        sshConfigFile: path.join(directory, 'ssh_config'),
      },
      aliases: more.aliases ?? ['vm1', 'vm2', 'vm3', 'elsewhere'],
      resolve: (name, given) =>
        Promise.resolve(
          name === 'proxied' && given.jump === undefined
            ? bad('configuration', 'ssh_config reaches proxied through a ProxyCommand, which pgaf does not run')
            : good(hostSettings(name, {address: given.address ?? name, user: given.user ?? 'ubuntu'})),
        ),
      edges,
      dialog: openDialog(input, output, false),
    },
  );
  return {status, said, printed, opened, closed};
}

function written(file = path.join(directory, 'pgaf.yaml')) {
  const text = readFileSync(file, 'utf8');
  const outcome = parseConfiguration(text, 'written');
  if (!outcome.ok) throw new Error(outcome.problem.message);
  return {text, cluster: outcome.value.content.clusters[0], mode: statSync(file).mode & 0o777};
}

const sorted = (names: readonly string[]) => names.toSorted((a, b) => a.localeCompare(b));
const defaults = (count: number) => Array.from({length: count}, () => '');

describe('with nothing but Enter', () => {
  test('three VMs are found, with their containers and ports, and written so that only the owner reads it', async () => {
    // name, environment; vm1: name, node, port, monitor; vm2: the same; vm3: name, node, port, monitor, port; no more; where to
    const {status, said, printed} = await init(vms, defaults(2 + 4 + 4 + 5 + 1 + 1));
    const {cluster, mode, text} = written();
    expect(cluster).toMatchObject({
      name: 'orders',
      environment: 'production',
      hosts: [
        {name: 'vm1', node: {container: 'pg_node1', port: 5433}},
        {name: 'vm2', node: {container: 'pg_node2', port: 5432}},
        {name: 'vm3', node: {container: 'pg_node3', port: 5432}, monitor: {container: 'watcher', port: 6001}},
      ],
    });
    expect(mode).toBe(0o600);
    expect(text).toContain('# ');
    expect(said).toContain('containers of pg_auto_failover: pg_node1 (node, port 5433, running)\n');
    expect(said).not.toContain('nginx');
    expect(printed).toContain('all ');
    expect(status).toBe(0);
  });

  test('each host is connected once, for the dialog and the check, and let go', async () => {
    const {opened, closed} = await init(vms, defaults(17));
    // The file's own ssh_config says `me`, the dialog `ubuntu`: two settings, and so two connections a host here.
    expect(opened.filter(address => address === 'vm1').length).toBeLessThanOrEqual(2);
    expect(sorted(closed)).toEqual(sorted(opened));
  });
});

describe('a cluster that is still to be made', () => {
  const bare: Record<string, FakeHost> = {
    vm1: {containers: [container('nginx', {image: 'nginx'})]},
    vm2: {containers: []},
    vm3: {containers: []},
  };
  // name, environment; vm1: name, node, port, monitor; vm2: the same; vm3: name, node, port, monitor, port; no more
  const hosts = defaults(2 + 4 + 4 + 5 + 1);

  test('with nothing but Enter is made with passwords, encrypted, and one synchronous standby', async () => {
    // say how, image, authentication, TLS, number-sync-standbys, database; where to
    const {status, said} = await init(bare, [...hosts, ...defaults(6 + 1)]);
    const {cluster, text} = written();
    expect(cluster).toMatchObject({
      bootstrap: {authentication: 'scram-sha-256', ssl: 'self-signed', numberSyncStandbys: 1},
      hosts: [{node: {container: 'pg_node1'}}, {node: {container: 'pg_node2'}}, {monitor: {port: 6000}}],
    });
    expect(text).toContain('numberSyncStandbys: 1\n');
    expect(said).toContain('`pgaf bootstrap --plan` says what it makes of that');
    expect(status).toBe(0);
  });

  test('as it is said, with certificates and a database', async () => {
    const tls = ['verify-full', '/etc/ssl/ca.pem', '', ''];
    const {said} = await init(bare, [
      ...hosts,
      ...['y', 'registry.example.com/pgaf:2', 'plain', 'md5', ...tls, '2', '0', 'Orders', 'shop', 'shopper', ''],
    ]);
    expect(written().cluster).toMatchObject({
      image: 'registry.example.com/pgaf:2',
      bootstrap: {
        ...{authentication: 'md5', ssl: 'verify-full', numberSyncStandbys: 0},
        certificates: {authority: '/etc/ssl/ca.pem', certificate: '/etc/pgaf/server.crt', key: '/etc/pgaf/server.key'},
        database: {name: 'shop', user: 'shopper'},
      },
    });
    expect(said).toContain('expected one of scram-sha-256, md5, trust');
    expect(said).toContain('expected a number from 0 to 1');
    expect(said).toContain('expected a plain name in lower case');
  });

  test('is not described when the person does not want it, and then checked', async () => {
    const {said} = await init(bare, [...hosts, 'n', '']);
    expect(written().text).not.toContain('bootstrap:');
    expect(said).toContain('now every connection is tried');
  });
});

describe('what the person says otherwise', () => {
  test('the place that serves from every folder, which is made when it is not there', async () => {
    const {said} = await init(vms, [...defaults(16), '~/.config/pgaf/config.yaml']);
    const file = path.join(directory, '.config/pgaf/config.yaml');
    expect(said).toContain(`(${file} serves from every folder)`);
    expect(written(file)).toMatchObject({mode: 0o600, cluster: {name: 'orders'}});
  });

  test('names, ports, no monitor, another file', async () => {
    const answers = ['billing', 'staging', 'vm2', 'db_0', '5555', '-', '-', 'here.yaml'];
    await init({vm2: {containers: [container('db_0')]}}, answers);
    expect(written(path.join(directory, 'here.yaml')).cluster).toMatchObject({
      name: 'billing',
      environment: 'staging',
      hosts: [{name: 'vm2', node: {container: 'db_0', port: 5555}}],
    });
  });

  test('answers that cannot be used are asked again, with what was expected', async () => {
    const {said} = await init(vms, ['', '', '-x', 'vm1', 'a b', '', '99999', '', '', 'vm1', '-', '']);
    expect(said).toContain('expected a name of ~/.ssh/config, a DNS name or an address');
    expect(said).toContain('expected the name of a container, as docker ps shows it');
    expect(said).toContain('expected a number between 1 and 65535');
    expect(said).toContain('vm1 has been given already');
    expect(written().cluster?.hosts).toHaveLength(1);
  });

  test('a name that YAML would read otherwise is quoted', async () => {
    await init(vms, ['on: [x, #1]', 'yes', ...defaults(14), '']);
    expect(written().cluster).toMatchObject({name: 'on: [x, #1]', environment: 'yes'});
  });
});

describe('a host that is not reached', () => {
  test('says why, and tries again another way', async () => {
    const hosts = {'10.0.0.11': {containers: [container('pg_node1')]}};
    // yes, change: address, port, user, key, jump
    const {said} = await init(hosts, [
      '',
      '',
      'nowhere',
      '',
      '10.0.0.11',
      '',
      'admin',
      '~/.ssh/other',
      '-',
      '',
      '',
      '',
      '-',
      '',
    ]);
    expect(said).toContain('nowhere is not a known name\n  -> check the name\n');
    expect(written().cluster?.hosts).toMatchObject([
      {
        name: 'nowhere',
        address: '10.0.0.11',
        user: 'admin',
        identityFile: '~/.ssh/other',
        node: {container: 'pg_node1'},
      },
    ]);
    expect(written().cluster?.hosts[0]).not.toHaveProperty('port');
  });

  test('is tried anew when nothing was changed, and kept when nothing is said', async () => {
    const {opened, said} = await init({}, ['', '', 'nowhere', ...defaults(7), ...defaults(3), '-', '']);
    expect(opened.filter(address => address === 'nowhere').length).toBeGreaterThanOrEqual(2);
    expect(said).toContain('(no keeps it as it is) [y/N]');
    expect(written().cluster?.hosts).toMatchObject([{name: 'nowhere', node: {container: 'pg_node1'}}]);
  });

  test('may be kept as it is; the check then says so', async () => {
    const {status, printed} = await init({}, ['', '', 'nowhere', 'n', '', '', '', '-', '']);
    expect(written().cluster?.hosts).toMatchObject([{name: 'nowhere', node: {container: 'pg_node1', port: 5432}}]);
    expect(printed).toContain('nowhere is not a known name');
    expect(status).toBe(69);
  });

  test('one that ssh_config reaches in a way that pgaf does not go', async () => {
    const {said} = await init({proxied: {containers: [container('pg_node1')]}}, [
      '',
      '',
      'proxied',
      '',
      '',
      '',
      'ubuntu',
      '-',
      'none',
      '',
      '',
      '',
      '-',
      '',
    ]);
    expect(said).toContain('through a ProxyCommand, which pgaf does not run');
    expect(written().cluster?.hosts[0]).toMatchObject({name: 'proxied', jump: 'none'});
  });
});

describe('how docker is called', () => {
  const refused = bad('docker-permission', 'no permission to use docker on vm1', {remedy: 'usermod'});

  test('sudo is found by itself', async () => {
    const {said} = await init({vm1: {docker: {docker: refused, 'sudo -n docker': good([container('pg_node1')])}}}, [
      '',
      '',
      'vm1',
      '',
      '',
      '',
      '-',
      '',
    ]);
    expect(said).toContain('docker works there as `sudo -n docker`');
    expect(written().cluster?.hosts[0]?.docker).toEqual(['sudo', '-n', 'docker']);
  });

  test('or asked for', async () => {
    const {said} = await init({vm1: {docker: {docker: refused, 'doas docker': good([container('pg_node1')])}}}, [
      '',
      '',
      'vm1',
      'doas docker',
      '',
      '',
      '',
      '-',
      '',
    ]);
    expect(said).toContain('no permission to use docker on vm1');
    expect(written().cluster?.hosts[0]?.docker).toEqual(['doas', 'docker']);
  });
});

describe('what is there is not lost', () => {
  test('a file is overwritten only on a yes', async () => {
    const file = path.join(directory, 'here.yaml');
    writeFileSync(file, 'mine');
    await init(vms, [...defaults(16), 'here.yaml', '', 'there.yaml']);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(written(path.join(directory, 'there.yaml')).cluster?.hosts).toHaveLength(3);
    await init(vms, [...defaults(16), 'here.yaml', 'y']);
    expect(written(file)).toMatchObject({mode: 0o600, cluster: {name: 'orders'}});
  });

  test('a place that cannot be written is said, and asked again', async () => {
    writeFileSync(path.join(directory, 'file'), '');
    const {said} = await init(vms, [...defaults(16), 'file/below.yaml', 'there.yaml']);
    expect(said).toContain('file/below.yaml cannot be written');
    expect(existsSync(path.join(directory, 'there.yaml'))).toBe(true);
  });

  test('leaving at any question leaves nothing behind', async () => {
    for (let answered = 0; answered < 17; answered++) {
      const {status, opened, closed} = await init(vms, defaults(answered));
      expect([answered, status]).toEqual([answered, 130]);
      expect(readdirSync(directory)).toEqual(['ssh_config']);
      expect(sorted(closed)).toEqual(sorted(opened));
    }
  });
});

test('without a terminal it says so, and what to do instead', async () => {
  let stderr = '';
  const status = await configInit(
    {
      stdout: () => undefined,
      stderr: text => {
        stderr += text;
      },
    },
    {
      load: {
        workingDirectory: directory,
        homeDirectory: directory,
        accountHome: directory,
        localUser: 'me',
        environment: {},
      },
      aliases: [],
      resolve: name => Promise.resolve(good(hostSettings(name))),
      edges: fakeEdges({}).edges,
      dialog: undefined,
    },
  );
  expect(status).toBe(64);
  expect(stderr).toContain('standard input is not a terminal');
});
