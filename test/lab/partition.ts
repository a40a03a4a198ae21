import {must, run} from './command.ts';
import type {Network} from './network.ts';

/**
 * Drops every packet between an address and another, or all others when there is none; also those from and to this machine. Nobody gets a
 * refusal: who asks waits. ARP passes, as it would through routers, so that the sender's own kernel does not say "no route".
 */
export async function blackHole(network: Network, address: string, other?: string): Promise<void> {
  await makeChain(network);
  const pairs =
    other === undefined
      ? [
          ['--ip-source', address],
          ['--ip-destination', address],
        ]
      : [
          ['--ip-source', address, '--ip-destination', other],
          ['--ip-source', other, '--ip-destination', address],
        ];
  for (const pair of pairs) await must(['ebtables', '-A', chainOf(network), '-p', 'IPv4', ...pair, '-j', 'DROP']);
}

/** Lets all packets pass again. */
export async function healNetwork(network: Network): Promise<void> {
  const chain = chainOf(network);
  if ((await run(['ebtables', '-L', chain])).exitCode !== 0) return;
  for (const hook of hooks) await run(['ebtables', '-D', hook, '-j', chain]);
  await must(['ebtables', '-F', chain]);
  await must(['ebtables', '-X', chain]);
}

// Between machines, from a machine to this one, from this one to a machine.
const hooks = ['FORWARD', 'INPUT', 'OUTPUT'];

function chainOf(network: Network): string {
  return `pgaf${network.number}`;
}

async function makeChain(network: Network): Promise<void> {
  const chain = chainOf(network);
  if ((await run(['ebtables', '-L', chain])).exitCode === 0) return;
  await must(['ebtables', '-N', chain, '-P', 'RETURN']);
  for (const hook of hooks) await must(['ebtables', '-A', hook, '-j', chain]);
}
