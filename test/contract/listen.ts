import {EventEmitter, once} from 'node:events';
import {byText} from './by-text.ts';
import {normalise} from './normalise.ts';
import type {Operator} from './operator.ts';

/** Notifications of the monitor from now on, on the console's channels. */
export async function listenToMonitor(operator: Operator) {
  const connection = await operator.connectMonitor();
  const heard: {channel: string; payload: string}[] = [];
  connection.client.on('notification', ({channel, payload = ''}) => heard.push({channel, payload}));
  await connection.client.query('listen state; listen log');
  return {
    close: () => connection.close(),
    /** What was heard, each form once. */
    shapes(): string {
      const lines = heard.map(({channel, payload}) => `${channel} ${formOf(normalise(payload))}`);
      return `${[...new Set(lines)].toSorted(byText).join('\n')}\n`;
    },
  };
}

/** Events of the containers of a host from now on, as `docker events` prints them. */
export async function listenToDocker(operator: Operator, host: string) {
  const stream = await operator
    .host(host)
    .stream(['docker', 'events', '--filter', 'type=container', '--format', '{{json .}}'], {deadlineMs: 10_000});
  if (!stream.ok) throw new Error(stream.problem.message);
  const {stdout, stderr, close} = stream.value;
  let text = '';
  const bell = new EventEmitter();
  const events = () =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line): Record<string, unknown> => JSON.parse(line))
      // Health checks come when they come, where a container has one.
      .filter(event => !/^(exec_|health_status)/.test(String(event.status)));
  stdout.on('data', chunk => {
    text += String(chunk);
    bell.emit('more');
  });
  stderr.resume();
  return {
    /** Waits for so many events; what they are, and the names in them. */
    async until(count: number): Promise<string> {
      while (events().length < count) await once(bell, 'more');
      const lines = events().map(event => `docker event ${String(event.status)}: ${Object.keys(event).join(' ')}\n`);
      return lines.join('');
    },
    close,
  };
}

/** A payload without the node and states that it is about. */
function formOf(payload: string): string {
  return payload
    .replaceAll(/(?<=")pg_node\d(?=")/g, 'NODE')
    .replaceAll(/ADDRESS\d/g, 'ADDRESS')
    .replaceAll(/(?<="(?:reportedState|goalState)": )"\w+"/g, '"STATE"')
    .replaceAll(/(?<="nodeId": |node )\d+/g, 'N')
    .replaceAll(/\d+(?= nodes to report|(?: other)? nodes)/g, 'N')
    .replaceAll(/(?<=reported state )"\w+"/g, '"STATE"')
    .replaceAll(/(?<=currently )"\w+"\/"\w+"/g, '"STATE"/"STATE"')
    .replaceAll(/(?<=reported by node N "NODE" \(ADDRESS:5432\)(?: with LSN LSN)?: )"?\w+"?/g, 'STATE');
}
