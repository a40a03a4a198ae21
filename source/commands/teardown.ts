import {mayRun, openAction, refusedRun} from '../actions/action-run.ts';
import type {DesiredCluster} from '../bootstrap/desired-cluster.ts';
import {type Remains, remainsOn} from '../bootstrap/remains.ts';
import {leftLines, teardown} from '../bootstrap/teardown.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import type {Collector} from '../console/collect.ts';
import {actionStatus} from './act.ts';
import {actionDocument} from './action-document.ts';
import {outcomeLine, planLines} from './action-text.ts';
import type {CommandIo} from './command-io.ts';
import {confirmOnTerminal} from './confirm-on-terminal.ts';
import {unreachableStatus, usageStatus} from './exit-status.ts';
import {type ActRecord, followAction, situationsOf} from './follow-action.ts';

export type TeardownOptions = {
  teardown: string;
  plan: boolean;
  yes: boolean;
  force: boolean;
  readOnly: boolean;
  json: boolean;
};

const done = 0;
const failed = 1;
const refused = 4;

/** What it works with: the cluster that is described, and how it is reached. */
export type TeardownWork = {
  cluster: DesiredCluster;
  configuration: ClusterConfiguration;
  collector: Collector;
  record: ActRecord;
};

/**
 * `pgaf bootstrap --teardown CLUSTER`: says what would go, asks for the cluster's name on the terminal (`--yes` takes the one on the command
 * line for it), and takes it away. 1: something is left on a host that cannot be reached.
 */
export async function teardownCommand(
  {cluster, configuration, collector, record}: TeardownWork,
  options: TeardownOptions,
  io: CommandIo,
): Promise<number> {
  const say = (lines: readonly string[]) => io.stderr(lines.map(line => `${line}\n`).join(''));
  if (options.teardown !== cluster.name) {
    say([`pgaf: the configuration describes ${cluster.name}, not ${options.teardown}: nothing was changed`]);
    return usageStatus;
  }
  const look = (): Promise<readonly Remains[]> =>
    Promise.all(configuration.hosts.map(host => remainsOn(cluster, host, collector.host(host.name))));
  const remains = await look();
  const isAway = remains.some(({unreachable}) => unreachable !== undefined);
  if (remains.every(({unreachable}) => unreachable !== undefined)) {
    say(leftLines(cluster, remains));
    return unreachableStatus;
  }
  const situation = situationsOf(configuration, collector);
  const action = teardown(cluster, remains);
  const identity = action.identity(situation());
  const opened = openAction(action, situation(), options.force);
  const refuse = (reason: string) => {
    record.record(refusedRun(opened, `${reason}; nothing was changed`));
    return refused;
  };
  if (options.json && options.plan) io.stdout(`${JSON.stringify(actionDocument(opened), null, 2)}\n`);
  if (!mayRun(opened)) {
    say([...leftLines(cluster, remains), `Nothing to do: nothing else is left of ${cluster.name}.`]);
    return isAway ? failed : done;
  }
  say([...planLines(opened, situation()), ...leftLines(cluster, remains)]);
  if (options.plan) return done;
  if (options.readOnly) {
    say(['pgaf: read-only: nothing was changed']);
    return refuse('read-only');
  }
  const answer = options.yes ? 'yes' : await confirmOnTerminal(cluster.name);
  if (answer === 'nobody') {
    say(['pgaf: nobody is there to confirm it: give --yes. Nothing was changed.']);
    return refused;
  }
  if (answer === 'no') {
    say(['Not confirmed. Nothing was changed.']);
    return refuse('it was not confirmed');
  }
  if (io.signal.aborted) {
    say(['Interrupted. Nothing was changed.']);
    return refuse('it was interrupted');
  }
  const run = await followAction(opened, identity, situation, collector, record, io);
  if (options.json) io.stdout(`${JSON.stringify(actionDocument(run), null, 2)}\n`);
  say([...outcomeLine(run), ...leftLines(cluster, await look())]);
  const status = actionStatus[run.outcome?.kind ?? 'unknown'];
  return status === done && isAway ? failed : status;
}
