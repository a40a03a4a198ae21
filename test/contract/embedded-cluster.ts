import {stringify} from 'yaml';
import {startEmbeddedThread} from '../../source/simulator/embedded/start-thread.ts';
import type {Cluster} from './cluster.ts';
import {hostOf, openOperator} from './operator.ts';

const program = new URL('../../source/simulator/embedded/thread.ts', import.meta.url);

/** The embedded cluster as `pgaf demo` starts it, only faster. */
export async function openEmbeddedCluster(): Promise<Cluster> {
  const speed = 20;
  const thread = await startEmbeddedThread(program, {
    kind: 'pgaf embedded cluster',
    seed: 1,
    startAt: Date.now(),
    speed,
    paused: false,
    nodesPerGroup: 3,
    groups: 1,
    scenario: {name: 'contract', title: 'Contract', steps: []},
    drill: false,
  });
  const command = async (line: string) => {
    const answer = await thread.ask({ask: 'command', line});
    if (!answer.ok) throw new Error(`${line}: ${answer.problem.message}`);
  };
  const cluster: Cluster = {
    kind: 'embedded',
    configuration: thread.configuration,
    speed,
    fault: command,
    mend: () => command('repair'),
    close: () => thread.close(),
  };
  await createAgain(cluster, 'pg_node2');
  return cluster;
}

/** The nodes of the lab are created by their containers' command; those of the embedded cluster only run. */
async function createAgain(cluster: Cluster, node: string): Promise<void> {
  const operator = openOperator(cluster);
  const command = ['pg_autoctl', 'create', 'postgres', '--name', node, '--run'];
  const file = {services: {[node]: {container_name: node, restart: 'unless-stopped', command}}};
  await operator.run(hostOf(node), ['docker', 'rm', '--force', node]);
  await operator.run(hostOf(node), ['docker', 'compose', '-f', '-', 'up', '-d'], stringify(file));
  await operator.close();
}
