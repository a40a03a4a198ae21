import {describe, expect, test} from 'vitest';
import {askRegistry} from '../../source/bootstrap/ask-registry.ts';
import {pullImage} from '../../source/bootstrap/pull-image.ts';
import {architecturesIn, isLoopback, registryOf} from '../../source/bootstrap/registry-answer.ts';
import {bad, good} from '../../source/cluster/problem.ts';
import {serve} from '../simulator/host-server/console.ts';
import {settledWorld} from '../simulator/stage.ts';

const none = '{"RegistryConfig": {"Mirrors": [], "IndexConfigs": {"docker.io": {"Secure": true}}}}';
const proxy = none.replace('{', '{"HttpsProxy": "http://proxy:3128", ');
const mirror = none.replace('[]', '["https://mirror.example"]');
const insecure = none.replace('"docker.io"', '"10.0.0.9:5000": {"Secure": false}, "docker.io"');

const unknown = 'no such manifest: docker.io/citusdata/pg_auto_failover:15';
const denied = 'errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required\n\n';
const unresolved =
  'failed to configure transport: error pinging v2 registry: Get "https://registry.example/v2/": dial tcp: lookup registry.example on 127.0.0.53:53: no such host';
const manifests = '{"Descriptor": {"platform": {"architecture": "amd64", "os": "linux"}}}';

/** A host whose docker answers so; a question with `--insecure` is answered with manifests. */
function hostThat(answers: {manifest: string; version?: string; info?: string}) {
  const asked: string[] = [];
  const fails = (stderr: string) => ({exitCode: 1, signal: null, stdout: '', stderr});
  const prints = (stdout: string) => ({exitCode: 0, signal: null, stdout, stderr: ''});
  const run = (argv: readonly string[]) => {
    asked.push(argv.join(' '));
    if (argv.includes('info')) return Promise.resolve(good(prints(answers.info ?? none)));
    if (argv.includes('version')) return Promise.resolve(good(prints(`${answers.version ?? '28.2.2'}\n`)));
    return Promise.resolve(good(argv.includes('--insecure') ? prints(manifests) : fails(answers.manifest)));
  };
  const never = () => Promise.resolve(bad('internal', 'nobody asks for this'));
  const rest = {link: () => undefined, subscribe: () => () => {}, retryNow: () => {}, close: () => Promise.resolve()};
  return {asked, connection: {name: 'vm1', run, stream: never, session: never, forward: never, ...rest}};
}

