import type {ReplicationState} from '../../../cluster/replication-state.ts';
import {isoText} from '../../monitor-server/monitor-reading.ts';
import {currentStateValues, formationSettingsValues, formationUri} from '../../monitor-server/monitor-tables.ts';
import {timestampText} from '../../sql/table.ts';
import {lsnText} from '../../tables.ts';
import {monitorUri} from '../places.ts';
import {type AutoctlCommand, exitCode, groupOf, printJson, printMonitorJson} from './autoctl-command.ts';
import {columnsText} from './columns.ts';
import {monitorReached} from './monitor-link.ts';

/** `show state`: the monitor's view. */
export async function showState(command: AutoctlCommand): Promise<number> {
  if (command.line.options.has('local')) return showLocalState(command);
  if (!(await monitorReached(command))) {
    await command.log('ERROR', 'Failed to retrieve current state from the monitor');
    return exitCode.monitor;
  }
  const {monitor} = command.place.world;
  const kind = monitor.formations().find(row => row.formationid === command.formation)?.kind ?? 'pgsql';
  const group = groupOf(command);
  const rows = monitor.nodes(command.formation).filter(row => group === undefined || row.groupid === group);
  if (command.json) {
    await printMonitorJson(
      command,
      rows.map(row => currentStateValues(row, kind)),
    );
    return exitCode.ok;
  }
  const groups = monitor.nodes(command.formation).some(row => row.groupid > 0);
  await command.print(
    stateTable(
      rows.map(row => [
        row.nodename,
        groups ? `${row.groupid}/${row.nodeid}` : String(row.nodeid),
        `${row.nodehost}:${row.nodeport}`,
        position(row.reportedtli, lsnText(row.reportedlsn)),
        `${connection(row.reportedstate)}${row.health === 1 ? '' : row.health === 0 ? ' !' : ' ?'}`,
        row.reportedstate,
        row.goalstate,
      ]),
    ),
  );
  return exitCode.ok;
}

async function showLocalState(command: AutoctlCommand): Promise<number> {
  const {world, host, container} = command.place;
  const keeper = world.keeper(host, container);
  if (keeper === undefined) {
    await command.log('ERROR', 'pg_autoctl show state --local is not supported on a monitor');
    return exitCode.monitor;
  }
  const address = world.host(host)?.address ?? host;
  const lsn = lsnText(keeper.lsn);
  if (command.json) {
    await printJson(command, {
      node_id: keeper.nodeId ?? -1,
      group_id: keeper.group,
      nodename: keeper.nodeName,
      nodehost: address,
      nodeport: command.container.port,
      current_group_state: keeper.currentRole,
      assigned_group_state: keeper.assignedRole,
      timeline: keeper.timeline,
      'Minimum Recovery Ending LSN': lsn,
      reachable: 'unknown',
      conntype: connection(keeper.currentRole),
    });
    return exitCode.ok;
  }
  await command.print(
    stateTable([
      [
        keeper.nodeName,
        String(keeper.nodeId ?? ''),
        `${address}:${command.container.port}`,
        position(keeper.timeline, lsn),
        `${connection(keeper.currentRole)} ?`,
        keeper.currentRole,
        keeper.assignedRole,
      ],
    ]),
  );
  return exitCode.ok;
}

function stateTable(rows: readonly string[][]): string {
  return columnsText(
    [
      ['Name', 4],
      ['Node', 5],
      ['Host:Port', 10],
      ['TLI: LSN', 9],
      ['Connection', 12],
      ['Reported State', 19],
      ['Assigned State', 19],
    ],
    rows,
  );
}

function position(timeline: number, lsn: string): string {
  return `${String(timeline).padStart(3)}: ${lsn}`;
}

/** What a node in that state offers (nodestate_utils.c). */
function connection(state: ReplicationState): string {
  if (['single', 'wait_primary', 'primary', 'join_primary', 'apply_settings', 'prepare_maintenance'].includes(state)) {
    return 'read-write';
  }
  return readOnlyStates.includes(state) ? 'read-only' : 'none';
}

const readOnlyStates: readonly string[] = [
  'catchingup',
  'secondary',
  'prepare_promotion',
  'stop_replication',
  'wait_maintenance',
  'report_lsn',
  'fast_forward',
  'join_secondary',
];

