import {afterEach, expect, test} from 'vitest';
import {readingOf} from '../../source/simulator/observer.ts';
import {endPrograms, program} from './host-shell/program.ts';
import {watchedWorld} from './host-shell/watched-world.ts';
import {advanceUntil, isSettled, settledWorld, states, truth} from './stage.ts';

afterEach(endPrograms);

test('a paused primary is silent and open for nobody; another takes over, and it follows when it goes on', () => {
  const world = settledWorld(3);
  expect(world.docker.pause('vm1', 'pg_node1')).toBeUndefined();
  world.advance(3000);
  expect(truth(world).writesPossible).toBe(false);
  expect(world.truth().faults).toEqual(['pause pg_node1']);
  const host = readingOf(world).hosts.find(each => each.name === 'vm1');
  expect(host?.postgres).toMatchObject({error: {kind: 'container-not-running'}});
  advanceUntil(world, () => truth(world).writesPossible, 120);
  expect(states(world)).toMatch(/^primary\/demote/);
  expect(world.docker.unpause('vm1', 'pg_node1')).toBeUndefined();
  advanceUntil(world, () => isSettled(world), 120);
  expect(truth(world).open).not.toContain('pg_node1');
});

test('a paused standby is found unhealthy, and is a secondary again when it goes on', () => {
  const world = settledWorld(3);
  world.docker.pause('vm2', 'pg_node2');
  advanceUntil(world, () => world.monitor.nodes().find(row => row.nodename === 'pg_node2')?.health === 0, 60);
  const reported = world.monitor.nodes().find(row => row.nodename === 'pg_node2')?.reporttime ?? 0;
  world.advance(30_000);
  expect(world.monitor.nodes().find(row => row.nodename === 'pg_node2')?.reporttime).toBe(reported);
  expect(truth(world).writesPossible).toBe(true);
  world.docker.unpause('vm2', 'pg_node2');
  advanceUntil(world, () => isSettled(world), 60);
});

test('a paused monitor says nothing to anybody, and goes on where it was', () => {
  const world = settledWorld(3);
  world.docker.pause('vm3', 'pg_monitor');
  const event = world.monitor.lastEventId();
  world.faults.kill('pg_node2');
  world.advance(60_000);
  expect(world.monitor.lastEventId()).toBe(event);
  expect(world.keeper('vm1', 'pg_node1')?.lastMonitorContact).toBeLessThan(world.now() - 55_000);
  world.docker.unpause('vm3', 'pg_monitor');
  world.faults.start('pg_node2');
  advanceUntil(world, () => isSettled(world), 120);
});

test("docker's own words about it, and programs that stand still inside", async () => {
  const world = watchedWorld();
  const run = (line: string) => program(world, 'vm1', `docker ${line}`).ended;
  const {id = ''} = world.containers('vm1')[0] ?? {};
  const say = (text: string) => `Error response from daemon: ${text}\n`;
  const cat = program(world, 'vm1', 'docker exec -i pg_node1 cat');
  cat.write('one\n');
  await cat.has('one\n');
  expect(await run('pause pg_node1')).toMatchObject({stdout: 'pg_node1\n', status: 0});
  expect(await run('pause pg_node1')).toMatchObject({stderr: say(`Container ${id} is already paused`), status: 1});
  expect((await run("ps --format '{{.Status}}'")).stdout).toMatch(/^Up \d+ \w+ \(Paused\)\n$/);
  expect((await run('exec pg_node1 true')).stderr).toBe(
    say('Container pg_node1 is paused, unpause the container before exec'),
  );
  expect((await run('start pg_node1')).stderr).toContain('cannot start a paused container, try unpause instead');
  expect((await run('rm pg_node1')).stderr).toBe(
    say(
      `You cannot remove a paused container ${id}. Unpause and then stop the container before attempting removal or force remove`,
    ),
  );
  cat.write('two\n');
  await cat.ready();
  expect(cat.output()).toBe('one\n');
  expect((await run('unpause pg_node1')).status).toBe(0);
  await cat.has('two\n');
  expect(await run('unpause pg_node1')).toMatchObject({stderr: say(`Container ${id} is not paused`), status: 1});
  cat.write(null);
  expect((await cat.ended).status).toBe(0);

  await run('pause pg_node1');
  const stop = program(world, 'vm1', 'docker stop -t 10 pg_node1');
  await stop.ready();
  world.advance(10_500);
  expect(await stop.ended).toMatchObject({stdout: 'pg_node1\n', status: 0});
  expect(world.containers('vm1')[0]).toMatchObject({state: 'exited', exitCode: 137});
  expect((await run('pause pg_node1')).stderr).toBe(say(`Container ${id} is not running`));
});
