import {bad, good, type Outcome} from '../../../source/cluster/problem.ts';
import type {World} from '../../../source/simulator/world.ts';
import type {HostConnection, ProcessEnd, RemoteProcess} from '../../../source/ssh/host-connection.ts';
import {type Running, start} from './run-program.ts';

/** A host where `docker exec` runs the programs of a world's containers: SSH and docker are left out. */
export type ContainerHost = HostConnection & {started: readonly Running[]};

export function containerHost(world: World, name: string): ContainerHost {
  const link = {value: {connectedAt: 1, roundTripMs: 1}, at: 1, source: 'ssh'};
  const started: Running[] = [];
  const exec = (argv: readonly string[]): Running => {
    const {container, program, environment} = parsed(argv);
    const running = start(world, program, {host: name, container, environment});
    started.push(running);
    return running;
  };
  return {
    name,
    started,
    link: () => link,
    subscribe: () => () => undefined,
    retryNow: () => undefined,
    async run(argv) {
      const running = exec(argv);
      running.endInput();
      const exitCode = await running.ended;
      await new Promise(setImmediate);
      return good({exitCode, signal: null, stdout: running.output(), stderr: running.errors()});
    },
    async stream(argv): Promise<Outcome<RemoteProcess>> {
      const running = exec(argv);
      return good({
        stdout: running.stdout,
        stderr: running.stderr,
        write: text => running.type(text),
        ended: running.ended.then((exitCode): ProcessEnd => ({exitCode, signal: null})),
        close() {
          running.endInput();
          running.abort();
        },
      });
    },
    session: async () => bad('internal', 'no sessions in this test'),
    forward: async () => bad('refused', 'refused'),
    close: async () => undefined,
  };
}

function parsed(argv: readonly string[]) {
  const environment: Record<string, string> = {};
  let index = argv.indexOf('exec') + 1;
  for (let word = argv[index] ?? ''; word.startsWith('-'); word = argv[index] ?? '') {
    if (word === '-e') {
      const [key = '', ...value] = (argv[index + 1] ?? '').split('=');
      environment[key] = value.join('=');
    }
    index += word === '-e' || word === '-u' ? 2 : 1;
  }
  return {container: argv[index] ?? '', program: argv.slice(index + 1), environment};
}
