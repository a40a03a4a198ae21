import type {DockerEvent} from './happening.ts';
import {endLoop, nextPid} from './keeper.ts';
import {log} from './log-lines.ts';
import {startMonitor, stopMonitor} from './monitor.ts';
import {startNode} from './node-start.ts';
import {crashPostgres, stopPostgres} from './postgres.ts';
import {insidePids, terminationLines} from './service-lines.ts';
import type {ContainerState, DataNode, Simulation} from './simulation.ts';

/** Docker starts a container anew after it ended by itself: at first after this time, then after twice as long, up to a minute. */
const firstBackOff = 100;
const longestBackOff = 60_000;
/** A container that ran for so long begins at the first back-off again. */
const settledAfter = 10_000;
/** `docker stop` waits so long before it kills. */
const stopTimeout = 10_000;

/** Starts a container; what is in it begins a moment later. */
export function startContainer(simulation: Simulation, container: ContainerState): void {
  if (container.state === 'running') return;
  const {engine} = simulation;
  container.life += 1;
  container.state = 'running';
  container.stoppedByHand = false;
  container.startedAt = engine.now();
  container.exitCode = 0;
  container.pid = nextPid(simulation);
  emit(simulation, container, 'start');
  const {life} = container;
  engine.after(engine.random.between(150, 400), () => {
    if (container.life !== life) return;
    if (container.role === 'monitor') startMonitor(simulation);
    else {
      const node = nodeOf(simulation, container);
      if (node !== undefined) startNode(simulation, node, code => exitContainer(simulation, container, code));
    }
  });
}

/** `docker stop`: Postgres ends in good order. It is over after half a second. */
export function stopContainer(
  simulation: Simulation,
  container: ContainerState,
  byHand: boolean,
  then?: () => void,
): void {
  const {engine} = simulation;
  if (container.state === 'restarting') {
    container.life += 1;
    container.state = 'exited';
    container.stoppedByHand = byHand;
    emit(simulation, container, 'stop');
    return;
  }
  if (container.state === 'paused') {
    // Frozen, it hears of nothing: it is killed when its time to stop is over.
    engine.after(stopTimeout, () => {
      if (container.state !== 'paused') return;
      killContainer(simulation, container);
      container.stoppedByHand = byHand;
      emit(simulation, container, 'stop');
      then?.();
    });
    return;
  }
  if (container.state !== 'running') return;
  container.stoppedByHand = byHand;
  container.life += 1;
  const {life} = container;
  emit(simulation, container, 'kill');
  for (const {pid, level, message} of terminationLines) log(simulation, container, pid, level, message);
  endInside(simulation, container, stopPostgres);
  engine.after(engine.random.between(250, 700), () => {
    if (container.life !== life) return;
    log(simulation, container, insidePids.autoctl, 'INFO', 'Stop pg_autoctl');
    end(simulation, container, 0);
    emit(simulation, container, 'stop');
    then?.();
  });
}

/** `docker kill`: everything in it is gone at once. */
export function killContainer(simulation: Simulation, container: ContainerState): void {
  if (container.state !== 'running' && container.state !== 'paused') return;
  container.held = [];
  container.stoppedByHand = true;
  container.life += 1;
  emit(simulation, container, 'kill');
  endInside(simulation, container, crashPostgres);
  end(simulation, container, 137);
}

/** The machine lost its power: nothing says good-bye. */
export function losePower(simulation: Simulation, container: ContainerState): void {
  container.life += 1;
  container.held = [];
  endInside(simulation, container, crashPostgres);
}

/** The machine is back: Docker starts what ran, as its restart policy says. */
export function afterBoot(simulation: Simulation, container: ContainerState): void {
  const ran = ['running', 'restarting', 'paused'].includes(container.state);
  const wanted =
    container.restartPolicy === 'always' || (container.restartPolicy === 'unless-stopped' && !container.stoppedByHand);
  if (!ran && !(container.restartPolicy === 'always')) return;
  container.state = 'exited';
  container.exitCode = 255;
  container.finishedAt = simulation.engine.now();
  container.backOff = 0;
  if (wanted) startContainer(simulation, container);
}

/** The node in a container. */
export function nodeOf(simulation: Simulation, container: ContainerState): DataNode | undefined {
  return simulation.nodes.find(node => node.container === container);
}

/** Publishes one of docker's events. */
export function emit(simulation: Simulation, container: ContainerState, action: DockerEvent['action']): void {
  simulation.engine.emit({
    kind: 'docker',
    at: simulation.engine.now(),
    host: container.host.name,
    container: container.name,
    containerId: container.id,
    image: container.image,
    action,
    ...(action === 'die' ? {exitCode: container.exitCode} : {}),
  });
}

/** What is in the container ended by itself; the restart policy decides what follows. */
export function exitContainer(simulation: Simulation, container: ContainerState, code: number): void {
  if (container.state !== 'running') return;
  const {engine} = simulation;
  const ran = engine.now() - (container.startedAt ?? engine.now());
  container.life += 1;
  endInside(simulation, container, stopPostgres);
  end(simulation, container, code);
  if (container.restartPolicy === 'no') return;
  container.state = 'restarting';
  container.backOff =
    ran > settledAfter || container.backOff === 0 ? firstBackOff : Math.min(longestBackOff, container.backOff * 2);
  const {life} = container;
  engine.after(container.backOff, () => {
    if (container.life !== life || container.state !== 'restarting') return;
    container.restarts += 1;
    startContainer(simulation, container);
  });
}

function end(simulation: Simulation, container: ContainerState, code: number): void {
  container.state = 'exited';
  container.exitCode = code;
  container.finishedAt = simulation.engine.now();
  container.pid = 0;
  emit(simulation, container, 'die');
}

function endInside(
  simulation: Simulation,
  container: ContainerState,
  endPostgres: (simulation: Simulation, node: DataNode) => void,
): void {
  if (container.role === 'monitor') {
    stopMonitor(simulation);
    return;
  }
  const node = nodeOf(simulation, container);
  if (node === undefined) return;
  endLoop(node);
  endPostgres(simulation, node);
}
