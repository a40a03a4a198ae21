import {readFileSync} from 'node:fs';
import {expect, onTestFinished, test} from 'vitest';
import {handImageOn} from '../../source/bootstrap/hand-image-on.ts';
import {good} from '../../source/cluster/problem.ts';
import {type OwnDocker, ownDocker} from '../../source/docker/own-docker.ts';
import {type FakeDocker, fakeDocker} from './fake-docker.ts';
import {openLocalHost} from './local-host.ts';

const image = 'citusdata/pg_auto_failover:15';

/** This machine, whose docker is a script. */
function machineWith(script: string): {docker: FakeDocker; own: OwnDocker} {
  const docker = fakeDocker(script);
  onTestFinished(() => docker.remove());
  return {docker, own: ownDocker({PATH: `${docker.path('')}:/usr/bin:/bin`})};
}

/** What comes of handing its image on to a host, and what that has then. */
async function handedOn(own: OwnDocker, signal: AbortSignal) {
  const target = fakeDocker('cat > "$folder/got"');
  const host = openLocalHost('vm1');
  onTestFinished(async () => {
    await host.close();
    target.remove();
  });
  const save = (name: string, ending: AbortSignal) => Promise.resolve(good(own.save(name, ending)));
  const way = {from: {name: 'this machine', save}, to: {host, docker: target.docker}, image};
  const outcome = await handImageOn(way, () => {}, signal);
  return {outcome, got: readFileSync(target.path('got'), 'utf8')};
}

test('an image of this machine is known, and handed on whole', async () => {
  const {own} = machineWith(`case $1 in image) echo amd64 ;; save) printf 'the image %s' "$2" ;; esac`);
  expect(await own.architectureOf(image)).toBe('amd64');
  expect(await handedOn(own, new AbortController().signal)).toEqual({
    outcome: good(undefined),
    got: `the image ${image}`,
  });
});

test('a machine that has no such image, or no Docker, has none to give', async () => {
  const {own} = machineWith('echo "Error: No such image" >&2; exit 1');
  expect(await own.architectureOf(image)).toBeUndefined();
  expect(await ownDocker({PATH: '/nonexistent'}).architectureOf(image)).toBeUndefined();
});

test('why it could not be saved is said', async () => {
  const {own} = machineWith('echo "no space left on device" >&2; exit 1');
  const {outcome} = await handedOn(own, new AbortController().signal);
  expect(outcome).toMatchObject({
    ok: false,
    problem: {message: 'docker save on this machine ended with status 1: no space left on device'},
  });
});

test('it ends when it is interrupted', async () => {
  const {own, docker} = machineWith('echo $$ > "$folder/pid"; echo begun; exec sleep 1000');
  const interrupted = new AbortController();
  const ended = handedOn(own, interrupted.signal);
  await expect.poll(() => isThere(docker.path('pid'))).toBe(true);
  const pid = Number(readFileSync(docker.path('pid'), 'utf8'));
  interrupted.abort();
  expect((await ended).outcome.ok).toBe(false);
  await expect.poll(() => isRunning(pid)).toBe(false);
});

function isThere(file: string): boolean {
  try {
    return readFileSync(file, 'utf8') !== '';
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
