import {actionKinds} from '../actions/registry.ts';
import type {Problem} from '../cluster/problem.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import {type Arguments, parseArguments, unknownCommand} from './arguments.ts';
import {commandsCalled, fixedWords} from './command-list.ts';
import {configurationStatus, problemStatus, usageStatus} from './exit-status.ts';
import {helpText} from './help.ts';
import {processIo} from './process-io.ts';

declare const PGAF_VERSION: string;

/** Runs the command that argv asks for; resolves with the exit status. `program` is the file that runs, for those who start it again in a thread. */
export async function main(argv: readonly string[], program: URL): Promise<number> {
  // Asked by the scripts of `pgaf completion`: words of another command line, which are not this one's.
  if (argv[0] === 'complete' && argv[1] === '--') {
    const {completionLines} = await import('./completion.ts');
    return print((await completionLines(argv.slice(2))).join('\n'));
  }
  const parsed = parseArguments(argv, PGAF_VERSION);
  if (!parsed.ok) return complain(parsed.problem, usageStatus);
  const {words, flags} = parsed.value;
  if (flags.help) return print(helpText());
  if (flags.version) return print(PGAF_VERSION);
  const entries = commandsCalled(words);
  if (entries.length === 0 || entries.some(({action}) => action !== undefined)) return act(parsed.value);
  const command = words.join(' ');
  if (['shell', 'psql', 'autoctl', 'exec'].includes(words[0] ?? '')) return openSession(parsed.value);
  if (words[0] === 'drill') return openDrill(words.slice(1), flags, program);
  switch (command) {
    case '':
      return openConsole(flags);
    case 'demo':
      return openDemo(flags, program);
    case 'scenarios': {
      const {scenarioList} = await import('./find-scenario.ts');
      return print(scenarioList().join('\n'));
    }
    case 'status':
    case 'events':
      return lookAtCluster(command, flags);
    case 'audit':
      return withCluster(flags, async cluster => {
        const {audit} = await import('./audit.ts');
        const {auditFileOf} = await import('./audit-edge.ts');
        return audit(auditFileOf(cluster, process.env), flags, processIo());
      });
    case 'bootstrap':
      return withCluster(flags, async cluster => {
        const {bootstrap} = await import('./bootstrap.ts');
        const {auditEdge} = await import('./audit-edge.ts');
        return bootstrap(cluster, flags, processIo(), auditEdge(cluster, process.env));
      });
    default:
      return words[0] === 'completion' ? completion(words[1] ?? '') : configuration(command, flags);
  }
}

type Flags = Arguments['flags'];

async function openDemo(flags: Flags, program: URL): Promise<number> {
  if (!isTerminal()) return complain(noTerminal, usageStatus);
  const {demo} = await import('./demo.ts');
  const outcome = await demo(flags, program);
  return outcome.ok ? outcome.value : complain(outcome.problem, problemStatus(outcome.problem));
}

async function openDrill(names: readonly string[], flags: Flags, program: URL): Promise<number> {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    const remedy = 'pgaf scenarios lists them';
    return complain({kind: 'configuration', message: 'a drill needs the name of one scenario', remedy}, usageStatus);
  }
  if (!isTerminal()) return complain(noTerminal, usageStatus);
  const {drill} = await import('./drill.ts');
  const outcome = await drill(name, flags, program);
  return outcome.ok ? outcome.value : complain(outcome.problem, problemStatus(outcome.problem));
}

const noTerminal: Problem = {
  kind: 'configuration',
  message: 'the console needs a terminal, and this is not one',
  remedy: 'from a script use `pgaf status`; over ssh use `ssh -t`',
};

function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

