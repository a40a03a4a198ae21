import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {configurationFile} from './cluster.ts';
import {faults, injectFault} from './faults.ts';
import {openLab, planOf, raiseLab} from './lab.ts';
import {releaseLocks} from './lock.ts';
import {checkedName, defaultName, repositoryDirectory} from './places.ts';
import {readPlan} from './plan.ts';
import {removeLab} from './remove.ts';
import {status} from './status.ts';

const usage = [
  'usage: npm run lab -- COMMAND [--name NAME]',
  '  up [--fast] [--bare] raise the lab, or complete what is missing of it; --fast: failovers take seconds;',
  '                       --bare: three machines with Docker and the image, for a bootstrap; --machines 4: four of them',
  '  down                 remove it and all it made',
  '  status               its machines and the state of the cluster',
  '  config               print the console’s configuration for it, and where that is',
  '  console-env          print aliases for a shell: pgaf on this lab, labssh into its machines',
  '  restore              take all faults back and wait until the cluster is at rest',
  '  fault NAME...        inject a fault:',
  ...faults.map(({name, parameters, effect}) => `    ${`${name} ${parameters}`.padEnd(30)} ${effect}`),
].join('\n');

const commands: Readonly<Record<string, () => Promise<void>>> = {
  up,
  down: () => removeLab(name),
  status: async () => console.log(await status(planOf(name))),
  config: async () => {
    console.error(configurationFile(planOf(name).name));
    process.stdout.write(readFileSync(configurationFile(name), 'utf8'));
  },
  'console-env': async () => {
    const {configFile, directory} = openLab(name);
    const console = `${process.execPath} ${repositoryDirectory}/dist/cli.js --config ${configFile}`;
    process.stdout.write(`alias pgaf='${console}'\nalias labssh='ssh -F ${directory}/ssh_config'\n`);
  },
  restore: async () => {
    await openLab(name).restore();
  },
  fault: () => injectFault(planOf(name), fault, ...parameters),
};

const start = performance.now();
const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    name: {type: 'string', default: defaultName},
    fast: {type: 'boolean', default: false},
    bare: {type: 'boolean', default: false},
    machines: {type: 'string', default: '3'},
  },
});
const [command = '', fault = '', ...parameters] = positionals;
const name = values.name;
try {
  checkedName(name);
  const work = commands[command];
  if (work === undefined) {
    console.error(usage);
    process.exitCode = 64;
  } else await work();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function up(): Promise<void> {
  // Interrupted half way, nothing is left. A lab that stood before is left standing.
  if (readPlan(name) === undefined)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, abandon);
  await raiseLab({name, fast: values.fast, bare: values.bare, machines: Number(values.machines), say});
  say(`lab ${name} is up: ${configurationFile(name)}`);
}

function say(line: string): void {
  console.error(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

function abandon(): void {
  console.error('interrupted: removing what was begun');
  releaseLocks();
  // Another process does it while this one stands still, so that nothing more is made meanwhile.
  spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'down', '--name', name], {stdio: 'inherit'});
  process.exit(130);
}
