import {expect, test} from 'vitest';
import {lockFormation} from '../../source/monitor/formation-lock.ts';
import {monitorOptions} from '../simulator/monitor-server/monitor-place.ts';
import {settledWorld} from '../simulator/stage.ts';
import {until} from '../ssh/until.ts';

test('the lock of a formation is held by one; the other is told who, from where and since when', async () => {
  const world = settledWorld(7);
  const options = monitorOptions(world);
  const first = await lockFormation(options, 'ann@bastion');
  if (first.kind !== 'held') throw new Error(`it is ${first.kind}`);
  world.advance(12_000);
  expect(await lockFormation(options, 'bob@laptop')).toEqual({
    kind: 'taken',
    by: 'ann@bastion from 127.0.0.1, for 12 s',
  });
  const other = await lockFormation({...options, formation: 'other'}, 'bob@laptop');
  expect(other.kind).toBe('held');
  if (other.kind === 'held') other.release();
  first.release();
  await until(async () => {
    const again = await lockFormation(options, 'bob@laptop');
    if (again.kind === 'held') again.release();
    return again.kind === 'held';
  });
});

test('the name of who holds it is without control sequences', async () => {
  const world = settledWorld(7);
  const first = await lockFormation(monitorOptions(world), '\u001b[2Jann');
  expect(await lockFormation(monitorOptions(world), 'bob')).toEqual({kind: 'taken', by: 'ann from 127.0.0.1, for 0 s'});
  if (first.kind === 'held') first.release();
});

test('a monitor that does not answer holds nobody up', async () => {
  const world = settledWorld(7);
  world.docker.stop(world.monitor.host, world.monitor.container);
  world.advance(2000);
  expect(await lockFormation(monitorOptions(world), 'ann@bastion')).toEqual({kind: 'unknown'});
});