/** `show events`. With --json and --group it fails, as pg_autoctl 2.0 to 2.2 does. */
export async function showEvents(command: AutoctlCommand): Promise<number> {
  if (!(await monitorReached(command))) return exitCode.monitor;
  const group = groupOf(command);
  const count = Math.max(0, Number(command.line.options.get('count') ?? 10) || 10);
  if (command.json && group !== undefined) {
    const events = `FROM * FROM pgautofailover.last_events($1,$2,$3) as event`;
    const query = `SELECT jsonb_pretty(coalesce(jsonb_agg(row_to_json(event)), '[]')) ${events}`;
    await command.log('ERROR', 'Monitor ERROR:  syntax error at or near "*"');
    await command.log('ERROR', `Monitor LINE 1: ...${query.slice(22, 82)}...`);
    await command.log('ERROR', `Monitor ${' '.repeat(61)}^`);
    await command.log('ERROR', `SQL query: ${query}`);
    await command.log('ERROR', `SQL params: '${command.formation}', '${group}', '${count}'`);
    await command.log('ERROR', `Failed to retrieve the last ${count} events from the monitor`);
    return exitCode.monitor;
  }
  const rows = command.place.world.monitor
    .events(0)
    .filter(row => row.formationid === command.formation && (group === undefined || row.groupid === group))
    .slice(-count);
  if (command.json) {
    await printMonitorJson(
      command,
      rows.map(row => ({...row, eventtime: isoText(row.eventtime), reportedlsn: lsnText(row.reportedlsn)})),
    );
    return exitCode.ok;
  }
  await command.print(
    columnsText(
      [
        ['Event Time', 30],
        ['Node', 6],
        ['Current State', 19],
        ['Assigned State', 19],
        ['Comment', 10],
      ],
      rows.map(row => [
        timestampText(row.eventtime),
        `${row.groupid}/${row.nodeid}`,
        row.reportedstate,
        row.goalstate,
        row.description,
      ]),
      {rule: 10},
    ),
  );
  return exitCode.ok;
}

/** `show settings`, `get formation settings`. */
export async function showSettings(command: AutoctlCommand): Promise<number> {
  if (!(await monitorReached(command))) return exitCode.monitor;
  const {world} = command.place;
  if (!isFormation(command, command.formation)) {
    const where = `from the monitor for formation "${command.formation}"`;
    await command.log('ERROR', `Failed to parse formation settings ${where}`);
    return exitCode.monitor;
  }
  const rows = formationSettingsValues(world, command.formation);
  const of = (context: string) => rows.filter(row => row.context === context);
  if (command.json) {
    await printMonitorJson(command, {formation: of('formation'), primary: of('primary'), nodes: of('node')});
    return exitCode.ok;
  }
  await command.print(
    columnsText(
      [
        ['Context', 0],
        ['Name', 0],
        ['Setting', 0],
        ['Value', 0],
      ],
      // The last kind of setting comes first.
      [
        ...of('formation'),
        ...of('primary'),
        ...of('node').toSorted((a, b) => (String(a.setting) < String(b.setting) ? -1 : 1)),
      ].map(row => [row.context, row.nodename, row.setting, row.value].map(value => String(value ?? ''))),
      'filled',
    ),
  );
  return exitCode.ok;
}

/** `show uri`. On the monitor its own comes from its files: it need not run. */
export async function showUri(command: AutoctlCommand): Promise<number> {
  const {world} = command.place;
  const wanted = command.line.options.get('formation');
  const own = command.line.options.get('monitor') ?? monitorUri(world);
  if (wanted === 'monitor') {
    await command.print(`${own}\n`);
    return exitCode.ok;
  }
  if (!(await monitorReached(command))) return exitCode.monitor;
  if (wanted !== undefined && !isFormation(command, wanted)) return exitCode.monitor;
  if (wanted !== undefined) {
    const uri = formationUri(world, wanted);
    if (command.json) await printJson(command, {monitor: own, [wanted]: uri});
    else await command.print(`${uri}\n`);
    return exitCode.ok;
  }
  const entries = [
    {type: 'monitor', name: 'monitor', uri: own},
    ...world.monitor.formations().map(({formationid}) => ({
      type: 'formation',
      name: formationid,
      uri: formationUri(world, formationid),
    })),
  ];
  if (command.json) {
    await printMonitorJson(command, entries);
    return exitCode.ok;
  }
  await command.print(
    columnsText(
      [
        ['Type', 12],
        ['Name', 7],
        ['Connection String', 0],
      ],
      entries.map(({type, name, uri}) => [type, name, uri]),
      {rule: 30},
    ),
  );
  return exitCode.ok;
}

/** `show standby-names`. */
export async function showStandbyNames(command: AutoctlCommand): Promise<number> {
  if (!(await monitorReached(command))) return exitCode.monitor;
  const group = groupOf(command) ?? 0;
  if (command.container.role !== 'monitor') {
    await command.log('INFO', `Targetting group ${group} in formation "${command.formation}"`);
  }
  const names = command.place.world.monitor.synchronousStandbyNames(command.formation, group);
  if (command.json) {
    await printJson(command, {formation: command.formation, group, synchronous_standby_names: names});
  } else {
    await command.print(`'${names}'\n`);
  }
  return exitCode.ok;
}

function isFormation({place}: AutoctlCommand, name: string): boolean {
  return place.world.monitor.formations().some(row => row.formationid === name);
}
