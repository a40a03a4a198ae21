import {outputOf} from '../container-programs/output.ts';
import {createShell, type ShellLook} from '../container-programs/shell.ts';
import type {Files} from '../files.ts';
import type {ContainerPlace, ContainerProgram, ContainerPrograms, SimulatedProcess} from '../program.ts';
import {docker} from './docker/docker.ts';
import type {HostPlace} from './host-place.ts';
import {hostTools} from './host-tools.ts';
import {lifelineCall, withinLifeline} from './lifeline-call.ts';
import {sudo} from './sudo.ts';

/** What a session runs on a host: one command line for the login shell, or the shell itself. */
export type HostRequest = {kind: 'exec'; command: string} | {kind: 'shell'};

export type SimulatedHost = {
  /** Runs it as that user until its end, or soon after the process's signal; gives the exit status. */
  run(user: string, request: HostRequest, process: SimulatedProcess): Promise<number>;
};

/** A host of the world with its shell and its docker. */
export function createHost(place: HostPlace): SimulatedHost {
  const nowhere: ContainerPlace = {
    world: place.world,
    host: place.host,
    container: place.host,
    get files() {
      return place.world.files(place.host);
    },
  };
  const programs: ContainerPrograms = name => {
    const plain = name.replace(/^\/(usr\/(local\/)?)?s?bin\//, '');
    return Object.hasOwn(table, plain) ? table[plain] : undefined;
  };
  const login = createShell(programs, prompt);
  const shell: ContainerProgram = (process, where) => {
    const call = lifelineCall(process.argv);
    if (call === undefined) return login(process, where);
    return withinLifeline(process, call.input, inner => start({...inner, argv: call.argv}, programs, where));
  };
  const table: Readonly<Record<string, ContainerProgram>> = {
    ...hostTools(place),
    docker: process => docker(process, place),
    sudo: (process, where) => sudo(process, inner => start(inner, programs, where)),
    sh: shell,
    bash: shell,
    dash: shell,
  };
  return {
    run(user, request, process) {
      const motd = request.kind === 'shell';
      const argv = motd ? ['bash'] : ['bash', '-c', request.command];
      if (motd && process.terminal !== undefined) {
        process.stdout.write(`The embedded cluster of pgaf: ${place.host}, nothing here is real. Try: docker ps\r\n`);
      }
      const environment = {HOME: user === 'root' ? '/root' : `/home/${user}`, ...process.environment, USER: user};
      makeHome(nowhere.files, environment.HOME, user);
      return login({...process, argv, environment}, nowhere);
    },
  };
}

/** Whoever is let in has a home. */
function makeHome(files: Files | undefined, home: string, owner: string): void {
  if (files?.entry(home) === undefined) files?.makeDirectory(home, {owner, mode: 0o700});
}

const prompt: ShellLook = ({environment}, {host}, directory) =>
  `${environment.USER || 'root'}@${host}:${directory === environment.HOME ? '~' : directory}$ `;

/** Runs a program of the host by its name. */
async function start(process: SimulatedProcess, programs: ContainerPrograms, where: ContainerPlace): Promise<number> {
  const [name = ''] = process.argv;
  const program = programs(name);
  if (program !== undefined) return program(process, where);
  await outputOf(process).error(`sh: 1: ${name}: not found\n`);
  return 127;
}
