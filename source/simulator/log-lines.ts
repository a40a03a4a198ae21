import type {ContainerState, Simulation} from './simulation.ts';

/** So many lines of a container are kept. */
const keptLines = 2000;

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

/** Writes a line as pg_autoctl does: `HH:MM:SS pid LEVEL  message`, on standard error. */
export function log(
  simulation: Simulation,
  container: ContainerState,
  pid: number,
  level: LogLevel,
  message: string,
): void {
  const at = simulation.engine.now() + container.host.clockSkew;
  writeLine(simulation, container, lineText(at, {pid, level, message}));
}

function lineText(at: number, {pid, level, message}: {pid: number; level: LogLevel; message: string}): string {
  return `${new Date(at).toISOString().slice(11, 19)} ${pid} ${level.padEnd(5)} ${message}`;
}

/** Puts a line into the past of a container; nobody is there to hear of it. */
export function recallLine(
  container: ContainerState,
  at: number,
  line: {pid: number; level: LogLevel; message: string},
): void {
  container.lines.push({at, stream: 'stderr', text: lineText(at, line)});
}

/** Writes a line of any form. */
export function writeLine(simulation: Simulation, container: ContainerState, text: string): void {
  const at = simulation.engine.now();
  container.lines.push({at, stream: 'stderr', text});
  if (container.lines.length > keptLines * 1.25) container.lines.splice(0, container.lines.length - keptLines);
  simulation.engine.emit({
    kind: 'line',
    at,
    host: container.host.name,
    container: container.name,
    stream: 'stderr',
    text,
  });
}
