import {PassThrough} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';
import type {ImageOutput} from '../docker/own-docker.ts';
import type {HostConnection, Session} from '../ssh/host-connection.ts';

/** Who has an image, and the host that shall have it. */
export type ImageWay = {
  from: {name: string; save(image: string, signal: AbortSignal): Promise<Outcome<ImageOutput>>};
  to: {host: HostConnection; docker: readonly string[]};
  image: string;
};

const startDeadlineMs = 30_000;
/** An image is half a gigabyte: whatever takes longer stands still. */
const wholeDeadlineMs = 30 * 60_000;
const sayEveryBytes = 64 * 1024 * 1024;

/** A host that has images. */
export function imageOn(host: HostConnection, docker: readonly string[]): ImageWay['from'] {
  return {
    name: host.name,
    save: (image, signal) =>
      host.session([...docker, 'save', image], {deadlineMs: startDeadlineMs, signal, afterLoss: ['true']}),
  };
}

/**
 * `docker save` where the image is, `docker load` where it shall be, through this machine; `say` hears of so many bytes. An image that is not complete is
 * not loaded: Docker takes it whole or not at all.
 */
export async function handImageOn(
  {from, to, image}: ImageWay,
  say: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Outcome<void>> {
  // Both end with their pipe: there is nothing left to end.
  const ending = AbortSignal.any([signal, AbortSignal.timeout(wholeDeadlineMs)]);
  const options = {deadlineMs: startDeadlineMs, signal: ending, afterLoss: ['true']};
  const source = await from.save(image, ending);
  if (!source.ok) return source;
  const target = await to.host.session([...to.docker, 'load', '--quiet'], options);
  if (!target.ok) {
    source.value.close();
    return target;
  }
  const words = [collect(source.value.stderr), collect(target.value.stderr), collect(target.value.stdout)];
  try {
    await pipeline(source.value.stdout, counter(say), target.value.stdin);
  } catch (error) {
    source.value.close();
    target.value.close();
    return bad('closed', `the image could not be handed on from ${from.name} to ${to.host.name}: ${errorText(error)}`, {
      remedy: 'the same command goes on where it was left',
    });
  }
  const saved = await endOf(source.value, `docker save on ${from.name}`, words[0]);
  const loaded = await endOf(target.value, `docker load on ${to.host.name}`, words[1]);
  return saved.ok ? loaded : saved;
}

function counter(say: (bytes: number) => void): PassThrough {
  const counted = new PassThrough();
  let bytes = 0;
  let said = 0;
  counted.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes - said < sayEveryBytes) return;
    said = bytes;
    say(bytes);
  });
  return counted;
}

async function endOf(
  {ended}: Pick<ImageOutput, 'ended'>,
  what: string,
  words: (() => string) | undefined,
): Promise<Outcome<void>> {
  const {exitCode, problem} = await ended;
  if (problem !== undefined) return {ok: false, problem};
  if (exitCode === 0) return good(undefined);
  return bad('command-failed', `${what} ended with status ${exitCode ?? '?'}: ${words?.().trim() ?? ''}`);
}

function collect(stream: Session['stdout']): () => string {
  let text = '';
  stream.on('data', chunk => {
    text = (text + String(chunk)).slice(-2000);
  });
  return () => text;
}
