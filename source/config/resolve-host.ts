import {existsSync} from 'node:fs';
import path from 'node:path';
import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {HostSettings} from '../ssh/host-settings.ts';
import {parseHop, splitChain} from './jump-chain.ts';
import {type GivenOptions, type SshOptions, type SshOptionsReader, supportedHostKeyAlgorithms} from './ssh-options.ts';
import {expandPath, type TokenValues} from './ssh-tokens.ts';

/** What pgaf's own configuration says of a host; all of it wins over ssh_config. Paths may be relative to `directory` or begin with `~`. */
export type GivenHost = GivenOptions & {
  identityFiles?: readonly string[] | undefined;
  identitiesOnly?: boolean | undefined;
  knownHostsFiles?: readonly string[] | undefined;
  /** Hops, nearest first, each `[user@]host[:port]`; `['none']` for none. */
  jump?: readonly string[] | undefined;
};

/** What resolving needs of the machine it runs on. */
export type ResolutionContext = {
  readOptions: SshOptionsReader;
  /** The hosts of the same cluster: a jump host of that name is reached as the configuration says. */
  givenOf?: ((name: string) => GivenHost | undefined) | undefined;
  /** Relative paths of pgaf's configuration start here. */
  directory: string;
  /** What HOME says: `~` in pgaf's configuration. */
  homeDirectory: string;
  /** The home of the account: what ssh, which ignores HOME, takes for `~`. */
  accountHome: string;
  localUser: string;
  environment: Readonly<Record<string, string | undefined>>;
};

const longestChain = 8;

/** The settings by which a host is reached: ssh_config's, with what the configuration gives in their place. Jump hosts are resolved as well. */
export async function resolveHost(
  name: string,
  given: GivenHost,
  context: ResolutionContext,
): Promise<Outcome<HostSettings>> {
  return resolve(name, given, context, 0);
}

async function resolve(
  name: string,
  given: GivenHost,
  context: ResolutionContext,
  depth: number,
): Promise<Outcome<HostSettings>> {
  if (depth > longestChain) {
    return bad('configuration', `the jump hosts of ${name} lead to each other, or are more than ${longestChain}`, {
      remedy: 'look for a ProxyJump in a `Host *` block of ssh_config that applies to the jump host itself',
    });
  }
  const options = await context.readOptions(name, given);
  if (!options.ok) return options;
  const jump = await resolveChain(name, given, options.value, context, depth);
  if (!jump.ok) return jump;
  const tokens = tokenValues(name, options.value, context);
  const identityFiles = identityFilesOf(given, options.value, context, tokens);
  if (!identityFiles.ok) return identityFiles;
  const knownHostsFiles = knownHostsFilesOf(given, options.value, context, tokens);
  if (!knownHostsFiles.ok) return knownHostsFiles;
  const agentSocket = agentSocketOf(options.value, context, tokens);
  if (!agentSocket.ok) return agentSocket;
  const hostKeyAlgorithms = hostKeyAlgorithmsOf(name, options.value);
  if (!hostKeyAlgorithms.ok) return hostKeyAlgorithms;
  return good({
    name,
    address: options.value.hostName,
    port: options.value.port,
    user: options.value.user,
    identityFiles: identityFiles.value,
    identitiesOnly: given.identitiesOnly ?? options.value.identitiesOnly,
    agentSocket: agentSocket.value,
    knownHostsFiles: knownHostsFiles.value,
    ...(hostKeyAlgorithms.value === undefined ? {} : {hostKeyAlgorithms: hostKeyAlgorithms.value}),
    ...(options.value.hostKeyAlias === undefined ? {} : {hostKeyAlias: options.value.hostKeyAlias}),
    jump: jump.value,
  });
}

/**
 * As `ssh -J a,b` does it: b is reached through a whatever ssh_config says of b, and only a's own ProxyJump is followed. The chain comes out
 * flat, nearest first.
 */
