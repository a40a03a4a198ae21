import {constants} from 'node:fs';
import {access, mkdir, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {errorText, good, type Outcome} from '../cluster/problem.ts';
import {defaultImage} from '../config/configuration-schema.ts';
import {type ClusterDraft, configurationText} from '../config/configuration-text.ts';
import {personalConfiguration} from '../config/find-configuration.ts';
import {type LoadOptions, loadConfiguration} from '../config/load-configuration.ts';
import {parseConfiguration} from '../config/parse-configuration.ts';
import type {GivenHost} from '../config/resolve-host.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import type {HostSettings} from '../ssh/host-settings.ts';
import type {CommandIo} from './command-io.ts';
import {checkCluster, checkStatus} from './config-check.ts';
import type {ConnectionEdges} from './connection-edges.ts';
import type {Dialog} from './dialog.ts';
import {usageStatus} from './exit-status.ts';
import {askForBootstrap} from './init-bootstrap.ts';
import {askForHost, type FoundHost} from './init-host.ts';
import {keptConnections} from './kept-connections.ts';
import {DialogEnded, type Questions, questions} from './questions.ts';

/** What `config init` needs: where files are, the names that ssh_config offers, and how a host is resolved and tried. */
export type InitEnvironment = {
  load: LoadOptions;
  aliases: readonly string[];
  resolve(name: string, given: GivenHost): Promise<Outcome<HostSettings>>;
  edges: ConnectionEdges;
  /** undefined: nobody is there to answer (standard input is not a terminal). */
  dialog: Dialog | undefined;
};

/** As of a program that ctrl-C ended. */
const interruptedStatus = 130;

/**
 * `pgaf config init`: asks for the cluster and its hosts, tries to reach each and looks for its containers, writes a commented file
 * that only its owner can read, then checks it, unless it is still to be made. Exit status: that of the check; 64 without a terminal, 130 after ctrl-C, 1 when the file
 * could not be written. Before the last answer nothing is written.
 */
export async function configInit(
  io: Pick<CommandIo, 'stdout' | 'stderr'>,
  environment: InitEnvironment,
): Promise<number> {
  const {dialog} = environment;
  if (dialog === undefined) {
    io.stderr(
      'pgaf: config init asks questions, and standard input is not a terminal\n  -> over ssh use `ssh -t`; or copy config/cluster.example.yaml and edit it\n',
    );
    return usageStatus;
  }
  const kept = keptConnections(environment.edges);
  try {
    const written = await dialogue(questions(dialog), {...environment, edges: kept.edges});
    if (!written.ok) {
      io.stderr(`pgaf: ${sanitizeLine(written.problem.message)}\n`);
      return 1;
    }
    const {file, isToBeMade} = written.value;
    if (isToBeMade) {
      dialog.say(`\nwritten to ${file}; \`pgaf bootstrap --plan\` says what it makes of that\n`);
      return 0;
    }
    dialog.say(`\nwritten to ${file}; now every connection is tried, as \`pgaf config check\` does\n`);
    const configuration = await loadConfiguration({...environment.load, file});
    if (!configuration.ok) {
      io.stderr(`pgaf: ${sanitizeLine(configuration.problem.message)}\n`);
      return 1;
    }
    const trials = [];
    for (const cluster of configuration.value.clusters)
      trials.push(...(await questions(dialog).during(checkCluster(cluster, io, kept.edges))));
    return checkStatus(trials);
  } catch (error) {
    if (!(error instanceof DialogEnded)) throw error;
    io.stderr('\nended before the end\n');
    return interruptedStatus;
  } finally {
    dialog.close();
    await kept.close();
  }
}

/** The file, and whether its cluster is still to be made. */
type Written = {file: string; isToBeMade: boolean};

async function dialogue(ask: Questions, environment: InitEnvironment): Promise<Outcome<Written>> {
  ask.say('Every question has its default in brackets, Enter takes it. ctrl-C leaves nothing behind.\n\n');
  const name = await ask.text('Name of the cluster', 'orders', answer =>
    answer === '' ? 'expected a name' : undefined,
  );
  const environmentName = await ask.text('Environment (production asks before it changes anything)', 'production');
  ask.say(`\nNow its hosts, the VMs. ${offered(environment.aliases)}\n`);
  const found = await askForHosts(ask, environment);
  const hosts = found.map(host => host.draft);
  const image = found.map(host => host.image).find(each => each !== undefined) ?? defaultImage;
  const isToBeMade = found.every(host => host.isBare) && hosts.some(host => host.monitor !== undefined);
  const nodes = hosts.filter(host => host.node !== undefined).length;
  const made = isToBeMade ? await askForBootstrap(ask, {nodes, image}) : undefined;
  const draft: ClusterDraft = {name, environment: environmentName, image, hosts, ...made};
  const text = configurationText(draft);
  ask.say(`\n${text}\n`);
  const file = await writeAway(ask, text, environment.load);
  return file.ok ? good({file: file.value, isToBeMade: made !== undefined}) : file;
}

function offered(aliases: readonly string[]): string {
  if (aliases.length === 0) return '~/.ssh/config has no names to offer: give a DNS name or an address.';
  const shown = aliases.slice(0, 12).map(sanitizeLine).join(', ');
  return `~/.ssh/config knows ${shown}${aliases.length > 12 ? ` and ${aliases.length - 12} more` : ''}; a DNS name or an address will do as well.`;
}

async function askForHosts(ask: Questions, environment: InitEnvironment): Promise<FoundHost[]> {
  const found: FoundHost[] = [];
  for (;;) {
    const taken = found.map(host => host.draft.name);
    const host = await askForHost(ask, {
      ...environment,
      number: found.length + 1,
      taken,
      monitorFound: found.some(each => each.draft.monitor !== undefined),
    });
    if (host === undefined) break;
    found.push(host);
  }
  return found;
}

/** Asks where to, and writes: first to a file beside it, so that an interruption leaves no half file. */
async function writeAway(ask: Questions, text: string, load: LoadOptions): Promise<Outcome<string>> {
  const sane = parseConfiguration(text, 'the new file');
  if (!sane.ok) return sane;
  for (;;) {
    const answer = await ask.text(
      `Write this to (${personalConfiguration(load)} serves from every folder)`,
      load.file ?? './pgaf.yaml',
    );
    const file = path.resolve(load.workingDirectory, answer.replace(/^~(?=\/|$)/, load.homeDirectory));
    if ((await exists(file)) && !(await ask.yes(`${file} is there already. Overwrite it?`, false))) continue;
    const outcome = await writeWhole(file, text);
    if (outcome === undefined) return good(file);
    ask.say(`  ${file} cannot be written: ${sanitizeLine(outcome)}\n`);
  }
}

/** undefined: written; else why not. */
async function writeWhole(file: string, text: string): Promise<string | undefined> {
  const partial = `${file}.${process.pid}.partial`;
  let begun = false;
  try {
    await mkdir(path.dirname(file), {recursive: true, mode: 0o700});
    await writeFile(partial, '', {mode: 0o600, flag: 'wx'});
    begun = true;
    await writeFile(partial, text);
    await rename(partial, file);
    return undefined;
  } catch (error) {
    if (begun) await rm(partial, {force: true});
    return errorText(error);
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}