describe('whether an image can be pulled', () => {
  test.each<[string, Parameters<typeof hostThat>[0], string, object]>([
    [
      'is not there',
      {manifest: unknown},
      'citusdata/pg_auto_failover:15',
      {
        kind: 'refused',
        reason: unknown,
        remedy: expect.stringMatching(/^correct `image`.*docker save .* \| ssh vm1 docker load$/),
      },
    ],
    [
      'is not for everybody',
      {manifest: denied},
      'registry.example/pg:15',
      {
        kind: 'refused',
        reason: 'unauthorized: authentication required',
        remedy: expect.stringContaining('on vm1: docker login registry.example;'),
      },
    ],
    [
      'is out of reach',
      {manifest: unresolved},
      'citusdata/pg_auto_failover:15',
      {
        kind: 'refused',
        reason: 'lookup registry.example on 127.0.0.53:53: no such host',
        remedy: expect.stringContaining('docker pull citusdata/pg_auto_failover:15'),
      },
    ],
    [
      'an old client cannot see',
      {manifest: unknown, version: '20.10.24+dfsg1'},
      'citusdata/pg_auto_failover:15',
      {kind: 'unclear', reason: `docker 20.10.24+dfsg1 there cannot always tell: ${unknown}`},
    ],
    [
      'an old client may not see',
      {manifest: denied, version: '24.0.2'},
      'citusdata/pg_auto_failover:15',
      {kind: 'unclear'},
    ],
    [
      'a newer client does not see',
      {manifest: unknown, version: '24.0.2'},
      'citusdata/pg_auto_failover:15',
      {kind: 'refused'},
    ],
    [
      'an old client does not reach',
      {manifest: unresolved, version: '20.10.24'},
      'citusdata/pg_auto_failover:15',
      {kind: 'refused'},
    ],
    [
      'only the daemon reaches',
      {manifest: unresolved, info: proxy},
      'citusdata/pg_auto_failover:15',
      {kind: 'unclear', reason: expect.stringContaining('proxy or mirror')},
    ],
    ['a mirror has', {manifest: unresolved, info: mirror}, 'citusdata/pg_auto_failover:15', {kind: 'unclear'}],
    [
      'a mirror has not: it is for Docker’s own registry',
      {manifest: unresolved, info: mirror},
      'registry.example/pg:15',
      {kind: 'refused'},
    ],
    [
      'is on this host, without TLS',
      {manifest: unknown},
      '127.0.0.1:5000/pg:15',
      {kind: 'has-it', architectures: ['amd64']},
    ],
    ['the daemon takes without TLS', {manifest: unknown, info: insecure}, '10.0.0.9:5000/pg:15', {kind: 'has-it'}],
    [
      'the daemon does not take without TLS',
      {manifest: unknown},
      '10.0.0.9:5000/pg:15',
      {kind: 'refused', remedy: expect.stringContaining('where 10.0.0.9:5000 has no TLS: on vm1')},
    ],
  ])('which %s', async (_, answers, image, expected) => {
    const {connection} = hostThat(answers);
    expect(await askRegistry(image, {name: 'vm1', docker: ['docker']}, connection)).toMatchObject(expected);
  });

  test('is one question where the registry has it', async () => {
    const {asked, connection} = hostThat({manifest: ''});
    const run = (argv: readonly string[]) => connection.run([...argv, '--insecure']);
    await askRegistry('pg:15', {name: 'vm1', docker: ['sudo', '-n', 'docker']}, {...connection, run});
    expect(asked).toEqual(['sudo -n docker manifest inspect --verbose pg:15 --insecure']);
  });

  test('is asked of a simulated host as well, which pulls what it says that it can', async () => {
    const host = (await serve(settledWorld(), 'vm1')).open();
    const asked = (image: string) => askRegistry(image, {name: 'vm1', docker: ['docker']}, host);
    const pull = (image: string) =>
      pullImage(host, {argv: ['docker', 'pull', image], image}, () => {}, new AbortController().signal);
    expect(await asked('citusdata/pg_auto_failover:15')).toEqual({kind: 'has-it', architectures: ['amd64']});
    expect(await pull('citusdata/pg_auto_failover:15')).toEqual(good(undefined));
    const others: readonly (readonly [string, RegExp, RegExp])[] = [
      ['citusdata/pg_auto_failover:16', /^no such manifest/, /:16 cannot be pulled on vm1: manifest for .* not found/],
      ['somebody/else', /^unauthorized/, /pull access denied for somebody\/else/],
      ['127.0.0.1:5000/pg', /connection refused/, /127\.0\.0\.1:5000: connect: connection refused/],
      ['registry.example/pg:1', /^lookup .* no such host/, /vm1: lookup registry\.example: no such host/],
    ];
    for (const [image, reason, message] of others) {
      expect(await asked(image)).toMatchObject({kind: 'refused', reason: expect.stringMatching(reason)});
      expect(await pull(image)).toMatchObject({ok: false, problem: {message: expect.stringMatching(message)}});
    }
  });
});

test('architectures are those of a list, without what is no machine’s', () => {
  const list = ['amd64', 'arm64', 'unknown', 'arm64'].map(name => `{"architecture": "${name}"}`).join(',\n');
  expect(architecturesIn(list)).toEqual(['amd64', 'arm64']);
});

test.each([
  ['postgres', undefined, false],
  ['citusdata/pg_auto_failover:15', undefined, false],
  ['localhost/pg', 'localhost', true],
  ['localhost:5000/pg:15', 'localhost:5000', true],
  ['127.0.0.1:5000/a/pg@sha256:00', '127.0.0.1:5000', true],
  ['10.0.0.9:5000/pg:15', '10.0.0.9:5000', false],
  ['registry.example/a/b', 'registry.example', false],
])('%s is in the registry %s', (image, registry, loopback) => {
  expect(registryOf(image)).toBe(registry);
  expect(isLoopback(registry ?? '')).toBe(loopback);
});