async function resolveChain(
  name: string,
  given: GivenHost,
  options: SshOptions,
  context: ResolutionContext,
  depth: number,
): Promise<Outcome<HostSettings[]>> {
  const hops = (given.jump ?? [options.proxyJump ?? 'none']).flatMap(splitChain);
  if (
    given.jump === undefined &&
    hops.length === 0 &&
    options.proxyCommand !== undefined &&
    options.proxyCommand.toLowerCase() !== 'none'
  ) {
    return bad('configuration', `ssh_config reaches ${name} through a ProxyCommand, which pgaf does not run`, {
      remedy: 'use ProxyJump in ssh_config, or give `jump: [host]` or `jump: none` in the configuration',
      detail: `ProxyCommand ${options.proxyCommand}`,
    });
  }
  const chain: HostSettings[] = [];
  for (const [index, text] of hops.entries()) {
    const hop = parseHop(text);
    if (hop === undefined) {
      return bad('configuration', `the jump host \`${text}\` of ${name} is not understood`, {
        remedy: 'expected [user@]host[:port]',
      });
    }
    const configured = context.givenOf?.(hop.destination) ?? {};
    const hopGiven: GivenHost = {
      ...configured,
      user: hop.user ?? configured.user,
      port: hop.port ?? configured.port,
      jump: index === 0 ? configured.jump : ['none'],
    };
    const settings = await resolve(hop.destination, hopGiven, context, depth + 1);
    if (!settings.ok) return settings;
    chain.push(...settings.value.jump, {...settings.value, jump: []});
  }
  return good(chain);
}

function tokenValues(name: string, options: SshOptions, context: ResolutionContext): TokenValues {
  return {
    hostName: options.hostName,
    destination: name,
    port: options.port,
    user: options.user,
    localUser: context.localUser,
    homeDirectory: context.accountHome,
    hostKeyAlias: options.hostKeyAlias ?? name,
    environment: context.environment,
  };
}

function identityFilesOf(
  given: GivenHost,
  options: SshOptions,
  context: ResolutionContext,
  tokens: TokenValues,
): Outcome<string[]> {
  if (given.identityFiles !== undefined) return good(given.identityFiles.map(file => ownPath(file, context)));
  const configured = options.identityFiles.filter(file => file.toLowerCase() !== 'none');
  if (configured.length > 0) return expandAll(configured, tokens);
  if (options.identityFiles.length > 0) return good([]);
  return good(
    ['id_ed25519', 'id_ecdsa', 'id_rsa']
      .map(file => path.join(context.accountHome, '.ssh', file))
      .filter(file => existsSync(file)),
  );
}

function knownHostsFilesOf(
  given: GivenHost,
  options: SshOptions,
  context: ResolutionContext,
  tokens: TokenValues,
): Outcome<string[]> {
  if (given.knownHostsFiles !== undefined) return good(given.knownHostsFiles.map(file => ownPath(file, context)));
  const configured = [...options.userKnownHostsFiles, ...options.globalKnownHostsFiles];
  return expandAll(
    configured.filter(file => file.toLowerCase() !== 'none'),
    tokens,
  );
}

function agentSocketOf(
  options: SshOptions,
  context: ResolutionContext,
  tokens: TokenValues,
): Outcome<string | undefined> {
  const configured = options.identityAgent ?? 'SSH_AUTH_SOCK';
  if (configured.toLowerCase() === 'none') return good(undefined);
  const variable = configured === 'SSH_AUTH_SOCK' ? configured : /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(configured)?.[1];
  if (variable === undefined) return expandPath(configured, tokens);
  const socket = context.environment[variable];
  return good(socket === '' ? undefined : socket);
}

/** ssh's list reduced to what can be verified; certificates and security keys are left out silently, as long as something remains. */
function hostKeyAlgorithmsOf(name: string, options: SshOptions): Outcome<string[] | undefined> {
  if (options.hostKeyAlgorithms === undefined) return good(undefined);
  const supported = options.hostKeyAlgorithms.filter(algorithm => supportedHostKeyAlgorithms.includes(algorithm));
  if (supported.length > 0) return good(supported);
  return bad(
    'algorithms',
    `ssh_config allows ${name} only host keys that pgaf cannot verify: ${options.hostKeyAlgorithms.join(', ')}`,
    {
      remedy: `add one of ${supportedHostKeyAlgorithms.join(', ')} to HostKeyAlgorithms`,
    },
  );
}

function expandAll(paths: readonly string[], tokens: TokenValues): Outcome<string[]> {
  const expanded: string[] = [];
  for (const text of paths) {
    const outcome = expandPath(text, tokens);
    if (!outcome.ok) return outcome;
    expanded.push(path.resolve(outcome.value));
  }
  return good(expanded);
}

function ownPath(file: string, context: ResolutionContext): string {
  return path.resolve(context.directory, file.replace(/^~(?=\/|$)/, context.homeDirectory));
}
