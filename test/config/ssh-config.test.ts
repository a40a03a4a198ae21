import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Outcome} from '../../source/cluster/problem.ts';
import {type GivenHost, resolveHost} from '../../source/config/resolve-host.ts';
import {sshClientReader} from '../../source/config/ssh-client.ts';
import {sshAliases, sshConfigFileReader} from '../../source/config/ssh-config-file.ts';
import type {SshOptionsReader} from '../../source/config/ssh-options.ts';
import type {HostSettings} from '../../source/ssh/host-settings.ts';

// OpenSSH takes the home of the password database, not HOME: what the two readers are compared on lies outside of it.
const home = os.userInfo().homedir;
const localUser = os.userInfo().username;
let directory = '';
let readers: Record<string, SshOptionsReader> = {};

beforeAll(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'pgaf-ssh-config-'));
  mkdirSync(path.join(directory, 'conf.d'));
  writeFileSync(path.join(directory, 'conf.d/20-second.conf'), 'Host included\n  User second\n  Port 2020\n');
  writeFileSync(path.join(directory, 'conf.d/10-first.conf'), 'Host included\n  User first\n');
  writeFileSync(
    path.join(directory, 'config'),
    `# what a person's file looks like
Include ${directory}/conf.d/*.conf

Host plain
  HostName 10.0.0.11
  User ubuntu
  Port 2222
  IdentityFile ${directory}/keys/%r@%h
  IdentityFile "${directory}/keys/with space"
  IdentitiesOnly yes

Host quiet.* !quiet.not
  HostName=%h.example.com
  user quietly

HOST known
  UserKnownHostsFile ${directory}/known1 ~/known2
  GlobalKnownHostsFile /etc/ssh/known
  HostKeyAlias the-alias
  HostKeyAlgorithms ssh-ed25519,rsa-sha2-512,ssh-ed25519-cert-v01@openssh.com

Host more-algorithms
  HostKeyAlgorithms +ssh-rsa

Host certificates-only
  HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com

Host agent-none
  IdentityAgent none
Host agent-socket
  IdentityAgent ~/agent-%r.socket
Host agent-variable
  IdentityAgent $OTHER_AGENT

Host behind
  HostName 10.9.9.9
  ProxyJump jumper@gate:2200,inner
Host gate
  HostName gate.example.com
  User ignored
  ProxyJump outer
Host inner
  HostName inner.example.com
  ProxyJump never-followed
Host outer
  HostName outer.example.com

Host no-jump
  ProxyJump none
Host round
  ProxyJump about
Host about
  ProxyJump round
Host command
  ProxyCommand nc -X connect %h %p

Host exact
  User exactly
Match originalhost matched user matcher
  HostName matched.example.com
Match host matched.example.com
  Port 2323
Host *
  User everyone
  IdentityFile ${directory}/keys/last
`,
  );
  const configFile = path.join(directory, 'config');
  const fromFile = sshConfigFileReader({homeDirectory: home, localUser, configFiles: [configFile]});
  readers = {'read by pgaf': fromFile};
  const client = await sshClientReader({configFile});
  if (client !== undefined) readers['ssh -G'] = client;
});

afterAll(() => rmSync(directory, {recursive: true, force: true}));

function resolve(reader: SshOptionsReader, name: string, given: GivenHost = {}): Promise<Outcome<HostSettings>> {
  return resolveHost(name, given, {
    readOptions: reader,
    directory: '/etc/pgaf',
    homeDirectory: home,
    accountHome: home,
    localUser,
    environment: {SSH_AUTH_SOCK: '/run/agent', OTHER_AGENT: '/run/other'},
  });
}

/** The settings of a host, the same from both readers. */
async function settings(name: string, given: GivenHost = {}): Promise<HostSettings> {
  const outcomes = await Promise.all(Object.values(readers).map(reader => resolve(reader, name, given)));
  const [first, ...others] = outcomes;
  for (const other of others) expect(other).toEqual(first);
  if (first?.ok !== true) throw new Error(first?.problem.message);
  return first.value;
}

