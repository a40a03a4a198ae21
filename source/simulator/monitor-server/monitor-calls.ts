import type {MonitorCall} from '../answer.ts';
import {type Given, truth} from '../sql/evaluate.ts';
import {type Failure, failure, type SqlValue} from '../sql/table.ts';
import type {World} from '../world.ts';

/** Makes the call of a function that changes something out of its SQL name and arguments; undefined: no such function, or other arguments. */
export function monitorCall(world: World, name: string, given: Given): MonitorCall | Failure | undefined {
  const read = argumentsOf(name, given);
  if (read === undefined) return undefined;
  switch (name) {
    case 'perform_failover':
      return {call: name, formation: read.text('formation_id'), group: read.integer('group_id')};
    case 'perform_promotion':
      return {call: name, formation: read.text('formation_id'), node: read.text('node_name')};
    case 'start_maintenance':
    case 'stop_maintenance':
      return {call: name, nodeId: read.integer('node_id')};
    case 'set_node_candidate_priority':
      return {
        call: name,
        formation: read.text('formation_id'),
        node: read.text('node_name'),
        priority: read.integer('candidate_priority'),
      };
    case 'set_node_replication_quorum': {
      const quorum = truth(read.value('replication_quorum'));
      if (quorum === undefined) {
        return failure('22P02', `invalid input syntax for type boolean: "${read.text('replication_quorum')}"`);
      }
      return {call: name, formation: read.text('formation_id'), node: read.text('node_name'), quorum};
    }
    case 'set_formation_number_sync_standbys':
      return {call: name, formation: read.text('formation_id'), standbys: read.integer('number_sync_standbys')};
    case 'remove_node':
      return removeNode(world, read);
    default:
      return undefined;
  }
}

function removeNode(world: World, read: Arguments): MonitorCall | Failure {
  const force = truth(read.value('force')) === true;
  if (!read.has('node_host')) return {call: 'remove_node', nodeId: read.integer('node_id'), force};
  const host = read.text('node_host');
  const port = read.integer('node_port');
  const row = world.monitor.nodes().find(each => each.nodehost === host && each.nodeport === port);
  if (row === undefined) return failure('42704', `couldn't find node with hostname "${host}" and port ${port}`);
  return {call: 'remove_node', nodeId: row.nodeid, force};
}

/** Parameters in their order, with what stands in where none is given (pgautofailover.sql). */
const signatures = new Map<string, readonly (readonly [name: string, standard?: SqlValue])[][]>(
  Object.entries({
    perform_failover: [
      [
        ['formation_id', 'default'],
        ['group_id', 0],
      ],
    ],
    perform_promotion: [[['formation_id'], ['node_name']]],
    start_maintenance: [[['node_id']]],
    stop_maintenance: [[['node_id']]],
    set_node_candidate_priority: [[['formation_id'], ['node_name'], ['candidate_priority']]],
    set_node_replication_quorum: [[['formation_id'], ['node_name'], ['replication_quorum']]],
    set_formation_number_sync_standbys: [[['formation_id'], ['number_sync_standbys']]],
    remove_node: [
      [['node_id'], ['force', false]],
      [['node_host'], ['node_port', 5432], ['force', false]],
    ],
  }),
);

type Arguments = {
  has(name: string): boolean;
  value(name: string): SqlValue;
  text(name: string): string;
  integer(name: string): number;
};

function argumentsOf(name: string, given: Given): Arguments | undefined {
  for (const signature of signatures.get(name) ?? []) {
    const values = bind(signature, given);
    if (values === undefined) continue;
    const value = (key: string) => values.get(key) ?? null;
    return {
      has: key => values.has(key),
      value,
      text: key => String(value(key) ?? ''),
      integer: key => Number(value(key) ?? Number.NaN),
    };
  }
  return undefined;
}

function bind(
  signature: readonly (readonly [name: string, standard?: SqlValue])[],
  given: Given,
): Map<string, SqlValue> | undefined {
  const values = new Map<string, SqlValue>();
  if (given.positional.length > signature.length) return undefined;
  for (const key of given.named.keys()) if (!signature.some(([name]) => name === key)) return undefined;
  for (const [index, [name, standard]] of signature.entries()) {
    const value = given.positional[index] ?? given.named.get(name) ?? standard;
    if (value === undefined) return undefined;
    if (integers.includes(name) && !Number.isInteger(Number(value))) return undefined;
    values.set(name, value);
  }
  return values;
}

const integers = ['node_id', 'group_id', 'candidate_priority', 'number_sync_standbys', 'node_port'];
