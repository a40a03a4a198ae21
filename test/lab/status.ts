import {monitorContainer, monitorMachine} from './cluster.ts';
import {describeFaults, faultsInPlace} from './faults-in-place.ts';
import {dockerdAnswers, firstProcess, machineName, machinesOf, networkOf, runInside, sshdAnswers} from './machine.ts';
import {portOf} from './network.ts';
import type {Plan} from './plan.ts';

/** The lab for people: a table of its machines, the faults in place, and what `pg_autoctl show state` prints. */
export async function status(plan: Plan): Promise<string> {
  const rows = await Promise.all(machinesOf(plan).map(index => row(plan, index)));
  const table = [['machine', 'power', 'address', 'sshd', 'dockerd', 'containers'], ...rows];
  const widths = [9, 7, 13, 12, 12, 0];
  const lines = table.map(cells =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('')
      .trimEnd(),
  );
  const faults = describeFaults(faultsInPlace(plan.name)).map(line => `fault: ${line}`);
  return [...lines, '', ...faults, ...(faults.length > 0 ? [''] : []), await states(plan)].join('\n');
}

async function row(plan: Plan, index: number): Promise<string[]> {
  const {address} = portOf(networkOf(plan), index);
  if (firstProcess(plan.name, index) === undefined) return [machineName(index), 'off', address, '-', '-', '-'];
  const [sshd, dockerd] = await Promise.all([sshdAnswers(plan, index), dockerdAnswers(plan, index)]);
  const containers = dockerd ? await containersOf(plan, index) : '?';
  return [machineName(index), 'on', address, sshd ? 'answers' : 'silent', dockerd ? 'answers' : 'silent', containers];
}

async function containersOf(plan: Plan, index: number): Promise<string> {
  const {stdout} = await runInside(
    plan.name,
    index,
    ['docker', 'ps', '--all', '--format', '{{.Names}} ({{.Status}})'],
    {timeout: 5000},
  );
  return stdout.trim().split('\n').sort().join(', ');
}

async function states(plan: Plan): Promise<string> {
  if (firstProcess(plan.name, monitorMachine) === undefined) return `${monitorContainer}: its machine is off`;
  const argv = ['docker', 'exec', monitorContainer, 'pg_autoctl', 'show', 'state'];
  const {exitCode, stdout, stderr} = await runInside(plan.name, monitorMachine, argv, {timeout: 5000});
  return exitCode === 0
    ? stdout.trimEnd()
    : `${monitorContainer} does not answer: ${stderr.trim().split('\n').at(-1) ?? ''}`;
}
