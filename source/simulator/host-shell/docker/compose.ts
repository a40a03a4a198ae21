import {outputOf} from '../../container-programs/output.ts';
import type {SimulatedProcess} from '../../program.ts';
import type {HostPlace} from '../host-place.ts';
import {type Options, type OptionTable, parseOptions} from '../options.ts';
import {configText} from './compose-file.ts';
import {type ComposeProject, findProject, projectOptions} from './compose-project.ts';
import {DockerFailure, daemonAnswers, findContainer} from './daemon.ts';
import {commandOptions} from './docker-command.ts';
import {carryOut} from './lifecycle.ts';
import {containerRow} from './ps.ts';
import {formatted} from './table.ts';

/** One of Compose's commands; its `words` are services. */
type ComposeCommand = {
  table: OptionTable;
  usage: string;
  run: (call: Call) => Promise<number>;
};

type Call = {process: SimulatedProcess; place: HostPlace; project: ComposeProject; options: Options};

const services = '[OPTIONS] [SERVICE...]';
const timeout = {valued: ['timeout'], numbers: ['timeout'], short: {t: 'timeout'}};

const commands: Readonly<Record<string, ComposeCommand>> = {
  up: {
    table: {
      flags: [
        ...['detach', 'build', 'no-build', 'force-recreate', 'no-recreate', 'remove-orphans', 'wait', 'quiet-pull'],
        ...['no-start', 'no-deps', 'yes'],
      ],
      valued: ['timeout', 'pull', 'wait-timeout'],
      numbers: ['timeout', 'wait-timeout'],
      short: {d: 'detach', t: 'timeout', y: 'yes'},
    },
    usage: services,
    run: up,
  },
  down: {
    table: {
      flags: ['volumes', 'remove-orphans'],
      valued: ['timeout', 'rmi'],
      numbers: ['timeout'],
      short: {v: 'volumes', t: 'timeout'},
    },
    usage: services,
    run: down,
  },
  ps: {
    table: {
      flags: ['all', 'quiet', 'services', 'no-trunc', 'orphans'],
      valued: ['format', 'filter', 'status'],
      short: {a: 'all', q: 'quiet'},
    },
    usage: services,
    run: list,
  },
  config: {
    table: {
      flags: ['quiet', 'services', 'images', 'no-interpolate'],
      valued: ['format', 'output'],
      short: {q: 'quiet', o: 'output'},
    },
    usage: services,
    run: config,
  },
  start: {
    table: {flags: [], valued: []},
    usage: '[SERVICE...]',
    run: call => each(call, 'start', 'Starting', 'Started'),
  },
  stop: {table: {flags: [], ...timeout}, usage: services, run: call => each(call, 'stop', 'Stopping', 'Stopped')},
  restart: {
    table: {...timeout, flags: ['no-deps']},
    usage: services,
    run: call => each(call, 'restart', 'Restarting', 'Started'),
  },
  kill: {
    table: {flags: ['remove-orphans'], valued: ['signal'], short: {s: 'signal'}},
    usage: services,
    run: call => each(call, 'kill', 'Killing', 'Killed'),
  },
  pull: {
    table: {flags: ['quiet', 'ignore-pull-failures', 'include-deps'], valued: ['policy'], short: {q: 'quiet'}},
    usage: services,
    run: pull,
  },
};

/** Whether `docker compose` with these arguments takes its file from standard input. */
export function composeReadsInput(argv: readonly string[]): boolean {
  const options = parseOptions(argv, projectOptions);
  return !('mistake' in options) && options.value('file') === '-';
}

