/** What a registry says of an image that no host has, asked from a host that pulled nothing yet. */
export type RegistryAnswer =
  /** The architectures that it has it for, in Docker's words; empty: they are not known. */
  | {kind: 'has-it'; architectures: readonly string[]}
  /** Docker's client there could not find out, and its daemon may pull it all the same: it is tried. */
  | {kind: 'unclear'; reason: string}
  | {kind: 'refused'; reason: string; remedy: string};

/** What is asked, and of whom. */
type Asked = {
  image: string;
  host: string;
  /** Of Docker's client there, which asks by itself; the daemon, which pulls, has ways and rights of its own. */
  clientVersion: string;
  /** The daemon has a proxy or a mirror, of which the client knows nothing. */
  hasOwnWay: boolean;
};

/** The registry that an image names; undefined: Docker's own. */
export function registryOf(image: string): string | undefined {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : undefined;
}

/** Docker's daemon asks these without TLS where they have none; its client only when it is told to. */
export function isLoopback(registry: string): boolean {
  return /^(127\.[\d.]+|localhost|\[::1\])(:\d+)?$/.test(registry);
}

/** What `docker manifest inspect --verbose` prints: an image, or a list of them with what is only about others (`unknown`). */
export function architecturesIn(manifests: string): readonly string[] {
  const found = [...manifests.matchAll(/"architecture":\s*"(\w+)"/g)].flatMap(([, name]) => name ?? []);
  return [...new Set(found)].filter(name => name !== 'unknown');
}

/**
 * Docker's clients before these take an OCI image for none (docker/cli#3990), or ask for more than a token for reading gives
 * (docker/cli#4345).
 */
const firstThat = {seesEveryImage: 23, asksOnlyToRead: 25};

/** What is to be thought of an answer that is none. */
export function refusedAnswer(words: string, {image, host, clientVersion, hasOwnWay}: Asked): RegistryAnswer {
  const {cause, reason, remedy} = refusalOf(words, image, host);
  const version = Number.parseInt(clientVersion, 10);
  if (
    (cause === 'unknown' && version < firstThat.seesEveryImage) ||
    (cause === 'denied' && version < firstThat.asksOnlyToRead)
  )
    return {kind: 'unclear', reason: `docker ${clientVersion} there cannot always tell: ${reason}`};
  if (hasOwnWay && cause === 'unreachable')
    return {kind: 'unclear', reason: `its daemon goes through a proxy or mirror; without that: ${reason}`};
  return {kind: 'refused', reason, remedy};
}

type Cause = 'limit' | 'denied' | 'unknown' | 'untrusted' | 'full' | 'unreachable';

const causes: readonly (readonly [RegExp, Cause])[] = [
  [/toomanyrequests|rate limit/i, 'limit'],
  [/denied|unauthorized|no basic auth|insufficient scope/i, 'denied'],
  [/no such manifest|manifest unknown|name unknown|experimental cli|: not found/i, 'unknown'],
  [/x509|certificate|HTTP response to HTTPS/i, 'untrusted'],
  [/no space left/i, 'full'],
];

/** Why an image cannot be pulled, in Docker's words in a line, and what helps. */
export function refusalOf(words: string, image: string, host: string): {cause: Cause; reason: string; remedy: string} {
  const last = words.split('\n').findLast(line => line.trim() !== '') ?? 'it does not say why';
  const reason = last.trim().replace(/^.*(Error response from daemon: |Get "[^"]*": )(dial tcp:? )?/, '');
  const cause = causes.find(([pattern]) => pattern.test(words))?.[1] ?? 'unreachable';
  const registry = registryOf(image);
  const login = `on ${host}: docker login${registry === undefined ? '' : ` ${registry}`}`;
  const allow = `on ${host}: name it in insecure-registries of /etc/docker/daemon.json`;
  // Docker's client, not its daemon, says the same of a registry that has no TLS.
  const mayLackTls = registry !== undefined && !isLoopback(registry) && words.includes('no such manifest');
  const remedies: Record<Cause, string> = {
    limit: `wait, or ${login}`,
    denied: `correct \`image\` of the configuration, or ${login}`,
    unknown: `correct \`image\` of the configuration${mayLackTls ? `, or where ${registry} has no TLS: ${allow}` : ''}`,
    untrusted: `give Docker the registry's certificate (/etc/docker/certs.d), or ${allow}`,
    full: `on ${host}: make room where Docker keeps its images`,
    unreachable: `let ${host} reach the registry (DNS, proxy, firewall), or try there: docker pull ${image}`,
  };
  const byHand = `or from a machine that has it: docker save ${image} | ssh ${host} docker load`;
  return {cause, reason, remedy: `${remedies[cause]}; ${byHand}`};
}
