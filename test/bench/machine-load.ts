import {cpus, loadavg} from 'node:os';

/** One sentence about where and under which load the numbers were taken; a busy machine makes them void. */
export function describeMachine(loadBefore: number): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'processor unknown';
  const load = [loadBefore, loadAverage()].map(value => value.toFixed(1));
  return `${processors.length} x ${model}, Node ${process.versions.node}, load average before ${load.join(', after ')}`;
}

/** Of the last minute. */
export function loadAverage(): number {
  return loadavg()[0] ?? Number.NaN;
}
