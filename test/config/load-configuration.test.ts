import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {defaultBootstrap} from '../../source/config/configuration.ts';
import {findConfiguration} from '../../source/config/find-configuration.ts';
import {type LoadOptions, loadConfiguration} from '../../source/config/load-configuration.ts';
import {selectCluster} from '../../source/config/select-cluster.ts';

let home = '';
let project = '';
let options: LoadOptions;

const one = (name: string) =>
  `clusters:\n  - name: ${name}\n    hosts:\n      - name: vm1\n        node: {container: pg_node1}\n`;

beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'pgaf-configuration-'));
  project = path.join(home, 'project');
  mkdirSync(path.join(home, '.config/pgaf'), {recursive: true});
  mkdirSync(path.join(home, '.ssh'));
  mkdirSync(project);
  writeFileSync(
    path.join(home, '.ssh/config'),
    'Host vm1\n  HostName 10.0.0.11\n  User ubuntu\nHost command\n  ProxyCommand nc %h %p\n',
  );
  options = {
    workingDirectory: project,
    homeDirectory: home,
    environment: {},
    localUser: os.userInfo().username,
    accountHome: os.userInfo().homedir,
    sshConfigFile: path.join(home, '.ssh/config'),
  };
});

afterAll(() => rmSync(home, {recursive: true, force: true}));

async function messageOf(
  outcome: Promise<{ok: boolean; problem?: {message: string; remedy?: string}}>,
): Promise<string> {
  const {problem} = await outcome;
  return `${problem?.message ?? 'no problem'} | ${problem?.remedy ?? ''}`;
}

describe('where the configuration is found', () => {
  test('nowhere: what would have been read, and what to do', async () => {
    expect(await messageOf(findConfiguration(options))).toBe(
      `there is no configuration: neither ${project}/pgaf.yaml nor ${home}/.config/pgaf/config.yaml | run \`pgaf config init\` to write one, or give one with --config FILE`,
    );
  });

  test('the personal one, then ./pgaf.yaml before it, then --config before both', async () => {
    writeFileSync(path.join(home, '.config/pgaf/config.yaml'), one('personal'));
    expect(await findConfiguration(options)).toEqual({ok: true, value: `${home}/.config/pgaf/config.yaml`});
    writeFileSync(path.join(project, 'pgaf.yaml'), one('local'));
    expect(await findConfiguration(options)).toEqual({ok: true, value: `${project}/pgaf.yaml`});
    writeFileSync(path.join(project, 'other.yaml'), one('other'));
    expect(await findConfiguration({...options, file: 'other.yaml'})).toEqual({
      ok: true,
      value: `${project}/other.yaml`,
    });
  });

  test('XDG_CONFIG_HOME, which has to be absolute', async () => {
    const elsewhere = path.join(home, 'xdg');
    mkdirSync(path.join(elsewhere, 'pgaf'), {recursive: true});
    writeFileSync(path.join(elsewhere, 'pgaf/config.yaml'), one('xdg'));
    const empty = path.join(home, '.ssh');
    expect(
      await findConfiguration({...options, workingDirectory: empty, environment: {XDG_CONFIG_HOME: elsewhere}}),
    ).toEqual({
      ok: true,
      value: `${elsewhere}/pgaf/config.yaml`,
    });
    expect(
      await findConfiguration({...options, workingDirectory: empty, environment: {XDG_CONFIG_HOME: 'xdg'}}),
    ).toEqual({
      ok: true,
      value: `${home}/.config/pgaf/config.yaml`,
    });
  });

  test('a --config that is not there does not fall back to another', async () => {
    expect(await messageOf(findConfiguration({...options, file: 'nope.yaml'}))).toContain(
      'there is no configuration at nope.yaml',
    );
  });

  test('a folder is not a configuration', async () => {
    expect(await messageOf(loadConfiguration({...options, file: home}))).toContain('cannot be read');
  });
});

