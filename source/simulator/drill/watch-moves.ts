import type {MonitorCall} from '../answer.ts';
import type {DockerCommands, World} from '../world.ts';

/** The same world for those who serve it to a person: `moved` hears of everything that the person changes, and why it was refused. */
export function watchMoves(world: World, moved: (words: string, refused: string | undefined) => void): World {
  const {monitor, docker} = world;
  const told = (words: string, refused: string | undefined) => {
    moved(words, refused);
    return refused;
  };
  const watchedDocker: DockerCommands = {
    start: (host, name) => told(`docker start ${name}`, docker.start(host, name)),
    stop: (host, name) => told(`docker stop ${name}`, docker.stop(host, name)),
    kill: (host, name) => told(`docker kill ${name}`, docker.kill(host, name)),
    restart: (host, name) => told(`docker restart ${name}`, docker.restart(host, name)),
    pause: (host, name) => told(`docker pause ${name}`, docker.pause(host, name)),
    unpause: (host, name) => told(`docker unpause ${name}`, docker.unpause(host, name)),
    updateRestartPolicy: docker.updateRestartPolicy,
    emptyData: (host, name) => told(`empty PGDATA of ${name}`, docker.emptyData(host, name)),
    createAgain: (host, name, ended) =>
      told(`pg_autoctl create postgres in ${name}`, docker.createAgain(host, name, ended)),
    create: (host, container) => told(`docker compose up ${container.name}`, docker.create(host, container)),
    remove: (host, name, volumes) => told(`docker rm ${name}`, docker.remove(host, name, volumes)),
  };
  return {
    ...world,
    docker: watchedDocker,
    supervisor: {
      ...world.supervisor,
      restartPostgres(host, name, restarted) {
        moved(`restart postgres in ${name}`, undefined);
        return world.supervisor.restartPostgres(host, name, restarted);
      },
    },
    monitor: {
      ...monitor,
      // A copy would hold what these were when it was made.
      get host() {
        return monitor.host;
      },
      get container() {
        return monitor.container;
      },
      get port() {
        return monitor.port;
      },
      call(call, options) {
        const answer = monitor.call(call, options);
        // What is rolled back is only asked, as a preflight does.
        if (options?.rollBack !== true) moved(wordsOf(call), answer.ok ? undefined : answer.error.message);
        return answer;
      },
    },
  };
}

function wordsOf({call, ...parameters}: MonitorCall): string {
  return [call, ...Object.values(parameters)].join(' ');
}
