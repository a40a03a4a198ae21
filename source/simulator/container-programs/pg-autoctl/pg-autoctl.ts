import type {ContainerPlace, SimulatedProcess} from '../../program.ts';
import {outputOf} from '../output.ts';
import {type AutoctlCommand, createCommand, exitCode} from './autoctl-command.ts';
import {parseAutoctl} from './autoctl-options.ts';
import {dropNode} from './drop-node.ts';
import {config, showFile, status, version} from './local.ts';
import {disableMaintenance, enableMaintenance} from './maintenance.ts';
import {
  getNodeSetting,
  getNumberSyncStandbys,
  setCandidatePriority,
  setNumberSyncStandbys,
  setReplicationQuorum,
} from './node-settings.ts';
import {performFailover, performPromotion} from './perform.ts';
import {reload, restartService} from './service.ts';
import {showEvents, showSettings, showStandbyNames, showState, showUri} from './show.ts';

/** pg_autoctl 2.0 as an operator uses it; what waits, waits in simulated time and follows the monitor's notifications. */
export async function pgAutoctl(process: SimulatedProcess, place: ContainerPlace): Promise<number> {
  const output = outputOf(process);
  const line = parseAutoctl(process.argv);
  if ('mistake' in line) {
    await output.error(`${line.mistake}\n${usage}`);
    return exitCode.badArguments;
  }
  const container = place.world.containers(place.host).find(each => each.name === place.container);
  if (container === undefined) return exitCode.internal;
  const command = createCommand(process, place, container, line);
  if (line.options.has('version')) return version(command);
  if (line.options.has('help') || line.words.length === 0 || line.words[0] === 'help') {
    await output.error(usage);
    return line.words.length === 0 && !line.options.has('help') ? exitCode.badArguments : exitCode.ok;
  }
  if (line.options.has('watch') || line.words[0] === 'watch') {
    if (line.options.has('local')) await command.log('ERROR', 'Please use either --local or --watch, but not both');
    else await command.log('FATAL', 'The embedded cluster has no full-screen programs');
    return exitCode.badArguments;
  }
  const chosen = [3, 2, 1]
    .map(count => commands.get(line.words.slice(0, count).join(' ')))
    .find(each => each !== undefined);
  if (chosen !== undefined) return chosen(command);
  if (elsewhere.includes(line.words[0] ?? '')) {
    await command.log('FATAL', 'The embedded cluster does not know this command');
    return exitCode.badArguments;
  }
  await output.error(`pg_autoctl: unknown command\n${usage}`);
  return exitCode.badArguments;
}

const commands = new Map<string, (command: AutoctlCommand) => Promise<number>>(
  Object.entries({
    status,
    version,
    'show state': showState,
    'show events': showEvents,
    'show settings': showSettings,
    'show uri': showUri,
    'show standby-names': showStandbyNames,
    'show file': showFile,
    'config get': (command: AutoctlCommand) => config(command, command.line.words.slice(1)),
    'config check': (command: AutoctlCommand) => config(command, command.line.words.slice(1)),
    'perform failover': performFailover,
    'perform switchover': performFailover,
    'perform promotion': performPromotion,
    'enable maintenance': enableMaintenance,
    'disable maintenance': disableMaintenance,
    'get node candidate-priority': (command: AutoctlCommand) => getNodeSetting(command, 'candidate-priority'),
    'get node replication-quorum': (command: AutoctlCommand) => getNodeSetting(command, 'replication-quorum'),
    'get formation number-sync-standbys': getNumberSyncStandbys,
    'get formation settings': showSettings,
    'set node candidate-priority': (command: AutoctlCommand) => setCandidatePriority(command, command.line.words[3]),
    'set node replication-quorum': (command: AutoctlCommand) => setReplicationQuorum(command, command.line.words[3]),
    'set formation number-sync-standbys': (command: AutoctlCommand) =>
      setNumberSyncStandbys(command, command.line.words[3]),
    'drop node': dropNode,
    reload,
    'do service restart': restartService,
  }),
);

/** Commands that pg_autoctl has and the embedded cluster has not. */
const elsewhere = [
  'create',
  'drop',
  'config',
  'show',
  'enable',
  'disable',
  'get',
  'set',
  'perform',
  'run',
  'stop',
  'do',
  'activate',
];

const usage = `pg_autoctl: pg_auto_failover control tools and service
usage: pg_autoctl [ --verbose --quiet ]

Available commands:
pg_autoctl
+ show     Show pg_auto_failover information
+ get      Get a pg_auto_failover node, or formation setting
+ set      Set a pg_auto_failover node, or formation setting
+ perform  Perform an action orchestrated by the monitor
+ enable   Enable a feature on a formation
+ disable  Disable a feature on a formation
+ drop     Drop a pg_auto_failover node, or formation
+ config   Manages the pg_autoctl configuration
  status   Display the current status of the pg_autoctl service
  version  print pg_autoctl version

`;