async function problem(name: string, given: GivenHost = {}) {
  const outcomes = await Promise.all(Object.values(readers).map(reader => resolve(reader, name, given)));
  return outcomes.map(outcome => (outcome.ok ? 'no problem' : outcome.problem.message));
}

describe('a host is reached as ssh would reach it', () => {
  test('HostName, User, Port, several IdentityFiles with tokens and quotes, IdentitiesOnly', async () => {
    expect(await settings('plain')).toMatchObject({
      name: 'plain',
      address: '10.0.0.11',
      user: 'ubuntu',
      port: 2222,
      identityFiles: ['keys/ubuntu@10.0.0.11', 'keys/with space', 'keys/last'].map(file => path.join(directory, file)),
      identitiesOnly: true,
      agentSocket: '/run/agent',
      jump: [],
    });
  });

  test('patterns, negated patterns, %h in HostName, `=`, keywords in any case', async () => {
    expect(await settings('quiet.one')).toMatchObject({address: 'quiet.one.example.com', user: 'quietly'});
    expect(await settings('quiet.not')).toMatchObject({address: 'quiet.not', user: 'everyone'});
  });

  test('Include, in the order of the names; the first value wins', async () => {
    expect(await settings('included')).toMatchObject({user: 'first', port: 2020});
  });

  test('a name that ssh_config does not know is a DNS name', async () => {
    expect(await settings('db.example.com')).toMatchObject({address: 'db.example.com', user: 'everyone', port: 22});
  });

  test('several known_hosts, the user’s before the system’s; HostKeyAlias; certificates left out of HostKeyAlgorithms', async () => {
    expect(await settings('known')).toMatchObject({
      knownHostsFiles: [path.join(directory, 'known1'), path.join(home, 'known2'), '/etc/ssh/known'],
      hostKeyAlias: 'the-alias',
      hostKeyAlgorithms: ['ssh-ed25519', 'rsa-sha2-512'],
    });
    expect(await settings('plain')).not.toHaveProperty('hostKeyAlgorithms');
    expect((await settings('more-algorithms')).hostKeyAlgorithms?.at(-1)).toBe('ssh-rsa');
    expect((await problem('certificates-only'))[0]).toContain('host keys that pgaf cannot verify');
  });

  test('IdentityAgent', async () => {
    expect((await settings('agent-none')).agentSocket).toBeUndefined();
    expect((await settings('agent-socket')).agentSocket).toBe(path.join(home, 'agent-everyone.socket'));
    expect((await settings('agent-variable')).agentSocket).toBe('/run/other');
  });

  test('Match host, originalhost, user', async () => {
    expect(await settings('matched', {user: 'matcher'})).toMatchObject({address: 'matched.example.com', port: 2323});
    expect(await settings('matched')).toMatchObject({address: 'matched', port: 22});
  });
});

describe('jump hosts', () => {
  test('each is resolved by ssh_config; only the first one’s own ProxyJump is followed', async () => {
    const {jump} = await settings('behind');
    expect(jump.map(hop => `${hop.user}@${hop.address}:${hop.port}`)).toEqual([
      'everyone@outer.example.com:22',
      'jumper@gate.example.com:2200',
      'everyone@inner.example.com:22',
    ]);
    expect(jump.every(hop => hop.jump.length === 0)).toBe(true);
  });

  test('none', async () => {
    expect((await settings('no-jump')).jump).toEqual([]);
    expect((await settings('behind', {jump: ['none']})).jump).toEqual([]);
  });

  test('a circle is a sentence, not a hang', async () => {
    for (const message of await problem('round'))
      expect(message).toMatch(/^the jump hosts of (round|about) lead to each other/);
  });

  test('ProxyCommand is refused, unless the configuration says how else to get there', async () => {
    expect(new Set(await problem('command'))).toEqual(
      new Set(['ssh_config reaches command through a ProxyCommand, which pgaf does not run']),
    );
    expect((await settings('command', {jump: ['outer']})).jump.map(hop => hop.address)).toEqual(['outer.example.com']);
    expect((await settings('command', {jump: ['none']})).jump).toEqual([]);
  });
});

