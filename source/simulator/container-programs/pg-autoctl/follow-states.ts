import {createBell} from '../../bell.ts';
import type {Happening} from '../../happening.ts';
import {hostTime} from '../../host-clock.ts';
import type {AutoctlCommand} from './autoctl-command.ts';
import {failToGetNodes} from './monitor-link.ts';

/** A `state` notification of the monitor. */
export type StateChange = {
  formation: string;
  group: number;
  nodeId: number;
  name: string;
  host: string;
  port: number;
  reported: string;
  assigned: string;
};

/**
 * `table`: each change is a row on standard output; `log`: each message of the monitor is a line of the log; `of` a node: each change is
 * a line of the log.
 */
export type Print = 'table' | 'table with groups' | 'log' | {of: number};

export type FollowEnd = 'reached' | 'timeout' | 'lost' | 'aborted';

export type StateFollower = {
  /** Prints what has come and comes, until `reached` is true of a change, so much simulated time is over, or the monitor is gone. */
  until(reached: (change: StateChange) => boolean, milliseconds: number): Promise<FollowEnd>;
  /** Ends listening; has to be called. */
  close(): void;
};

type Said = {change: StateChange | undefined; text: string};

/** Listens to the monitor's notifications from now on, as pg_autoctl does before it calls a function. */
export function followStates(command: AutoctlCommand, group: number, print: Print): StateFollower {
  const {world} = command.place;
  const waiting: Said[] = [];
  let lost = false;
  const bell = createBell();
  const unlisten = world.listen(happening => {
    const said = saidBy(happening, command.formation, group);
    if (said !== undefined) waiting.push(said);
    else if (isLoss(happening, world.monitor)) lost = true;
    else return;
    bell.ring();
  });

  return {
    async until(reached, milliseconds) {
      if (print === 'table' || print === 'table with groups') await printHead(command, group);
      let over = false;
      const cancel = world.schedule(milliseconds, () => {
        over = true;
        bell.ring();
      });
      try {
        for (;;) {
          for (let said = waiting.shift(); said !== undefined; said = waiting.shift()) {
            await printSaid(command, said, print);
            if (said.change !== undefined && reached(said.change)) return 'reached';
          }
          if (command.signal.aborted) return 'aborted';
          if (lost) {
            await command.log('WARN', 'Lost connection.');
            return 'lost';
          }
          if (over) return 'timeout';
          await bell.rung(command.signal);
        }
      } finally {
        cancel();
      }
    },
    close: unlisten,
  };
}

function saidBy(happening: Happening, formation: string, group: number): Said | undefined {
  if (happening.kind !== 'notification') return undefined;
  if (happening.channel === 'log') return {change: undefined, text: happening.payload};
  const change = parseState(happening.payload);
  return change?.formation === formation && change.group === group ? {change, text: happening.payload} : undefined;
}

function parseState(payload: string): StateChange | undefined {
  const value: unknown = JSON.parse(payload);
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const text = (name: string) => String(fields.get(name) ?? '');
  return {
    formation: text('formation'),
    group: Number(fields.get('groupId')),
    nodeId: Number(fields.get('nodeId')),
    name: text('name'),
    host: text('host'),
    port: Number(fields.get('port')),
    reported: text('reportedState'),
    assigned: text('goalState'),
  };
}

function isLoss(happening: Happening, monitor: {host: string; container: string}): boolean {
  if (happening.kind === 'docker') {
    return happening.action === 'die' && happening.host === monitor.host && happening.container === monitor.container;
  }
  return happening.kind === 'host' && happening.action === 'power-off' && happening.host === monitor.host;
}

async function printHead(command: AutoctlCommand, group: number): Promise<void> {
  const where = `formation "${command.formation}" and group ${group}`;
  await command.log('INFO', `Listening monitor notifications about state changes in ${where}`);
  await command.log('INFO', 'Following table displays times when notifications are received');
  await failToGetNodes(command, group);
  await command.print(row(['Time', 'Name', 'Node', 'Host:Port', 'Current State', 'Assigned State']));
  await command.print(`${widths.map(size => '-'.repeat(size)).join('-+-')}\n`);
}

async function printSaid(command: AutoctlCommand, {change, text}: Said, print: Print): Promise<void> {
  if (print === 'log') {
    if (change === undefined) await command.log('INFO', text);
    return;
  }
  if (change === undefined) return;
  const where = `${change.host}:${change.port}`;
  if (typeof print === 'object') {
    const own = change.nodeId === print.of;
    const node = own
      ? `for this node (node ${change.nodeId}, "${change.name}")`
      : `for node ${change.nodeId} "${change.name}"`;
    await command.log('INFO', `New state ${node} (${where}): ${change.reported} ➜ ${change.assigned}`);
    return;
  }
  const {world, host} = command.place;
  const time = new Date(hostTime(world, host)).toISOString().slice(11, 19);
  const node = print === 'table with groups' ? `${change.group}/${change.nodeId}` : String(change.nodeId);
  await command.print(row([time, change.name, node, where, change.reported, change.assigned]));
}

/** Wide enough for anything: pg_autoctl does not know the nodes. */
const widths = [8, 25, 5, 25, 19, 19];

function row(cells: readonly string[]): string {
  return `${cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join(' | ')}\n`;
}
