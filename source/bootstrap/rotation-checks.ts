import type {DesiredCluster} from './desired-cluster.ts';
import {failed, type HostCheck} from './host-check.ts';
import type {HostSurvey} from './host-survey.ts';
import {rotationIsUnderWay} from './rotation.ts';

/**
 * Whether new passwords can be made now, and whether anything else can while they are half made. A lost monitor comes first: a rotation cannot be
 * gone on with before there is one that knows the nodes.
 */
export function rotationChecks(
  {settings, monitor}: DesiredCluster,
  surveys: readonly HostSurvey[],
  {rotatePasswords, rebuildMonitor}: {rotatePasswords: boolean; rebuildMonitor: boolean},
  monitorIsLost: boolean,
): readonly HostCheck[] {
  const refuse = (title: string, evidence: string, remedy: string) => [
    failed(monitor.host, 'rotation', title, evidence, remedy),
  ];
  const isUnderWay = rotationIsUnderWay(surveys);
  const first = `\`pgaf bootstrap --rebuild-monitor\` first${isUnderWay ? ', which gives the nodes back the passwords that they had' : ''}; then \`pgaf bootstrap --rotate-passwords\``;
  if (rotatePasswords && settings.authentication === 'trust')
    return refuse(
      'the cluster has passwords',
      'bootstrap.authentication is trust: nothing asks for one',
      'leave --rotate-passwords out',
    );
  if (rotatePasswords && monitorIsLost)
    return refuse('the monitor can be told new passwords', 'it is lost, and is to be made anew', first);
  if (!isUnderWay || rotatePasswords || (rebuildMonitor && monitorIsLost)) return [];
  return refuse(
    'the passwords are in one piece',
    'a change of the passwords was interrupted',
    monitorIsLost ? `${first} goes on with it` : '`pgaf bootstrap --rotate-passwords` goes on with it',
  );
}