describe('what comes out', () => {
  test('hosts resolved through ssh_config, defaults filled in', async () => {
    writeFileSync(path.join(project, 'full.yaml'), one('orders'));
    const outcome = await loadConfiguration({...options, file: 'full.yaml'});
    if (!outcome.ok) throw new Error(outcome.problem.message);
    expect(outcome.value.clusters).toMatchObject([
      {
        name: 'orders',
        formation: 'default',
        image: 'citusdata/pg_auto_failover:15',
        readOnly: false,
        hosts: [
          {
            name: 'vm1',
            docker: ['docker'],
            node: {container: 'pg_node1', port: 5432},
            ssh: {address: '10.0.0.11', user: 'ubuntu', port: 22},
          },
        ],
      },
    ]);
    expect(outcome.value.clusters[0]).not.toHaveProperty('environment');
  });

  test('the same without OpenSSH’s client', async () => {
    const withClient = await loadConfiguration({...options, file: 'full.yaml'});
    const without = await loadConfiguration({
      ...options,
      file: 'full.yaml',
      sshCommand: path.join(home, 'no-such-ssh'),
    });
    expect(without.ok).toBe(true);
    expect(without).toEqual(withClient);
  });

  test('a jump host that is another host of the cluster is reached as the file says', async () => {
    const hosts =
      '{name: gate, address: 10.0.0.1, user: admin, port: 2200, knownHostsFile: known}, {name: vm1, jump: gate}, {name: vm2, jump: other@gate}';
    writeFileSync(path.join(project, 'jump.yaml'), `clusters:\n  - name: a\n    hosts: [${hosts}]\n`);
    const outcome = await loadConfiguration({...options, file: 'jump.yaml'});
    if (!outcome.ok) throw new Error(outcome.problem.message);
    const [gate, vm1, vm2] = outcome.value.clusters[0]?.hosts ?? [];
    expect(gate?.ssh.knownHostsFiles).toEqual([path.join(project, 'known')]);
    expect(vm1?.ssh.jump).toEqual([gate?.ssh]);
    expect(vm2?.ssh.jump).toEqual([{...gate?.ssh, user: 'other'}]);
  });

  test('what ssh_config forbids is said with the place of the host', async () => {
    writeFileSync(path.join(project, 'command.yaml'), 'clusters:\n  - name: a\n    hosts:\n      - name: command\n');
    expect(await messageOf(loadConfiguration({...options, file: 'command.yaml'}))).toBe(
      'command.yaml:4:15: ssh_config reaches command through a ProxyCommand, which pgaf does not run | use ProxyJump in ssh_config, or give `jump: [host]` or `jump: none` in the configuration',
    );
  });
});

describe('which cluster', () => {
  const cluster = (name: string) => ({
    name,
    formation: 'default',
    image: 'image',
    readOnly: false,
    hosts: [],
    actions: [],
    bootstrap: defaultBootstrap,
  });
  const two = {file: '/etc/pgaf.yaml', clusters: [cluster('orders'), cluster('billing')]};

  test('the only one; several need a name', () => {
    expect(selectCluster({...two, clusters: [cluster('orders')]}, {})).toMatchObject({
      ok: true,
      value: {name: 'orders'},
    });
    expect(selectCluster(two, {cluster: 'billing'})).toMatchObject({ok: true, value: {name: 'billing'}});
    expect(selectCluster(two, {})).toMatchObject({
      problem: {message: '/etc/pgaf.yaml has several clusters: `orders`, `billing`'},
    });
  });

  test('a name that is not there', () => {
    expect(selectCluster(two, {cluster: 'order'})).toMatchObject({
      problem: {
        message: '/etc/pgaf.yaml has no cluster `order`; it has `orders`, `billing`',
        remedy: 'did you mean --cluster orders?',
      },
    });
  });

  test('--formation replaces, --read-only only adds', () => {
    const chosen = selectCluster(two, {cluster: 'orders', formation: 'other', readOnly: true});
    expect(chosen).toMatchObject({ok: true, value: {formation: 'other', readOnly: true}});
    const readOnly = {...two, clusters: [{...cluster('orders'), readOnly: true}]};
    expect(selectCluster(readOnly, {readOnly: false})).toMatchObject({ok: true, value: {readOnly: true}});
  });
});
