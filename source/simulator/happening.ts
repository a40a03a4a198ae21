/** A NOTIFY of the monitor: channel and exact payload (notifications.c). */
export type Notification = {kind: 'notification'; at: number; channel: 'state' | 'log'; payload: string};

/** A line that a container wrote, as docker keeps it; pg_autoctl logs on standard error. */
export type ContainerLine = {
  kind: 'line';
  at: number;
  host: string;
  container: string;
  stream: 'stdout' | 'stderr';
  text: string;
};

/** One of the events that `docker events --filter type=container` prints. */
export type DockerEvent = {
  kind: 'docker';
  at: number;
  host: string;
  container: string;
  containerId: string;
  image: string;
  action: 'create' | 'start' | 'kill' | 'die' | 'stop' | 'restart' | 'pause' | 'unpause' | 'destroy' | 'update';
  exitCode?: number;
};

/** The power or the network of a host changed: connections through it may have ended. */
export type HostEvent = {
  kind: 'host';
  at: number;
  host: string;
  action: 'power-off' | 'power-on' | 'network' | 'freeze' | 'thaw';
};

/** Something that happened in the world; `at` is milliseconds since 1970 of simulated time. */
export type Happening = Notification | ContainerLine | DockerEvent | HostEvent;
