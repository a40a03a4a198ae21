import {emit, killContainer, nodeOf, startContainer, stopContainer} from './container.ts';
import {settleAll} from './host-power.ts';
import {newContainer, newNode} from './new-container.ts';
import {createNode} from './node-start.ts';
import {thaw} from './pause.ts';
import {newPostgres} from './postgres.ts';
import type {ContainerState, Simulation} from './simulation.ts';
import {reviewStreams} from './streaming.ts';
import type {DockerCommands} from './world.ts';
import {hostNamed} from './world-faults.ts';

/** `docker` on the hosts of a simulation. */
export function createDocker(simulation: Simulation): DockerCommands {
  const withContainer =
    (run: (container: ContainerState) => string | undefined) =>
    (host: string, name: string): string | undefined => {
      const container = hostNamed(simulation, host).containers.get(name);
      return container === undefined ? `Error response from daemon: No such container: ${name}` : run(container);
    };
  const stop = withContainer(container => {
    stopContainer(simulation, container, true);
    return undefined;
  });
  return {
    start: withContainer(container => {
      startContainer(simulation, container);
      return undefined;
    }),
    stop,
    kill: withContainer(container => {
      if (container.state !== 'running' && container.state !== 'paused') {
        return `Error response from daemon: cannot kill container: ${container.name}: container ${container.id} is not running`;
      }
      killContainer(simulation, container);
      return undefined;
    }),
    restart: withContainer(container => {
      if (container.state !== 'running' && container.state !== 'paused') startContainer(simulation, container);
      else {
        stopContainer(simulation, container, false, () => {
          startContainer(simulation, container);
          emit(simulation, container, 'restart');
        });
      }
      return undefined;
    }),
    pause: withContainer(container => {
      const {id, state} = container;
      if (state === 'paused') return `Error response from daemon: Container ${id} is already paused`;
      if (state !== 'running') return `Error response from daemon: Container ${id} is not running`;
      settleAll(simulation);
      container.state = 'paused';
      reviewStreams(simulation);
      emit(simulation, container, 'pause');
      return undefined;
    }),
    unpause: withContainer(container => {
      if (container.state !== 'paused') return `Error response from daemon: Container ${container.id} is not paused`;
      settleAll(simulation);
      thaw(container);
      reviewStreams(simulation);
      emit(simulation, container, 'unpause');
      return undefined;
    }),
    updateRestartPolicy(host, name, policy) {
      return withContainer(container => {
        container.restartPolicy = policy;
        if (policy === 'no' && container.state === 'restarting') {
          container.state = 'exited';
          container.life += 1;
        }
        emit(simulation, container, 'update');
        return undefined;
      })(host, name);
    },
    create(hostName, settings) {
      const host = hostNamed(simulation, hostName);
      const existing = host.containers.get(settings.name);
      const container = existing ?? newContainer(host, settings);
      if (existing === undefined) {
        host.containers.set(container.name, container);
        if (settings.role.kind === 'node') newNode(simulation, container, settings.role);
        else if (simulation.monitor.container === undefined) {
          simulation.monitor.container = container;
          simulation.monitor.host = host;
          simulation.monitor.name = container.name;
          simulation.monitor.port = container.port;
        } else return 'Error response from daemon: there is a monitor already';
        emit(simulation, container, 'create');
      }
      startContainer(simulation, container);
      return undefined;
    },
    emptyData: withContainer(container => {
      const node = nodeOf(simulation, container);
      if (node?.postgres.running === true) return 'Postgres runs on it';
      if (node !== undefined)
        Object.assign(node.postgres, newPostgres(node.group.main, node.postgres.systemIdentifier));
      return undefined;
    }),
    createAgain: (host, name, ended) =>
      withContainer(container => {
        const node = nodeOf(simulation, container);
        if (node === undefined) return 'there is no node in it';
        if (container.state === 'running') return 'pg_autoctl is already running with pid 1';
        container.life += 1;
        createNode(simulation, node, ended);
        return undefined;
      })(host, name),
    remove(hostName, name, volumes) {
      return withContainer(container => {
        killContainer(simulation, container);
        container.life += 1;
        const node = nodeOf(simulation, container);
        if (node !== undefined) {
          if (!volumes) container.host.volumes.set(name, {state: node.state, postgres: node.postgres});
          simulation.nodes = simulation.nodes.filter(other => other !== node);
          node.group.nodes = node.group.nodes.filter(other => other !== node);
        }
        container.host.containers.delete(name);
        if (container === simulation.monitor.container) simulation.monitor.container = undefined;
        emit(simulation, container, 'destroy');
        return undefined;
      })(hostName, name);
    },
  };
}
