import {parse} from 'yaml';
import {primaryOf} from '../actions/cluster-facts.ts';
import type {MonitorReading} from '../cluster/snapshot.ts';
import {composeFile, madeOfLabel, registrationOnly} from './compose-file.ts';
import type {DesiredCluster, DesiredContainer} from './desired-cluster.ts';
import type {ContainerSurvey, HostSurvey} from './host-survey.ts';
import {loweredParameters} from './required-parameters.ts';

/** A container that has to be made anew to be what is described, and why; `id` is that of the one there is. */
export type Renewal = {host: string; container: string; id: string; reason: string};

/** What has to be made anew, in the order in which that is safe: the monitor, the standbys, the primary. */
export function renewalsOf(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  monitor: MonitorReading | undefined,
): readonly Renewal[] {
  const primary = monitor === undefined ? undefined : primaryOf(monitor)?.name;
  const nodes = cluster.nodes.toSorted((a, b) => Number(a.container === primary) - Number(b.container === primary));
  // There the primary's turn comes first, and then it is looked at anew.
  const lowered = loweredParameters(cluster, surveys, monitor).map(({name}) => name);
  return [cluster.monitor, ...nodes].flatMap(wanted => {
    const survey = surveys.find(each => each.host === wanted.host);
    const found = survey?.containers.get(wanted.container);
    const reason =
      survey === undefined || found === undefined
        ? undefined
        : reasonOf(cluster, wanted, survey, found, monitor, lowered);
    return reason === undefined || found === undefined
      ? []
      : [{host: wanted.host, container: wanted.container, id: found.id, reason}];
  });
}

function reasonOf(
  cluster: DesiredCluster,
  {host, container}: DesiredContainer,
  survey: HostSurvey,
  found: ContainerSurvey,
  monitor: MonitorReading | undefined,
  lowered: readonly string[],
): string | undefined {
  if (found.image !== cluster.image) return `it runs ${found.image}, not ${cluster.image}`;
  if (survey.image !== undefined && found.imageId !== undefined && found.imageId !== survey.image.id)
    return `it runs an older ${cluster.image} than the one that is there`;
  const file = survey.files.get('docker-compose.yml');
  const wanted = composeFile(cluster, host);
  if (file !== undefined && file !== wanted) {
    const changed = differences(serviceIn(file, container), serviceIn(wanted, container));
    if (changed.length > 0) return `its ${changed.join(', ')} changed`;
  }
  if (found.isCurrent === false) return 'it was made of an earlier file';
  // A node that is alone is restarted by the plan itself.
  if ((monitor?.nodes.length ?? 0) < 2) return undefined;
  const server = survey.servers.get(container);
  const waiting = (server?.waiting ?? []).filter(
    name => (name in cluster.settings.parameters || server?.noted.get(name) === null) && !lowered.includes(name),
  );
  return waiting.length === 0 ? undefined : `PostgreSQL has to be restarted for ${waiting.join(', ')}`;
}

type Service = Readonly<Record<string, unknown>>;

/** One service of a Compose file; empty where the file cannot be read, or has no such service. */
function serviceIn(file: string, container: string): Service {
  try {
    return recordOf(recordOf(recordOf(parse(file)).services)[container]);
  } catch {
    return {};
  }
}

function recordOf(value: unknown): Service {
  return typeof value === 'object' && value !== null ? {...value} : {};
}

const noReason = [madeOfLabel, ...registrationOnly];

/** The keys whose values differ; of the environment the variables, as these say more. */
function differences(one: Service, other: Service): readonly string[] {
  const differ = (a: Service, b: Service) =>
    [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
      key => !noReason.includes(key) && JSON.stringify(a[key]) !== JSON.stringify(b[key]),
    );
  return differ(one, other).flatMap(key =>
    ['environment', 'labels'].includes(key) ? differ(recordOf(one[key]), recordOf(other[key])) : [key],
  );
}
