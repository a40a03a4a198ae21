import {type DesiredCluster, hostsOf} from './desired-cluster.ts';
import type {HostSurvey} from './host-survey.ts';
import {imageSource} from './image-source.ts';
import type {BootstrapStep} from './plan.ts';

/** What brings the image to the hosts that lack it: who can pull it does so, before it is handed on to the others. */
export function imageSteps(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  docker: (host: string) => readonly string[],
): readonly BootstrapStep[] {
  const {image} = cluster;
  const ways = hostsOf(cluster).flatMap(host => {
    const survey = surveys.find(each => each.host === host);
    return survey === undefined ? [] : [{host, source: imageSource(survey, surveys)}];
  });
  return [
    ...ways.flatMap(({host, source}): readonly BootstrapStep[] =>
      source.kind === 'registry' ? [{kind: 'pull', host, image, argv: [...docker(host), 'pull', image]}] : [],
    ),
    ...ways.flatMap(({host, source}): readonly BootstrapStep[] =>
      source.kind === 'host'
        ? [{kind: 'image', host, from: source.from.host, image}]
        : source.kind === 'here'
          ? [{kind: 'own-image', host, image}]
          : [],
    ),
  ];
}