/** `docker compose`, as far as files with containers of the cluster go. */
export async function dockerCompose(
  argv: readonly string[],
  process: SimulatedProcess,
  place: HostPlace,
): Promise<number> {
  const before = commandOptions('compose', argv, {table: projectOptions, usage: '[OPTIONS] COMMAND'});
  const [name = '', ...rest] = before.words;
  if (name === 'version') {
    const format = rest[rest.indexOf('--format') + 1];
    const text = rest.includes('--short')
      ? '2.29.7'
      : rest.includes('--format') && format === 'json'
        ? '{"version":"v2.29.7"}'
        : 'Docker Compose version v2.29.7';
    await outputOf(process).out(`${text}\n`);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new DockerFailure(`unknown docker command: "compose ${name}"`);
  const options = commandOptions(`compose ${name}`, rest, command);
  await daemonAnswers(place.world, place.host, process.signal);
  if (process.signal.aborted) return 130;
  const project = await findProject(process, place, before);
  if (project === undefined) return 130;
  const strange = options.words.find(word => !project.services.some(({service}) => service === word));
  if (strange !== undefined) throw new DockerFailure(`no such service: ${strange}`);
  return command.run({process, place, project, options});
}

/** The services that are meant: those that were named, or all. */
function meant({project, options}: Call): ComposeProject['services'] {
  return project.services.filter(({service}) => options.words.length === 0 || options.words.includes(service));
}

async function up(call: Call): Promise<number> {
  const {process, place, options} = call;
  const {world, host} = place;
  for (const {container} of meant(call)) {
    const before = findContainer(world, host, container.name);
    if (before?.state === 'running' && !options.has('force-recreate')) {
      await tell(process, container.name, 'Running');
      continue;
    }
    if (before !== undefined && options.has('force-recreate')) {
      await tell(process, container.name, 'Recreate');
      complainOf(world.docker.remove(host, container.name, false));
      await tell(process, container.name, 'Recreated');
    } else if (before === undefined) {
      await tell(process, container.name, 'Creating');
      await tell(process, container.name, 'Created');
    }
    await tell(process, container.name, 'Starting');
    complainOf(world.docker.create(host, container));
    await tell(process, container.name, 'Started');
  }
  if (options.has('detach') || options.has('wait') || options.has('no-start')) return 0;
  const names = meant(call).map(({container}) => container.name);
  await outputOf(process).out(`Attaching to ${names.join(', ')}\n`);
  await new Promise<void>(resolve => {
    if (process.signal.aborted) resolve();
    else process.signal.addEventListener('abort', () => resolve(), {once: true});
  });
  return 130;
}

async function down(call: Call): Promise<number> {
  const {process, place, options} = call;
  const {world, host} = place;
  for (const {container} of meant(call)) {
    const before = findContainer(world, host, container.name);
    if (before === undefined) continue;
    await tell(process, container.name, 'Stopping');
    if (before.state === 'running' || before.state === 'restarting') {
      complainOf(await carryOut('stop', process, place, container.name));
      if (process.signal.aborted) return 130;
    }
    await tell(process, container.name, 'Stopped');
    await tell(process, container.name, 'Removing');
    complainOf(world.docker.remove(host, container.name, options.has('volumes')));
    await tell(process, container.name, 'Removed');
    if (options.has('volumes')) await outputOf(process).error(` Volume ${container.name}_home  Removed\n`);
  }
  return 0;
}

async function each(
  call: Call,
  command: 'start' | 'stop' | 'restart' | 'kill',
  begin: string,
  end: string,
): Promise<number> {
  const {process, place} = call;
  for (const {service, container} of meant(call)) {
    if (findContainer(place.world, place.host, container.name) === undefined) {
      if (command === 'start') throw new DockerFailure(`service "${service}" has no container to start`);
      continue;
    }
    await tell(process, container.name, begin);
    complainOf(await carryOut(command, process, place, container.name));
    if (process.signal.aborted) return 130;
    await tell(process, container.name, end);
  }
  return 0;
}

async function pull(call: Call): Promise<number> {
  for (const {service} of meant(call)) {
    await outputOf(call.process).error(` ${service} Pulling \n ${service} Pulled \n`);
  }
  return 0;
}

async function list(call: Call): Promise<number> {
  const {process, place, project, options} = call;
  const {world, host} = place;
  const shown = meant(call).flatMap(({service, container}) => {
    const view = findContainer(world, host, container.name);
    const lives = view !== undefined && ['running', 'paused', 'restarting'].includes(view.state);
    return view !== undefined && (lives || options.has('all')) ? [{service, view}] : [];
  });
  const output = outputOf(process);
  if (options.has('services')) {
    await output.out(shown.map(({service}) => `${service}\n`).join(''));
    return 0;
  }
  if (options.has('quiet')) {
    await output.out(shown.map(({view}) => `${view.id}\n`).join(''));
    return 0;
  }
  const rows = shown.map(({service, view}) => {
    const {ID, Image, Command, CreatedAt, RunningFor, Status, State} = containerRow(
      view,
      place,
      options.has('no-trunc'),
    );
    const more = {ExitCode: view.exitCode ?? 0, Health: view.health ?? '', Publishers: null, Ports: ''};
    return {
      ID,
      Name: view.name,
      Image,
      Command,
      Project: project.name,
      Service: service,
      CreatedAt,
      RunningFor,
      State,
      Status,
      ...more,
    };
  });
  await output.out(
    formatted(rows, options.value('format'), [
      ['NAME', 'Name'],
      ['IMAGE', 'Image'],
      ['COMMAND', 'Command'],
      ['SERVICE', 'Service'],
      ['CREATED', 'RunningFor'],
      ['STATUS', 'Status'],
      ['PORTS', 'Ports'],
    ]),
  );
  return 0;
}

async function config(call: Call): Promise<number> {
  const {process, project, options} = call;
  const output = outputOf(process);
  if (options.has('quiet')) return 0;
  if (options.has('services')) await output.out(project.services.map(({service}) => `${service}\n`).join(''));
  else if (options.has('images')) {
    const images = new Set(project.services.map(({container}) => container.image ?? ''));
    await output.out([...images].map(image => `${image}\n`).join(''));
  } else await output.out(await configText(project, options.value('format') === 'json'));
  return 0;
}

async function tell(process: SimulatedProcess, name: string, what: string): Promise<void> {
  await outputOf(process).error(` Container ${name}  ${what}\n`);
}

function complainOf(complaint: string | undefined): void {
  if (complaint !== undefined) throw new DockerFailure(complaint);
}
