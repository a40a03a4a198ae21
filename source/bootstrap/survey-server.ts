import type {DesiredCluster, DesiredContainer} from './desired-cluster.ts';
import {parseServerSurvey, type ServerSurvey, serverSurveyQuery} from './server-survey.ts';
import type {Run} from './survey-host.ts';

/** Asks the PostgreSQL of a container that runs; undefined: nothing of it has to be known, or it does not answer. */
export async function surveyServer(
  {settings, monitor}: DesiredCluster,
  {container, port}: DesiredContainer,
  docker: readonly string[],
  run: Run,
): Promise<ServerSurvey | undefined> {
  // Of a node also what it has and is not described any more.
  if (settings.network === 'host' && container === monitor.container) return undefined;
  const psql = ['psql', '-X', '-A', '-t', '-q', '-p', String(port), '-d', 'postgres', '-c', serverSurveyQuery];
  const answer = await run([...docker, 'exec', container, ...psql]);
  return answer.ok && answer.value.exitCode === 0 ? parseServerSurvey(answer.value.stdout) : undefined;
}
