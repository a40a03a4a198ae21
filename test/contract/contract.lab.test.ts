import {type Lab, raiseLab} from '../lab/lab.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import type {Cluster} from './cluster.ts';
import {contract} from './contract.ts';
import {openLabCluster} from './lab-cluster.ts';

contract(openLab);

/** The lab of all tests, unless one of them had to rebuild a node: what is recorded has the numbers of the nodes in it. */
async function openLab(): Promise<Cluster> {
  const shared = await sharedLab();
  if (await hasFirstNumbers(shared)) return openLabCluster(shared);
  const own = await raiseLab({name: `contract${process.pid}`, owner: process.pid});
  return {...(await openLabCluster(own)), close: () => own.down()};
}

async function hasFirstNumbers(lab: Lab): Promise<boolean> {
  return (await lab.showState()).every(({nodename, node_id: id}) => nodename === `pg_node${id}`);
}
