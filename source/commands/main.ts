import type {Problem} from '../cluster/problem.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import {type Arguments, help, parseArguments} from './arguments.ts';
import {configurationStatus, problemStatus, usageStatus} from './exit-status.ts';
import {processIo} from './process-io.ts';

declare const PGAF_VERSION: string;

/** Runs the command that argv asks for; resolves with the exit status. `program` is the file that runs, for those who start it again in a thread. */
export async function main(argv: readonly string[], program: URL): Promise<number> {
  const parsed = parseArguments(argv, PGAF_VERSION);
  if (!parsed.ok) return complain(parsed.problem, usageStatus);
  const {words, flags} = parsed.value;
  if (flags.help) return print(help);
  if (flags.version) return print(PGAF_VERSION);
  const command = words.join(' ');
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
    case 'config init':
    case 'config check':
    case 'config schema':
      return configuration(command, flags);
    default:
      return complain(
        {
          kind: 'configuration',
          message: `there is no command "${command}"`,
          remedy: 'pgaf --help lists the commands and options',
        },
        usageStatus,
      );
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
    const {kindsOfCluster} = await import('./cluster-kinds.ts');
    const kinds = kindsOfCluster(cluster);
    if (!kinds.ok) return complain(kinds.problem, configurationStatus);
    const {readOnly, color, logFile} = flags;
    const {auditEdge} = await import('./audit-edge.ts');
    return consoleCommand(cluster, {
      ...{readOnly, color, logFile, kinds: kinds.value},
      ...auditEdge(cluster, process.env),
    });
  });
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

async function configuration(command: string, flags: Flags): Promise<number> {
  const {configCommand} = await import('./config.ts');
  return configCommand(command, flags);
}

async function withCluster(
  flags: Flags,
  run: (cluster: import('../config/configuration.ts').ClusterConfiguration) => Promise<number>,
): Promise<number> {
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
