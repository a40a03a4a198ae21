import {PassThrough} from 'node:stream';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {pullImage} from '../../source/bootstrap/pull-image.ts';
import {followPull} from '../../source/bootstrap/pull-progress.ts';
import {bad, good} from '../../source/cluster/problem.ts';
import type {ProcessEnd, SessionOptions} from '../../source/ssh/host-connection.ts';

const up = (lines: number) => `\x1b[${lines}A\x1b[2K\r`;
const down = (lines: number) => `\r\x1b[${lines}B`;
/** A line about the first or second of two layers, as docker 28.2.2 writes it to a terminal. */
const first = (status: string) => `${up(2)}799e072c6cc2: ${status} ${down(2)}`;
const second = (status: string) => `${up(1)}6da459c7afc8: ${status} ${down(1)}`;
const begin = `1: Pulling from tiny\r\n\r\n${up(1)}799e072c6cc2: Pulling fs layer ${down(1)}\r\n${second('Pulling fs layer')}`;
const bar = (of: string) => `[>                                                  ]  ${of}`;

describe('what docker pull writes to a terminal', () => {
  test.each<[string, readonly string[], object]>([
    ['nothing has come', [begin], {bytes: 0}],
    ['one has begun, the other not', [begin, first(`Downloading ${bar('302.1kB/30.01MB')}`)], {bytes: 302_100}],
    [
      'both have begun',
      [begin, first(`Downloading ${bar('12.5MB/30MB')}`), second(`Downloading ${bar('69.2kB/5MB')}`)],
      {bytes: 12_569_200, totalBytes: 35_000_000},
    ],
    [
      'one is there, and unpacked',
      [
        begin,
        first(`Downloading ${bar('12.5MB/30MB')}`),
        first('Verifying Checksum'),
        first('Download complete'),
        first(`Extracting ${bar('327.7kB/30MB')}`),
        second('Already exists'),
      ],
      {bytes: 30_000_000, totalBytes: 30_000_000},
    ],
    [
      'one comes once more',
      [begin, first(`Downloading ${bar('9MB/30MB')}`), first('Retrying in 1 second')],
      {bytes: 9e6},
    ],
  ])('tells how far it is: %s', (_, texts, expected) => {
    const whole = followPull();
    const inPieces = followPull();
    for (const text of texts) whole.hear(text);
    for (const character of texts.join('')) inPieces.hear(character);
    expect(whole.progress()).toEqual(expected);
    expect(inPieces.progress()).toEqual(expected);
  });

  test('tells why it failed', () => {
    const pull = followPull();
    pull.hear(`${begin}${first(`Downloading ${bar('9MB/30MB')}`)}`);
    pull.hear('write /var/lib/docker/tmp/GetImageBlob: no space left on device');
    expect(pull.lastWords()).toBe('write /var/lib/docker/tmp/GetImageBlob: no space left on device');
  });
});

describe('a pull', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Begins one on a host that writes and ends as it is told. */
  function begun() {
    const output = new PassThrough();
    const {promise: ended, resolve: end} = Promise.withResolvers<ProcessEnd>();
    const interrupted = new AbortController();
    const said: (readonly (number | undefined)[])[] = [];
    const never = () => Promise.resolve(bad('internal', 'nobody asks for this'));
    const session = (_: readonly string[], {signal}: SessionOptions) => {
      signal?.addEventListener('abort', () => end({exitCode: null, signal: null}));
      const rest = {stdin: new PassThrough(), stderr: new PassThrough(), resize() {}, close() {}};
      return Promise.resolve(good({...rest, stdout: output, ended}));
    };
    const rest = {link: () => undefined, subscribe: () => () => {}, retryNow() {}, close: () => Promise.resolve()};
    const host = {name: 'vm1', session, run: never, stream: never, forward: never, ...rest};
    const asked = {argv: ['docker', 'pull', 'pg:15'], image: 'pg:15'};
    const outcome = pullImage(host, asked, (...bytes) => said.push(bytes), interrupted.signal);
    const write = async (text: string) => {
      output.write(text);
      await vi.advanceTimersByTimeAsync(5000);
    };
    return {outcome, write, end, interrupted, said};
  }

  test('says how far it is when it got further, and is done', async () => {
    const {outcome, write, end, said} = begun();
    await vi.advanceTimersByTimeAsync(0);
    await write(begin);
    await write(first(`Downloading ${bar('10MB/30MB')}`));
    await write(first('Retrying in 2 seconds'));
    await write(second(`Downloading ${bar('1MB/5MB')}`));
    end({exitCode: 0, signal: null});
    expect([await outcome, said]).toEqual([
      good(undefined),
      [
        [10_000_000, undefined],
        [11_000_000, 35_000_000],
      ],
    ]);
  });

  test('may take long, but not stand still', async () => {
    const {outcome, write} = begun();
    await vi.advanceTimersByTimeAsync(0);
    for (const megabytes of [1, 2, 3]) {
      await write(first(`Downloading ${bar(`${megabytes}MB/30MB`)}`));
      await vi.advanceTimersByTimeAsync(200_000);
    }
    await vi.advanceTimersByTimeAsync(100_000);
    expect(await outcome).toMatchObject({
      problem: {kind: 'timeout', message: 'nothing more of pg:15 has come to vm1 for 5 minutes'},
    });
  });

  test.each([
    [
      'Error response from daemon: Get "https://registry.example/v2/": dial tcp: lookup registry.example: no such host',
      'lookup registry.example: no such host',
      /let vm1 reach the registry/,
    ],
    [
      'Error response from daemon: pull access denied for pg, repository does not exist: denied: requested access',
      /^pg:15 cannot be pulled on vm1: pull access denied/,
      /docker login/,
    ],
    ['write /var/lib/docker/tmp/GetImageBlob: no space left on device', /no space left on device$/, /make room/],
    ['toomanyrequests: You have reached your pull rate limit.', /rate limit\.$/, /^wait/],
    [
      'Error response from daemon: Get "https://10.0.0.9:5000/v2/": http: server gave HTTP response to HTTPS client',
      /HTTPS client$/,
      /insecure-registries/,
    ],
  ])('fails with a sentence and what helps: %s', async (words, message, remedy) => {
    const {outcome, write, end} = begun();
    await vi.advanceTimersByTimeAsync(0);
    await write(`${begin}${words}\r\n`);
    end({exitCode: 1, signal: null});
    expect(await outcome).toMatchObject({
      problem: {message: expect.stringMatching(message), remedy: expect.stringMatching(remedy)},
    });
  });

  test('is interrupted', async () => {
    const {outcome, interrupted} = begun();
    await vi.advanceTimersByTimeAsync(0);
    interrupted.abort();
    expect(await outcome).toMatchObject({problem: {kind: 'cancelled'}});
  });
});
