import type {ContainerState} from './simulation.ts';

/** Does something now, or when the container is unpaused: what is frozen finds that its time has come only then. */
export function whenThawed(container: ContainerState, run: () => void): void {
  if (container.state === 'paused') container.held.push(run);
  else run();
}

/** Ends the freezing of what is in a container, and lets it do what it had to meanwhile. */
export function thaw(container: ContainerState): void {
  container.state = 'running';
  for (const run of container.held.splice(0)) run();
}
