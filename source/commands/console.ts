import {randomUUID} from 'node:crypto';
import type {ActionKind} from '../actions/action.ts';
import type {ActionRun} from '../actions/action-run.ts';
import type {Operator} from '../actions/operator.ts';
import type {ClusterTime} from '../cluster/cluster-time.ts';
import type {Outcome} from '../cluster/problem.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import type {RunningConsole} from '../console/console.ts';
import type {PromptCommand} from '../console/prompt.ts';
import {ownDocker} from '../docker/own-docker.ts';
import type {RecordSession} from '../session/session-record.ts';
import {terminalType} from '../session/terminal-type.ts';
import {openTerminal} from '../terminal/terminal.ts';
import {usageStatus} from './exit-status.ts';
import {openLogFile} from './log-file.ts';
import {boundYoungGeneration} from './young-generation.ts';

export type ConsoleOptions = {
  readOnly: boolean;
  color: boolean;
  logFile: string | undefined;
  /** The actions that can be started; pgaf's own when not given. */
  kinds?: readonly ActionKind[];
  /** The time of an embedded cluster. */
  time?: () => ClusterTime | undefined;
  operator: Operator;
  /** Writes runs of actions down. */
  record(run: ActionRun): Outcome<void>;
  /** Writes sessions in containers down. */
  recordSession: RecordSession;
  /** Commands of the prompt beside the console's own. */
  commands?: readonly PromptCommand[];
  /** Called when the console is on the screen. */
  opened?(running: RunningConsole): void;
  /** What the console looks at has ended, and the console with it. */
  ended?: Promise<unknown>;
};

/** `pgaf`: opens the console and resolves with the exit status when the person has left it. */
export async function consoleCommand(cluster: ClusterConfiguration, options: ConsoleOptions): Promise<number> {
  const log = openLogFile(options.logFile, process.env);
  const leave = Promise.withResolvers<void>();
  let press: Parameters<typeof openTerminal>[0]['onKey'] = () => {};
  const terminal = openTerminal({
    environment: process.env,
    colour: options.color,
    onKey: event => press(event),
    onGone: () => leave.resolve(),
    onCrash: error =>
      log.write('error', 'crash', error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  if (terminal === undefined) {
    process.stderr.write(
      'pgaf: the console needs a terminal, and this is not one\n  from a script use `pgaf status`; over ssh use `ssh -t`\n',
    );
    return usageStatus;
  }
  log.write('info', 'start', `cluster ${cluster.name}, ${terminal.screen.columns}x${terminal.screen.rows}`);
  // Loaded before anything is started, so that the first frame is on its way before the first host is connected to.
  const {startScreens} = await import('../screens/start-screens.ts');
  const {startConsole} = await import('../console/console.ts');
  const running = startConsole(cluster, {
    now: Date.now,
    random: Math.random,
    readOnly: options.readOnly,
    ...(options.kinds === undefined ? {} : {kinds: options.kinds}),
    copy: text => terminal.screen.copy(text),
    bootstrap: async (...about) =>
      (await import('../console/bootstrap-page.ts')).bootstrapPage(...about, ownDocker(process.env)),
    ...(options.time === undefined ? {} : {time: options.time}),
    operator: options.operator,
    record: run => options.record(run),
    recordSession: options.recordSession,
    ...(options.commands === undefined ? {} : {commands: options.commands}),
    loan: {lend: use => terminal.lend(use), type: terminalType(process.env.TERM), newMark: randomUUID},
  });
  press = event => running.press(event);
  const unlog = log.follow(running.store);
  const screens = startScreens({console: running, terminal});
  const unbound = boundYoungGeneration();
  options.opened?.(running);
  await Promise.race([running.left, leave.promise, ...(options.ended === undefined ? [] : [options.ended])]);
  screens.stop();
  terminal.close();
  unlog();
  unbound();
  // A host that does not answer must not hold the person who wants to leave.
  await Promise.race([running.close(), new Promise(resolve => setTimeout(resolve, 500).unref())]);
  log.write('info', 'end', '');
  log.close();
  return 0;
}