describe('what pgaf’s configuration gives wins', () => {
  test('each key', async () => {
    const given = {
      address: '192.0.2.7',
      port: 22022,
      user: 'root',
      identityFiles: ['keys/one', '~/two', '/three'],
      identitiesOnly: false,
      knownHostsFiles: ['known_hosts'],
      jump: ['admin@[2001:db8::1]:2022'],
    };
    expect(await settings('plain', given)).toMatchObject({
      name: 'plain',
      address: '192.0.2.7',
      port: 22022,
      user: 'root',
      identityFiles: ['/etc/pgaf/keys/one', path.join(home, 'two'), '/three'],
      identitiesOnly: false,
      knownHostsFiles: ['/etc/pgaf/known_hosts'],
      jump: [{address: '2001:db8::1', user: 'admin', port: 2022}],
    });
  });

  test('a jump host that is none', async () => {
    expect((await problem('plain', {jump: ['-oProxyCommand=x']}))[0]).toContain('is not understood');
  });
});

test('without any IdentityFile the usual keys are offered, those that exist', async () => {
  const lonely = mkdtempSync(path.join(directory, 'home-'));
  mkdirSync(path.join(lonely, '.ssh'));
  writeFileSync(path.join(lonely, '.ssh/id_rsa'), '');
  writeFileSync(path.join(lonely, '.ssh/id_ed25519'), '');
  writeFileSync(path.join(lonely, '.ssh/config'), 'Host x\n  User y\n');
  const reader = sshConfigFileReader({
    homeDirectory: lonely,
    localUser,
    configFiles: [path.join(lonely, '.ssh/config')],
  });
  const outcome = await resolveHost(
    'x',
    {},
    {readOptions: reader, directory, homeDirectory: '/elsewhere', accountHome: lonely, localUser, environment: {}},
  );
  expect(outcome.ok && outcome.value.identityFiles).toEqual(
    ['id_ed25519', 'id_rsa'].map(file => path.join(lonely, '.ssh', file)),
  );
  expect(outcome.ok && outcome.value.agentSocket).toBeUndefined();
});

describe('what is run, and what cannot be read', () => {
  test('reading ssh_config by itself runs nothing', async () => {
    const configFile = path.join(directory, 'executing');
    const witness = path.join(directory, 'executed');
    writeFileSync(configFile, `Match exec "touch ${witness}"\n  Port 23\n`);
    const outcome = await sshConfigFileReader({homeDirectory: home, localUser, configFiles: [configFile]})('x', {});
    expect(outcome.ok && outcome.value.port).toBe(22);
    expect(existsSync(witness)).toBe(false);
  });

  test('aliases to offer: names, no patterns', () => {
    const aliases = sshAliases({homeDirectory: home, localUser, configFiles: [path.join(directory, 'config')]});
    expect(aliases.slice(0, 2)).toEqual(['included', 'plain']);
    expect(aliases).not.toContain('*');
    expect(aliases).not.toContain('!quiet.not');
  });

  test('an ssh_config that ssh refuses, in ssh’s words', async () => {
    const configFile = path.join(directory, 'broken');
    writeFileSync(configFile, 'Host x\n  Prot 22\n');
    const reader = await sshClientReader({configFile});
    if (reader === undefined) return;
    const outcome = await reader('x', {});
    expect(outcome.ok ? '' : outcome.problem.message).toMatch(
      /^ssh_config cannot be read for x: .*line 2: Bad configuration option: prot/,
    );
  });

  test('a Match exec that hangs is cut off', async () => {
    const configFile = path.join(directory, 'hanging');
    writeFileSync(configFile, 'Match exec "exec sleep 20"\n  Port 22\n');
    const reader = await sshClientReader({configFile, deadlineMs: 500});
    if (reader === undefined) return;
    const outcome = await reader('x', {});
    expect(outcome.ok ? '' : outcome.problem.message).toBe('`ssh -G x` did not answer within 0.5 s');
  });

  test('no OpenSSH client', async () => {
    expect(await sshClientReader({command: path.join(directory, 'no-such-ssh')})).toBeUndefined();
  });
});
