import {spawn} from 'node:child_process';
import type {Readable} from 'node:stream';
import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {GivenOptions, SshOptions, SshOptionsReader} from './ssh-options.ts';

/** `configFile` stands for ssh's -F: that file alone instead of the user's and the system's. */
export type SshClient = {command?: string; configFile?: string | undefined; deadlineMs?: number};

/**
 * Asks OpenSSH's own client (`ssh -G`), which knows Include, Match and tokens exactly. As with ssh itself, a `Match exec` of the user's
 * configuration is run. Gives undefined where there is no such client.
 */
export async function sshClientReader(client: SshClient): Promise<SshOptionsReader | undefined> {
  const defaults = await ask({...client, configFile: 'none'}, 'localhost', {});
  if (!defaults.ok) return undefined;
  const unconfigured = readLines(defaults.value);
  return async (destination, given) => {
    const answer = await ask(client, destination, given);
    if (!answer.ok) return answer;
    return good(optionsOf(readLines(answer.value), unconfigured));
  };
}

function ask(client: SshClient, destination: string, given: GivenOptions): Promise<Outcome<string>> {
  const argv = ['-G', ...(client.configFile === undefined ? [] : ['-F', client.configFile])];
  if (given.user !== undefined) argv.push('-l', given.user);
  if (given.port !== undefined) argv.push('-p', String(given.port));
  if (given.address !== undefined) argv.push('-o', `HostName=${given.address.replaceAll('%', '%%')}`);
  argv.push('--', destination);
  const deadlineMs = client.deadlineMs ?? 5000;
  const {promise, resolve} = Promise.withResolvers<Outcome<string>>();
  // A process group of its own, without the terminal: a `Match exec` can ask nobody, and is ended together with ssh.
  const child = spawn(client.command ?? 'ssh', argv, {stdio: ['ignore', 'pipe', 'pipe'], detached: true});
  const [output, words] = [collect(child.stdout), collect(child.stderr)];
  const deadline = setTimeout(() => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
    resolve(
      bad('configuration', `\`ssh -G ${destination}\` did not answer within ${deadlineMs / 1000} s`, {
        remedy: 'look for a `Match exec` in ~/.ssh/config that waits for something',
      }),
    );
  }, deadlineMs);
  child.on('error', error => resolve(bad('configuration', `ssh cannot be run: ${error.message}`)));
  child.on('close', exitCode => resolve(exitCode === 0 ? good(output()) : refused(destination, words().trim())));
  return promise.finally(() => clearTimeout(deadline));
}

function collect(stream: Readable): () => string {
  const chunks: string[] = [];
  stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}

function refused(destination: string, words: string): Outcome<string> {
  const firstLine = words.split('\n')[0];
  return bad('configuration', `ssh_config cannot be read for ${destination}: ${firstLine || 'ssh -G failed'}`, {
    remedy: `correct what \`ssh -G ${destination}\` complains about`,
    ...(words === '' ? {} : {detail: words}),
  });
}

type Lines = ReadonlyMap<string, readonly string[]>;

/** `keyword value` lines; a keyword may come several times. */
function readLines(text: string): Lines {
  const lines = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space < 0) continue;
    const keyword = line.slice(0, space).toLowerCase();
    lines.set(keyword, [...(lines.get(keyword) ?? []), line.slice(space + 1)]);
  }
  return lines;
}

function optionsOf(lines: Lines, unconfigured: Lines): SshOptions {
  const first = (keyword: string) => lines.get(keyword)?.[0];
  /** ssh prints its defaults like anything else: what it prints without any configuration was not configured. */
  const configured = (keyword: string) => {
    const values = lines.get(keyword);
    return values?.join('\n') === unconfigured.get(keyword)?.join('\n') ? undefined : values;
  };
  return {
    hostName: first('hostname') ?? '',
    port: Number(first('port') ?? 22),
    user: first('user') ?? '',
    identityFiles: [...(configured('identityfile') ?? [])],
    identitiesOnly: first('identitiesonly') === 'yes',
    identityAgent: first('identityagent'),
    userKnownHostsFiles: separatePaths(first('userknownhostsfile') ?? ''),
    globalKnownHostsFiles: separatePaths(first('globalknownhostsfile') ?? ''),
    hostKeyAlgorithms: configured('hostkeyalgorithms')?.[0]?.split(','),
    hostKeyAlias: first('hostkeyalias'),
    proxyJump: first('proxyjump'),
    proxyCommand: first('proxycommand'),
  };
}

/** ssh prints several paths on one line without quotes; a space inside of a path is told from a separator by what begins after it. */
function separatePaths(text: string): string[] {
  const paths = text.split(/ (?=[/~%$])/).filter(path => path !== '');
  return paths.length === 1 && !/^[/~%$]/.test(text) ? text.split(' ') : paths;
}
