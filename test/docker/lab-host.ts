import {join} from 'node:path';
import {askNobody} from '../../source/ssh/ask.ts';
import {type HostConnection, openHost} from '../../source/ssh/host-connection.ts';
import type {Lab} from '../lab/lab.ts';

/** Opens a host of the lab over SSH, as the person on call or as another of its users, without anybody to ask. */
export function openLabHost(lab: Lab, name: string, user = 'oncall'): HostConnection {
  const machine = lab.hosts().find(host => host.name === name);
  if (machine === undefined) throw new Error(`the lab has no host ${name}`);
  return openHost(
    {
      name,
      address: machine.address,
      port: 22,
      user,
      identityFiles: [join(lab.directory, 'id_ed25519')],
      identitiesOnly: true,
      agentSocket: undefined,
      knownHostsFiles: [join(lab.directory, 'known_hosts')],
      jump: [],
    },
    {ask: askNobody, now: Date.now, random: Math.random},
  );
}
