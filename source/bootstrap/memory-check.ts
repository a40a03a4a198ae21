import type {DesiredCluster, DesiredContainer} from './desired-cluster.ts';
import {failed, type HostCheck, passed, warned} from './host-check.ts';
import type {HostSurvey} from './host-survey.ts';

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;
/** Processes, connections and work_mem beside shared_buffers, for a server that has little to do. */
const leastBeside = 256 * mebibyte;

/**
 * Whether the servers of a host fit into its memory. pg_autoctl gives each a quarter of the host's memory as shared_buffers (pgtuning.c),
 * the monitor as well, and does not look at the container's limit. Those that are made already are not refused any more.
 */
export function memoryCheck(
  {settings, monitor}: DesiredCluster,
  here: readonly DesiredContainer[],
  {host, containers}: HostSurvey,
  memory: number,
): HostCheck {
  const title = 'there is memory for its servers';
  const refuse = here.some(({container}) => containers.has(container)) ? warned : failed;
  const isMonitor = ({container}: DesiredContainer) => container === monitor.container;
  const own = sizeOf(settings.parameters.shared_buffers);
  const needed = here.map(each => ({each, buffers: (isMonitor(each) ? undefined : own) ?? tuned(memory)}));
  const limit = sizeOf(settings.memory);
  const sum = needed.reduce((total, {buffers}) => total + buffers + leastBeside, 0);
  const text = `${shown(memory)} for ${here.length} server${here.length === 1 ? '' : 's'} with ${needed.map(({buffers}) => shown(buffers)).join(' and ')} of shared_buffers`;
  if (sum > memory) {
    const remedy =
      'give bootstrap.parameters.shared_buffers a smaller value, the servers other hosts, or the host more';
    return refuse(host, 'memory', title, text, remedy);
  }
  // A monitor has little in its buffers, whatever is set.
  const tight = needed.find(
    ({each, buffers}) => !isMonitor(each) && limit !== undefined && buffers + leastBeside > limit,
  );
  if (tight !== undefined && limit !== undefined) {
    const evidence = `${tight.each.container} may use ${shown(limit)}, and ${shown(tight.buffers)} of that are shared_buffers`;
    const remedy = 'give bootstrap.parameters.shared_buffers a quarter of bootstrap.memory, or raise that';
    return refuse(host, 'memory', title, evidence, remedy);
  }
  if (limit !== undefined && limit * here.length > memory) {
    const evidence = `limits of ${shown(limit)} for ${here.length} in ${shown(memory)}`;
    return warned(host, 'memory', title, evidence, 'lower bootstrap.memory');
  }
  return memory / Math.max(1, here.length) < gibibyte
    ? warned(host, 'memory', title, text, 'a server with little memory serves little: give it 1 GiB or more')
    : passed(host, 'memory', title, text);
}

/** As pgtuning.c does it. */
function tuned(memory: number): number {
  if (memory <= 64 * gibibyte) return memory / 4;
  return (memory <= 256 * gibibyte ? 16 : 32) * gibibyte;
}

/** Bytes of a size as Docker or PostgreSQL writes it; a plain number of shared_buffers is one of pages. */
export function sizeOf(text: string | undefined): number | undefined {
  const [, number, unit = ''] = /^'?(\d+)\s*([a-zA-Z]*)'?$/.exec(text?.trim() ?? '') ?? [];
  const factor = {
    '': 8192,
    b: 1,
    k: 1024,
    kb: 1024,
    m: mebibyte,
    mb: mebibyte,
    g: gibibyte,
    gb: gibibyte,
    tb: 1024 * gibibyte,
  }[unit.toLowerCase()];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

function shown(bytes: number): string {
  return bytes >= gibibyte ? `${(bytes / gibibyte).toFixed(1)} GiB` : `${Math.round(bytes / mebibyte)} MiB`;
}
