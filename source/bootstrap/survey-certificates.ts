import {
  type CertificateSurvey,
  certificateFactsScript,
  certificateMounts,
  parseCertificateFacts,
} from './certificates.ts';
import type {DesiredCluster} from './desired-cluster.ts';
import type {Run} from './survey-host.ts';
import {isMissingSource} from './survey-storage.ts';

const deadlineMs = 60_000;

/** Looks at the certificates of a host as its containers would see them; undefined: it needs none. */
export async function surveyCertificates(
  cluster: DesiredCluster,
  host: string,
  docker: readonly string[],
  run: Run,
): Promise<CertificateSurvey | undefined> {
  const certificates = cluster.certificates.get(host);
  const here = [cluster.monitor, ...cluster.nodes].find(each => each.host === host);
  if (certificates === undefined || here === undefined) return undefined;
  // Unlike `--volume`, this makes no folder where a file is missing.
  const mounts = certificateMounts(certificates).flatMap(mount => {
    const [source = '', target = ''] = mount.split(':');
    return ['--mount', `type=bind,source=${source},target=${target},readonly`];
  });
  const look = [...docker, 'run', '--rm', '--network', 'none', ...mounts, '--entrypoint', 'sh', cluster.image];
  const address = cluster.settings.ssl === 'verify-full' ? here.address : '';
  const answer = await run([...look, '-c', certificateFactsScript, 'survey', address], deadlineMs);
  if (!answer.ok) return {mistakes: ['not-seen'], ends: undefined};
  if (isMissingSource(answer.value.stderr)) return {mistakes: ['missing'], ends: undefined};
  return parseCertificateFacts(answer.value.stdout);
}
