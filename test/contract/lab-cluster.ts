import {loadConfiguration, ownPlaces} from '../../source/config/load-configuration.ts';
import type {Lab} from '../lab/lab.ts';
import type {Cluster} from './cluster.ts';

/** The lab, reached by the configuration that it wrote for the console. */
export async function openLabCluster(lab: Lab): Promise<Cluster> {
  const loaded = await loadConfiguration(ownPlaces(lab.configFile));
  if (!loaded.ok) throw new Error(loaded.problem.message);
  const [configuration] = loaded.value.clusters;
  if (configuration === undefined) throw new Error(`${lab.configFile} names no cluster`);
  const mend = async () => {
    await lab.restore();
  };
  return {
    kind: 'real',
    configuration,
    speed: 1,
    async fault(line) {
      const [name = '', ...words] = line.split(' ');
      await lab.fault(name, ...words);
    },
    mend,
    close: mend,
  };
}
