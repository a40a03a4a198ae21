import {canTakeWrites} from '../../cluster/replication-state.ts';
import type {Given} from '../sql/evaluate.ts';
import {type Column, columnsOf, type SqlValue, type Table} from '../sql/table.ts';
import {type EventRow, lsnText, type NodeRow} from '../tables.ts';
import type {World} from '../world.ts';
import {settingText, shownSettings} from './monitor-reading.ts';

/** The monitor's tables and its functions that return rows, by their names; undefined: there is none of that name. */
export function monitorTable(world: World, name: string, given: Given | undefined): Table | undefined {
  const {monitor} = world;
  if (given === undefined) {
    switch (name) {
      case 'pgautofailover.node':
        return tableOf(nodeColumns, monitor.nodes().map(withLsnText));
      case 'pgautofailover.event':
        return tableOf(eventColumns, monitor.events(0).map(withLsnText));
      case 'pgautofailover.formation':
        return tableOf(
          formationColumns,
          monitor.formations().map(row => ({...row})),
        );
      case 'pg_settings':
        return settings(world);
      case 'pg_extension':
        return tableOf(extensionColumns, [{extname: 'pgautofailover', extversion: monitor.version}]);
      default:
        return undefined;
    }
  }
  const text = (index: number, key: string, standard: string) =>
    String(given.positional[index] ?? given.named.get(key) ?? standard);
  const formation = text(0, 'formation_id', 'default');
  switch (name) {
    case 'pgautofailover.current_state':
      return currentState(world, formation);
    case 'pgautofailover.last_events':
      return lastEvents(world, given);
    case 'pgautofailover.formation_settings':
      return formationSettings(world, formation);
    case 'pgautofailover.get_nodes':
      return tableOf(getNodesColumns, monitor.nodes(formation).map(getNodesValues));
    case 'pgautofailover.get_primary': {
      const group = Number(text(1, 'group_id', '0'));
      const row = monitor.nodes(formation).find(each => each.groupid === group && canTakeWrites(each.goalstate));
      const values = row === undefined ? [] : [primaryValues(row)];
      return tableOf(getPrimaryColumns, values);
    }
    default:
      return undefined;
  }
}

type Values = Record<string, SqlValue>;

/** Rows of `current_state()`, which `pg_autoctl show state --json` prints as they are. */
export function currentStateValues(row: NodeRow, kind: string): Values {
  return {
    formation_kind: kind,
    nodename: row.nodename,
    nodehost: row.nodehost,
    nodeport: row.nodeport,
    group_id: row.groupid,
    node_id: row.nodeid,
    current_group_state: row.reportedstate,
    assigned_group_state: row.goalstate,
    candidate_priority: row.candidatepriority,
    replication_quorum: row.replicationquorum,
    reported_tli: row.reportedtli,
    reported_lsn: lsnText(row.reportedlsn),
    health: row.health,
    nodecluster: row.nodecluster,
  };
}

/** Rows of `formation_settings()`. */
export function formationSettingsValues(world: World, formation: string): Values[] {
  const {monitor} = world;
  const nodes = monitor.nodes(formation);
  const number = monitor.formations().find(row => row.formationid === formation)?.number_sync_standbys ?? 0;
  const none = {group_id: null, node_id: null, nodename: formation};
  return [
    {context: 'formation', ...none, setting: 'number_sync_standbys', value: String(number)},
    ...nodes
      .filter(row => canTakeWrites(row.goalstate))
      .map(row => ({
        context: 'primary',
        group_id: row.groupid,
        node_id: row.nodeid,
        nodename: row.nodename,
        setting: 'synchronous_standby_names',
        value: `'${monitor.synchronousStandbyNames(formation, row.groupid)}'`,
      })),
    ...nodes.map(row => nodeSetting(row, 'replication quorum', row.replicationquorum ? 'true' : 'false')),
    ...nodes.map(row => nodeSetting(row, 'candidate priority', String(row.candidatepriority))),
  ];
}

function nodeSetting(row: NodeRow, setting: string, value: string): Values {
  return {
    context: 'node',
    group_id: row.groupid,
    node_id: row.nodeid,
    nodename: row.nodename,
    setting,
    value,
  };
}

