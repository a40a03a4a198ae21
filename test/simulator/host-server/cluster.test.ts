import type {Duplex} from 'node:stream';
import {describe, expect, test} from 'vitest';
import {current, problemOf, type Sample} from '../../../source/cluster/sample.ts';
import type {PostgresReading} from '../../../source/cluster/snapshot.ts';
import {type MonitorUpdate, watchMonitor} from '../../../source/monitor/monitor.ts';
import {watchPostgres} from '../../../source/postgres/postgres.ts';
import type {ConnectFromHost} from '../../../source/simulator/host-server/tunnels.ts';
import type {World} from '../../../source/simulator/world.ts';
import {closeAfterTest} from '../../ssh/hosts.ts';
import {until} from '../../ssh/until.ts';
import {watchedWorld} from '../host-shell/watched-world.ts';
import {streamToMonitor} from '../monitor-server/monitor-place.ts';
import {run, serve} from './console.ts';

const clock = {now: Date.now, random: () => 0};
const docker = ['docker'];

function connectTo(world: World): ConnectFromHost {
  return (_address, port): Duplex | 'refused' =>
    port === world.monitor.port && world.monitor.answers() ? streamToMonitor(world) : 'refused';
}

function closed(watch: {close(): void | Promise<void>}): void {
  closeAfterTest({close: async () => watch.close()});
}

describe('through SSH', () => {
  test('the monitor is read and heard, also after its container stopped and started', async () => {
    const world = watchedWorld();
    run(world);
    const host = (await serve(world, 'vm3', {connect: connectTo(world)})).open();
    const updates: MonitorUpdate[] = [];
    const address = world.hosts().find(each => each.name === 'vm3')?.address ?? '';
    closed(
      watchMonitor({host, docker, address, container: 'pg_monitor', port: 6000, formation: 'default', clock}, update =>
        updates.push(update),
      ),
    );
    const reading = () => updates.at(-1)?.reading;
    await until(() => (current(reading())?.nodes.length ?? 0) === 3);
    world.faults.kill('pg_monitor');
    await until(() => problemOf(reading()) !== undefined);
    world.faults.start('pg_monitor');
    await until(() => problemOf(reading()) === undefined);
  });

  test('each PostgreSQL is read by a psql in its container, which a power cut ends', async () => {
    const world = watchedWorld();
    run(world);
    const served = await serve(world, 'vm1');
    const host = served.open();
    const samples: Sample<PostgresReading>[] = [];
    const watch = watchPostgres({host, docker, container: 'pg_node1', port: 5432, clock}, sample =>
      samples.push(sample),
    );
    closed(watch);
    await until(() => current(samples.at(-1))?.inRecovery === false);
    expect(current(samples.at(-1))?.replication).toHaveLength(2);
    world.faults.powerOff('vm1');
    await until(() => problemOf(samples.at(-1)) !== undefined);
    world.faults.powerOn('vm1');
    world.advance(20_000);
    host.retryNow();
    watch.refresh();
    await until(() => problemOf(samples.at(-1)) === undefined);
    watch.close();
    await host.close();
    await until(() => world.listening() <= 1);
  });
});
