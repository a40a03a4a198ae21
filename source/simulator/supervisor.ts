import {nodeOf} from './container.ts';
import {nextPid} from './keeper.ts';
import {type LogLevel, log} from './log-lines.ts';
import {startPostgres, stopPostgres} from './postgres.ts';
import type {DataNode, Simulation} from './simulation.ts';
import type {Supervisor} from './world.ts';
import {hostNamed} from './world-faults.ts';

/** What Postgres takes to end in good order, and its service to be there again (ms). */
const stopping: readonly [number, number] = [300, 700];
const starting: readonly [number, number] = [50, 250];

/** pg_autoctl's supervisor in the containers of data nodes (supervisor.c, service_postgres_ctl.c). */
export function createSupervisor(simulation: Simulation): Supervisor {
  const find = (host: string, name: string): DataNode | undefined => {
    const container = hostNamed(simulation, host).containers.get(name);
    return container === undefined ? undefined : nodeOf(simulation, container);
  };
  return {
    restartPostgres(host, name, restarted) {
      const node = find(host, name);
      if (node === undefined || !node.keeper.running) return undefined;
      return restartPostgres(simulation, node, restarted);
    },
    reload(host, name) {
      const node = find(host, name);
      if (node === undefined || !node.keeper.running) return;
      const {container, keeper} = node;
      const say = (pid: number, message: string) => log(simulation, container, pid, 'INFO', message);
      say(container.pid, 'pg_autoctl received a SIGHUP signal, reloading configuration');
      say(container.pid, `Reloading service "node-active" by signaling pid ${keeper.pid} with SIGHUP`);
      say(keeper.pid, 'Reloaded the new configuration');
      say(keeper.pid, 'Reloading Postgres configuration and HBA rules');
    },
  };
}

function restartPostgres(simulation: Simulation, node: DataNode, restarted: (pid: number) => void): number {
  const {engine} = simulation;
  const {container} = node;
  const {life} = container;
  const old = nextPid(simulation);
  const say = (pid: number, level: LogLevel, message: string) => log(simulation, container, pid, level, message);
  say(old, 'INFO', 'Postgres controller service received signal SIGTERM, terminating');
  say(old, 'INFO', 'Stopping pg_autoctl postgres service');
  stopPostgres(simulation, node);
  engine.after(engine.random.between(...stopping), () => {
    if (container.life !== life) return;
    say(container.pid, 'WARN', 'pg_autoctl service postgres exited with exit status 0');
    say(container.pid, 'INFO', 'Restarting service postgres');
    const pid = nextPid(simulation);
    restarted(pid);
    engine.after(engine.random.between(...starting), () => {
      if (container.life !== life || node.postgres.running) return;
      const problem = startPostgres(simulation, node);
      if (problem !== undefined) say(pid, 'ERROR', problem);
      else say(pid, 'INFO', `Postgres is now serving PGDATA "/var/lib/postgres/pgaf" on port ${node.port}`);
    });
  });
  return old;
}
