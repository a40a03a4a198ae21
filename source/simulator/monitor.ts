import {beginRound} from './health-checks.ts';
import {log} from './log-lines.ts';
import type {Simulation} from './simulation.ts';

/** The monitor's container runs: its Postgres takes connections a second or so later, its health checks begin then. */
export function startMonitor(simulation: Simulation): void {
  const {monitor, engine} = simulation;
  const {container} = monitor;
  if (container === undefined) return;
  const {life} = container;
  log(simulation, container, container.pid, 'INFO', 'Started pg_autoctl postgres service with pid 23');
  log(simulation, container, container.pid, 'INFO', 'Started pg_autoctl listener service with pid 24');
  engine.after(engine.random.between(500, 1200), () => {
    if (container.life !== life) return;
    monitor.database.startedAt = engine.now();
    monitor.answers = true;
    if (monitor.database.formations.length === 0) {
      monitor.database.formations.push({
        formationid: 'default',
        kind: 'pgsql',
        dbname: 'postgres',
        opt_secondary: true,
        number_sync_standbys: 0,
      });
    }
    const listening = `Postgres is now serving PGDATA "/var/lib/postgres/pgaf" on port ${monitor.port} with pid 31`;
    log(simulation, container, container.pid, 'INFO', listening);
    monitor.round = engine.after(engine.random.between(300, 900), () => beginRound(simulation));
  });
}

/** The monitor's Postgres is gone; what it was about to do is void. */
export function stopMonitor(simulation: Simulation): void {
  const {monitor} = simulation;
  monitor.answers = false;
  if (monitor.round !== undefined) monitor.round.cancelled = true;
  monitor.round = undefined;
}
