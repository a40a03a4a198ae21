import {existsSync} from 'node:fs';
import {must, run} from './command.ts';

/** The network of a lab: 10.77.N.0/24 on a bridge of its own. */
export type Network = {lab: string; number: number};

/** How one machine is tied to it; `index` counts from 1. */
export type Port = {namespace: string; interface: string; address: string};

const mark = (lab: string) => `pgaf-lab:${lab}`;

/** The bridge's name. It holds the number, so that two labs can never take the same addresses. */
export function bridgeOf(network: Network): string {
  return `pgaf${network.number}`;
}

/** The name and address of a machine on the network, index 1 to 3. */
export function portOf(network: Network, index: number): Port {
  return {
    namespace: `pgaf-${network.lab}-vm${index}`,
    interface: `pgaf${network.number}-${index}`,
    address: `10.77.${network.number}.${10 + index}`,
  };
}

/** Finds the lab's network by the mark on its bridge. */
export async function findNetwork(lab: string): Promise<Network | undefined> {
  for (const {ifname, ifalias} of await links()) {
    if (ifalias === mark(lab) && /^pgaf\d+$/.test(ifname)) return {lab, number: Number(ifname.slice(4))};
  }
  return undefined;
}

/** Makes the bridge with the first free number and lets the machines talk over it. */
export async function createNetwork(lab: string): Promise<Network> {
  const taken = new Set(await usedNumbers());
  const first = lab === 'main' ? 0 : 1;
  for (let number = first; number < 256; number += 1) {
    if (taken.has(number)) continue;
    const network = {lab, number};
    const bridge = bridgeOf(network);
    // Two labs that start at the same time try the same number; the kernel gives the name to one of them.
    if ((await run(['ip', 'link', 'add', bridge, 'type', 'bridge'])).exitCode !== 0) continue;
    await must(['ip', 'link', 'set', bridge, 'alias', mark(lab)]);
    await must(['ip', 'address', 'add', `10.77.${number}.1/24`, 'dev', bridge]);
    await must(['ip', 'link', 'set', bridge, 'up']);
    await allowForwarding(network);
    return network;
  }
  throw new Error('all of 10.77.0.0/16 is taken');
}

/** Plugs a machine in: its network namespace, a cable to the bridge, its address. Replaces what was there. */
export async function plugIn(network: Network, index: number): Promise<Port> {
  const port = portOf(network, index);
  await unplug(network, index);
  await must(['ip', 'netns', 'add', port.namespace]);
  const mac = `02:77:00:00:${network.number.toString(16).padStart(2, '0')}:0${index}`;
  const cable = ['type', 'veth', 'peer', 'name', 'eth0', 'address', mac, 'netns', port.namespace];
  await must(['ip', 'link', 'add', port.interface, ...cable]);
  await must(['ip', 'link', 'set', port.interface, 'master', bridgeOf(network), 'up']);
  const inside = ['ip', '-n', port.namespace];
  await must([...inside, 'link', 'set', 'lo', 'up']);
  await must([...inside, 'link', 'set', 'eth0', 'up']);
  await must([...inside, 'address', 'add', `${port.address}/24`, 'dev', 'eth0']);
  return port;
}

/** Cuts the cable first, so that nothing the machine says while it dies is heard, as after a power cut. */
export async function cutCable(network: Network, index: number): Promise<void> {
  const port = portOf(network, index);
  if (existsSync(`/sys/class/net/${port.interface}`)) await must(['ip', 'link', 'set', port.interface, 'down']);
}

/** Removes a machine's namespace and cable. */
export async function unplug(network: Network, index: number): Promise<void> {
  const port = portOf(network, index);
  if (existsSync(`/sys/class/net/${port.interface}`)) await run(['ip', 'link', 'delete', port.interface]);
  if (existsSync(`/run/netns/${port.namespace}`)) await must(['ip', 'netns', 'delete', port.namespace]);
}

/** Removes all that the functions above made, also what a killed lab left. */
export async function removeNetwork(lab: string): Promise<void> {
  const network = await findNetwork(lab);
  const {stdout} = await run(['ip', 'netns', 'list']);
  const names = stdout.split('\n').map(line => line.split(' ')[0] ?? '');
  const pattern = new RegExp(`^pgaf-${lab}-vm\\d$`);
  for (const name of names) if (pattern.test(name)) await must(['ip', 'netns', 'delete', name]);
  if (network === undefined) return;
  await removeForwarding(network);
  const bridge = bridgeOf(network);
  for (const {ifname} of await links()) {
    if (ifname.startsWith(`${bridge}-`)) await run(['ip', 'link', 'delete', ifname]);
  }
  await must(['ip', 'link', 'delete', bridge]);
}

type Link = {ifname: string; ifalias: string | undefined};

async function links(): Promise<Link[]> {
  const text = await must(['ip', '-json', 'link', 'show']);
  const parsed: unknown = JSON.parse(text === '' ? '[]' : text);
  if (!Array.isArray(parsed)) return [];
  return parsed.map((link: unknown) => ({ifname: textOf(link, 'ifname') ?? '', ifalias: textOf(link, 'ifalias')}));
}

function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
  return typeof found === 'string' ? found : undefined;
}

async function usedNumbers(): Promise<number[]> {
  const text = await must(['ip', '-4', 'route', 'show', 'table', 'all']);
  return [...text.matchAll(/10\.77\.(\d+)\.\d+/g)].map(([, number]) => Number(number));
}

// A dockerd that ran on the machine itself leaves FORWARD at DROP, and bridged packets pass it too.
async function allowForwarding(network: Network): Promise<void> {
  const {stdout} = await run(['iptables', '-S', 'FORWARD']);
  if (/^-P FORWARD ACCEPT\s*$/.test(stdout.trim())) return;
  await must(['iptables', '-I', 'FORWARD', '1', ...forwardingRule(network)]);
}

async function removeForwarding(network: Network): Promise<void> {
  const {stdout} = await run(['iptables', '-S', 'FORWARD']);
  if (!stdout.includes(mark(network.lab))) return;
  await must(['iptables', '-D', 'FORWARD', ...forwardingRule(network)]);
}

function forwardingRule(network: Network): string[] {
  const bridge = bridgeOf(network);
  return ['-i', bridge, '-o', bridge, '-m', 'comment', '--comment', mark(network.lab), '-j', 'ACCEPT'];
}
