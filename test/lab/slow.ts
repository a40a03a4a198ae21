import {spawn} from 'node:child_process';
import {closeSync, existsSync, openSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {must, plainEnvironment, run} from './command.ts';
import {bridgeOf, type Network, portOf} from './network.ts';
import {labDirectory} from './places.ts';
import {killProcesses, leader, marks} from './processes.ts';
import {waitUntil} from './wait.ts';

/**
 * Puts a delay line into the cable of a machine: half of `milliseconds` each way. A process relays the frames, because not every kernel has
 * netem. 0 takes it out.
 */
export async function slowDown(network: Network, index: number, milliseconds: number): Promise<void> {
  await takeOut(network, index);
  const {interface: cable} = portOf(network, index);
  if (milliseconds === 0 || !existsSync(`/sys/class/net/${cable}`)) return;
  const [near, far] = [`${cable}n`, `${cable}f`];
  await must(['ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far]);
  for (const name of [cable, near, far]) quiet(name);
  await must(['ip', 'link', 'set', near, 'master', bridgeOf(network), 'up']);
  await must(['ip', 'link', 'set', far, 'up']);
  await must(['ip', 'link', 'set', cable, 'nomaster']);
  const script = fileURLToPath(new URL('delay-line.py', import.meta.url));
  const log = openSync(join(labDirectory(network.lab), 'delay-line.log'), 'a');
  const child = spawn('python3', [script, cable, far, String(milliseconds / 2)], {
    env: {...plainEnvironment, ...marks(network.lab, roleOf(index))},
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.on('error', () => undefined);
  child.unref();
  closeSync(log);
  await waitUntil('the delay line runs', 5000, () => leader(network.lab, roleOf(index)) !== undefined, 20);
}

async function takeOut(network: Network, index: number): Promise<void> {
  const {interface: cable} = portOf(network, index);
  await killProcesses(network.lab, role => role === roleOf(index));
  if (existsSync(`/sys/class/net/${cable}n`)) await run(['ip', 'link', 'delete', `${cable}n`]);
  if (existsSync(`/sys/class/net/${cable}`)) await must(['ip', 'link', 'set', cable, 'master', bridgeOf(network)]);
}

// The ends of the delay line are wires: this machine must not answer for its own addresses on them.
function quiet(name: string): void {
  writeFileSync(`/proc/sys/net/ipv4/conf/${name}/arp_ignore`, '1');
  writeFileSync(`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, '1');
}

function roleOf(index: number): string {
  return `delay-line-${index}`;
}