async function openConsole(flags: Flags): Promise<number> {
  if (!isTerminal()) return complain(noTerminal, usageStatus);
  const {consoleCommand} = await import('./console.ts');
  return withCluster(flags, async cluster => {
    const kinds = await kindsOf(cluster);
    if (!kinds.ok) return complain(kinds.problem, configurationStatus);
    const {auditEdge} = await import('./audit-edge.ts');
    const {readOnly, color, logFile} = flags;
    return consoleCommand(cluster, {
      ...{readOnly, color, logFile, kinds: kinds.value},
      ...auditEdge(cluster, process.env),
    });
  });
}

/** The words of an action of pgaf's own, or of the cluster's. */
async function act({words, flags, actionOptions}: Arguments): Promise<number> {
  const {actKindOf, act: run} = await import('./act.ts');
  const known = commandsCalled(words).length > 0;
  const own = actKindOf(words, actionOptions, actionKinds);
  // What is wrong with the words is said before any configuration is asked for.
  if (known && !own.ok) return complain(own.problem, usageStatus);
  const {loadCluster} = await import('../config/load-cluster.ts');
  const cluster = await loadCluster(flags);
  if (!cluster.ok) {
    return known ? complain(cluster.problem, configurationStatus) : complain(unknownCommand(words), usageStatus);
  }
  const kinds = await kindsOf(cluster.value);
  if (!kinds.ok) return complain(kinds.problem, configurationStatus);
  if (!kinds.value.some(kind => fixedWords(kind.usage)[0] === words[0]))
    return complain(unknownCommand(words), usageStatus);
  const asked = own.ok ? own : actKindOf(words, actionOptions, kinds.value);
  if (!asked.ok) return complain(asked.problem, usageStatus);
  const {auditEdge} = await import('./audit-edge.ts');
  return run(cluster.value, asked.value, flags, processIo(), auditEdge(cluster.value, process.env));
}

async function kindsOf(cluster: ClusterConfiguration) {
  const {kindsOfCluster} = await import('./cluster-kinds.ts');
  return kindsOfCluster(cluster);
}

async function lookAtCluster(command: 'status' | 'events', flags: Flags): Promise<number> {
  return withCluster(flags, async cluster => {
    const io = processIo();
    if (command === 'status') {
      const {status} = await import('./status.ts');
      return status(cluster, flags, io);
    }
    const {events} = await import('./events.ts');
    return events(cluster, flags, io);
  });
}

async function openSession({words, argv, flags}: Arguments): Promise<number> {
  return withCluster(flags, async cluster => {
    const {sessionCommand} = await import('./session.ts');
    const {auditEdge} = await import('./audit-edge.ts');
    const given = {words, argv, write: flags.write, terminal: flags.tty};
    const {status, problem} = await sessionCommand(cluster, given, auditEdge(cluster, process.env).recordSession);
    return problem === undefined ? status : complain(problem, status);
  });
}

async function completion(shell: string): Promise<number> {
  const {completionScript} = await import('./completion.ts');
  const script = completionScript(shell);
  if (script !== undefined) return print(script);
  const message = shell === '' ? 'completion for which shell?' : `there is no completion for ${shell}`;
  return complain({kind: 'configuration', message, remedy: 'it is pgaf completion bash, zsh or fish'}, usageStatus);
}

async function configuration(command: string, flags: Flags): Promise<number> {
  const {configCommand} = await import('./config.ts');
  return configCommand(command, flags);
}

async function withCluster(flags: Flags, run: (cluster: ClusterConfiguration) => Promise<number>): Promise<number> {
  const {loadCluster} = await import('../config/load-cluster.ts');
  const cluster = await loadCluster(flags);
  return cluster.ok ? run(cluster.value) : complain(cluster.problem, configurationStatus);
}

/** One line of what is wrong and one of what to do, on standard error. */
function complain(problem: Problem, exitStatus: number): number {
  const lines = [
    `pgaf: ${problem.message}`,
    ...(problem.detail?.split('\n') ?? []),
    ...(problem.remedy === undefined ? [] : [problem.remedy]),
  ];
  process.stderr.write(`${lines.map(sanitizeLine).join('\n  ')}\n`);
  return exitStatus;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