/** `formation_uri()`: where an application connects. */
export function formationUri(world: World, formation: string): string {
  const hosts = world.monitor
    .nodes(formation)
    .filter(row => row.goalstate !== 'dropped')
    .map(row => `${row.nodehost}:${row.nodeport}`);
  const database = world.monitor.formations().find(row => row.formationid === formation)?.dbname ?? 'postgres';
  return `postgres://${hosts.join(',')}/${database}?target_session_attrs=read-write&sslmode=prefer`;
}

function currentState(world: World, formation: string): Table {
  const kind = world.monitor.formations().find(row => row.formationid === formation)?.kind ?? 'pgsql';
  const rows = world.monitor.nodes(formation).map(row => currentStateValues(row, kind));
  return tableOf(currentStateColumns, rows);
}

function lastEvents(world: World, given: Given): Table {
  const [first, second] = given.positional;
  const formation =
    typeof first === 'string' && !/^\d+$/.test(first) ? first : String(given.named.get('formation_id') ?? 'default');
  const count = Number(given.named.get('count') ?? (formation === first ? second : first) ?? 10);
  const rows = world.monitor.events(0).filter(row => row.formationid === formation);
  return tableOf(eventColumns, rows.slice(-count).map(withLsnText));
}

function formationSettings(world: World, formation: string): Table {
  return tableOf(settingColumns, formationSettingsValues(world, formation));
}

function settings(world: World): Table {
  const rows = shownSettings.map(name => {
    const value = world.monitor.settings()[name] ?? 0;
    const text = settingText(name, value);
    return {name: `pgautofailover.${name}`, setting: String(value), unit: text === String(value) ? null : 'ms'};
  });
  return tableOf(columnsOf('name text, setting text, unit text'), rows);
}

function getNodesValues(row: NodeRow): Values {
  return {
    node_id: row.nodeid,
    node_name: row.nodename,
    node_host: row.nodehost,
    node_port: row.nodeport,
    node_lsn: lsnText(row.reportedlsn),
    node_is_primary: canTakeWrites(row.goalstate),
  };
}

function primaryValues(row: NodeRow): Values {
  return {
    primary_node_id: row.nodeid,
    primary_name: row.nodename,
    primary_host: row.nodehost,
    primary_port: row.nodeport,
  };
}

function withLsnText(row: NodeRow | EventRow): Values {
  return {...row, reportedlsn: lsnText(row.reportedlsn)};
}

function tableOf(list: readonly Column[], rows: readonly Values[]): Table {
  return {columns: list, rows: rows.map(row => list.map(column => row[column.name] ?? null))};
}

const nodeColumns = columnsOf(
  'formationid text, nodeid int8, groupid int4, nodename text, nodehost text, nodeport int4, sysidentifier int8, ' +
    'goalstate text, reportedstate text, reportedpgisrunning bool, reportedrepstate text, reporttime timestamptz, ' +
    'reportedtli int4, reportedlsn pg_lsn, walreporttime timestamptz, health int4, healthchecktime timestamptz, ' +
    'statechangetime timestamptz, candidatepriority int4, replicationquorum bool, nodecluster text',
);
const eventColumns = columnsOf(
  'eventid int8, eventtime timestamptz, formationid text, nodeid int8, groupid int4, nodename text, nodehost text, ' +
    'nodeport int4, reportedstate text, goalstate text, reportedrepstate text, reportedtli int4, reportedlsn pg_lsn, ' +
    'candidatepriority int4, replicationquorum bool, description text',
);
const formationColumns = columnsOf(
  'formationid text, kind text, dbname text, opt_secondary bool, number_sync_standbys int4',
);
const extensionColumns = columnsOf('extname text, extversion text');
const currentStateColumns = columnsOf(
  'formation_kind text, nodename text, nodehost text, nodeport int4, group_id int4, node_id int8, ' +
    'current_group_state text, assigned_group_state text, candidate_priority int4, replication_quorum bool, ' +
    'reported_tli int4, reported_lsn pg_lsn, health int4, nodecluster text',
);
const settingColumns = columnsOf('context text, group_id int4, node_id int8, nodename text, setting text, value text');
const getNodesColumns = columnsOf(
  'node_id int8, node_name text, node_host text, node_port int4, node_lsn pg_lsn, node_is_primary bool',
);
const getPrimaryColumns = columnsOf('primary_node_id int8, primary_name text, primary_host text, primary_port int4');
