import {z} from 'zod';
import type {Outcome} from '../cluster/problem.ts';
import type {HostConfiguration} from '../config/configuration.ts';
import type {CommandResult, HostConnection} from '../ssh/host-connection.ts';
import {architecturesIn, isLoopback, type RegistryAnswer, refusedAnswer, registryOf} from './registry-answer.ts';

/** Far from the registry a list of many architectures takes dozens of round trips. */
const deadlineMs = 20_000;

const daemonInfo = z.object({
  HttpProxy: z.string().nullish(),
  HttpsProxy: z.string().nullish(),
  RegistryConfig: z.object({
    Mirrors: z.array(z.string()).nullish(),
    IndexConfigs: z.record(z.string(), z.object({Secure: z.boolean()})),
  }),
});

/** Asks from a host whether an image can be pulled there, without pulling it. */
export async function askRegistry(
  image: string,
  {name: host, docker}: Pick<HostConfiguration, 'name' | 'docker'>,
  connection: HostConnection,
): Promise<RegistryAnswer> {
  const run = (...words: readonly string[]) => connection.run([...docker, ...words], {deadlineMs});
  const inspect = (...more: readonly string[]) => run('manifest', 'inspect', '--verbose', ...more, image);
  const first = await inspect();
  const manifests = outputOf(first);
  if (manifests !== undefined) return hasIt(manifests);
  const [info, version] = await Promise.all([
    run('info', '--format', '{{json .}}'),
    run('version', '--format', '{{.Client.Version}}'),
  ]);
  const daemon = daemonIn(outputOf(info));
  const registry = registryOf(image);
  const allowsPlain =
    registry !== undefined && (isLoopback(registry) || daemon?.RegistryConfig.IndexConfigs[registry]?.Secure === false);
  const last = allowsPlain && first.ok ? await inspect('--insecure') : first;
  const plainManifests = outputOf(last);
  if (plainManifests !== undefined) return hasIt(plainManifests);
  const mirrors = registry === undefined ? daemon?.RegistryConfig.Mirrors : undefined;
  return refusedAnswer(last.ok ? last.value.stderr : last.problem.message, {
    ...{image, host},
    clientVersion: outputOf(version)?.trim() ?? '',
    hasOwnWay: [daemon?.HttpProxy, daemon?.HttpsProxy, mirrors?.[0]].some(Boolean),
  });
}

function hasIt(manifests: string): RegistryAnswer {
  return {kind: 'has-it', architectures: architecturesIn(manifests)};
}

function outputOf(answer: Outcome<CommandResult>): string | undefined {
  return answer.ok && answer.value.exitCode === 0 ? answer.value.stdout : undefined;
}

function daemonIn(info: string | undefined): z.infer<typeof daemonInfo> | undefined {
  if (info === undefined) return undefined;
  try {
    return daemonInfo.safeParse(JSON.parse(info)).data;
  } catch {
    return undefined;
  }
}
