import type {Storage} from '../config/configuration.ts';
import {home} from './compose-file.ts';
import {parseVolumeFacts, type VolumeSurvey, volumeFactsScript} from './host-survey.ts';
import type {Run} from './survey-host.ts';

const deadlineMs = 60_000;
const nothing: VolumeSurvey = {
  ...{exists: false, hasData: false, systemIdentifier: undefined},
  ...{isOwn: true, isEmpty: true},
};
/** What cannot be looked into is not taken for empty. */
const unknown: VolumeSurvey = {...nothing, exists: true, hasData: true, isEmpty: false};

/** Looks into a volume, or into a folder of the host, with a container that is gone afterwards. */
export async function surveyStorage(
  image: string,
  storage: Storage,
  docker: readonly string[],
  hasImage: boolean,
  run: Run,
): Promise<VolumeSurvey> {
  // A folder can be where the one who looks may not: only Docker tells then.
  const there = 'volume' in storage ? await run([...docker, 'volume', 'inspect', storage.volume]) : undefined;
  if (there?.ok === true && there.value.exitCode !== 0) return nothing;
  if (!hasImage) return unknown;
  const mount = 'volume' in storage ? `type=volume,source=${storage.volume}` : `type=bind,source=${storage.path}`;
  const look = [...docker, 'run', '--rm', '--network', 'none', '--mount', `${mount},target=/volume,readonly`];
  const place = 'volume' in storage ? storage.volume : storage.path;
  const users = await run([...docker, 'ps', '--quiet', '--filter', `volume=${place}`]);
  const isInUse = users.ok && users.value.stdout.trim() !== '';
  const answer = await run(
    [...look, '--entrypoint', 'sh', image, '-c', volumeFactsScript, 'survey', 'pgaf', home],
    deadlineMs,
  );
  if (answer.ok && isMissingSource(answer.value.stderr)) return nothing;
  return {...(answer.ok && answer.value.exitCode === 0 ? parseVolumeFacts(answer.value.stdout) : unknown), isInUse};
}

/** What Docker, or podman, says of a file or folder that it is to mount and that is not there. */
export function isMissingSource(stderr: string): boolean {
  return /bind source path does not exist|no such file/i.test(stderr);
}
