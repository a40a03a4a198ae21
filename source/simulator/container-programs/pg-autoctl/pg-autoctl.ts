import type {ContainerPlace, SimulatedProcess} from '../../program.ts';
import {outputOf} from '../output.ts';
import {dataDirectory, userId} from '../places.ts';
import {type AutoctlCommand, createCommand, exitCode} from './autoctl-command.ts';
import {parseAutoctl} from './autoctl-options.ts';
import {dropNode} from './drop-node.ts';
import {configCheck, configGet, showFile, status, version} from './local.ts';
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
import {commandsText, helpText, knownWords} from './usage.ts';

/** pg_autoctl 2.0 as an operator uses it; what waits, waits in simulated time and follows the monitor's notifications. */
export async function pgAutoctl(process: SimulatedProcess, place: ContainerPlace): Promise<number> {
  const output = outputOf(process);
  const line = parseAutoctl(process.argv);
  const container = place.world.containers(place.host).find(each => each.name === place.container);
  if (container === undefined) return exitCode.internal;
  const known = knownWords(line.words);
  const command = createCommand(process, place, container, line);
  if (line.mistake !== undefined) {
    await output.error(`${known.at(-1) ?? 'pg_autoctl'}: ${line.mistake}\n${helpText(known)}`);
    return exitCode.badArguments;
  }
  if (line.options.has('version')) return version(command);
  if (line.options.has('help') || line.words[0] === 'help') {
    await output.error(helpText(known));
    return exitCode.ok;
  }
  if (process.user !== undefined && process.user.id !== userId && !line.options.has('monitor')) {
    // pg_autoctl keeps its configuration in the home of whoever created the node.
    const home = process.environment.HOME === '/' ? '' : process.environment.HOME;
    const file = `${home}/.config/pg_autoctl${dataDirectory}/pg_autoctl.cfg`;
    await command.log('ERROR', `Failed to read configuration file "${file}"`);
    await command.log('FATAL', `Unrecognized configuration file "${file}"`);
    return exitCode.internal;
  }
  if (line.options.has('watch') || line.words[0] === 'watch') {
    if (line.options.has('local')) await command.log('ERROR', 'Please use either --local or --watch, but not both');
    else await command.log('FATAL', 'The embedded cluster has no full-screen programs');
    return exitCode.badArguments;
  }
  const run = commands.get(known.join(' '));
  const argument = line.words[known.length];
  if (run !== undefined && known[0] === 'set' && argument === undefined) {
    await command.log('ERROR', 'Failed to parse command line arguments: got 0 when 1 is expected');
    await output.error(helpText(known));
    return exitCode.badArguments;
  }
  if (run !== undefined) return run({...command, argument});
  const internal = known[0] === 'do' && argument !== undefined;
  if (internal || elsewhere.includes(line.words.slice(0, known.length + 1).join(' '))) {
    await command.log('FATAL', 'The embedded cluster does not know this command');
    return exitCode.badArguments;
  }
  const group = ['pg_autoctl', ...known].join(' ');
  await output.error(
    `${group}: ${argument === undefined ? 'expected a command' : `${argument}: unknown command`}\n${commandsText(known)}`,
  );
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
    'config get': configGet,
    'config check': configCheck,
    'perform failover': performFailover,
    'perform switchover': performFailover,
    'perform promotion': performPromotion,
    'enable maintenance': enableMaintenance,
    'disable maintenance': disableMaintenance,
    'get node candidate-priority': (command: AutoctlCommand) => getNodeSetting(command, 'candidate-priority'),
    'get node replication-quorum': (command: AutoctlCommand) => getNodeSetting(command, 'replication-quorum'),
    'get formation number-sync-standbys': getNumberSyncStandbys,
    'get formation settings': showSettings,
    'set node candidate-priority': setCandidatePriority,
    'set node replication-quorum': setReplicationQuorum,
    'set formation number-sync-standbys': setNumberSyncStandbys,
    'drop node': dropNode,
    reload,
    'do service restart': restartService,
  }),
);

/** Commands that pg_autoctl has and the embedded cluster has not. */
const elsewhere = [
  'create',
  'run',
  'stop',
  'activate',
  'drop monitor',
  'drop formation',
  'config set',
  'show systemd',
  ...['secondary', 'ssl', 'monitor'].flatMap(what => [`enable ${what}`, `disable ${what}`]),
  'set node metadata',
];
