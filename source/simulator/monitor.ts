import {beginRound} from './health-checks.ts';
import {log} from './log-lines.ts';
import {listeningLines, servingLines, startLines} from './service-lines.ts';
import type {Simulation} from './simulation.ts';

/** The monitor's container runs: its Postgres takes connections a second or so later, its health checks begin then. */
export function startMonitor(simulation: Simulation): void {
  const {monitor, engine} = simulation;
  const {container} = monitor;
  if (container === undefined) return;
  const {life} = container;
  for (const {pid, level, message} of startLines('listener')) log(simulation, container, pid, level, message);
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
    const ready = [...servingLines(monitor.port, 23), ...listeningLines(container.host.address, monitor.port)];
    for (const {pid, level, message} of ready) log(simulation, container, pid, level, message);
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
