import type {Robot} from '../robot/robot.ts';
import {measureKeys} from './measure-keys.ts';
import {mainThreadCpuSeconds} from './process-usage.ts';
import type {Measure} from './report.ts';
import {selectionMark} from './screen-marks.ts';
import {demoSubject, type Subject, whileOpen} from './subject.ts';

const nodes = 300;
const groups = 100;
const eventsPerSecond = 1000;
const presses = 60;
const watchedSeconds = 10;

/** The console on the embedded cluster with many nodes: at rest, and while the monitor's events come in a flood. */
export async function measureScale(): Promise<Measure[]> {
  const subject = demoSubject(nodes, groups);
  try {
    return await whileOpen(subject, 120, 35, robot => measure(subject, robot));
  } finally {
    subject.close();
  }
}

async function measure(subject: Subject, robot: Robot): Promise<Measure[]> {
  const table = (await robot.waitFor(/pg_node1 .*primary/, 60_000)) - robot.startedAt;
  const whole = (await robot.waitFor('HEALTHY', 60_000)) - robot.startedAt;
  // What a start costs is not what goes on for ever.
  await pause(5);
  const rest = await costAndKeys(subject, robot);
  robot.press(':');
  robot.type(`fault flap ${eventsPerSecond}`);
  robot.press('enter');
  await robot.waitFor('unhealthy');
  await pause(5);
  const flood = await costAndKeys(subject, robot);
  const note = `${nodes} nodes, ${groups} groups`;
  const flooded = `${note}, ${eventsPerSecond} events/s`;
  return [
    {what: 'many nodes: first table', unit: 'ms', console: table, note},
    {what: 'many nodes: every node and host has answered', unit: 'ms', console: whole, note},
    ...measuresOf('many nodes', rest, note),
    ...measuresOf('many nodes, a flood of events', flood, flooded),
  ];
}

type Found = {median: number; worst: number; console: number; all: number; resident: number};

function measuresOf(what: string, found: Found, note: string): Measure[] {
  return [
    {what: `${what}: key to paint, median`, unit: 'ms', budget: 8, console: found.median, note},
    {what: `${what}: key to paint, worst`, unit: 'ms', budget: 30, console: found.worst, note},
    {what: `${what}: CPU of the console`, unit: '%', console: found.console, note},
    {what: `${what}: CPU with the simulated cluster`, unit: '%', console: found.all, note},
    {what: `${what}: memory with the simulated cluster`, unit: 'MB', console: found.resident, note},
  ];
}

async function costAndKeys(subject: Subject, robot: Robot): Promise<Found> {
  const before = {own: mainThreadCpuSeconds(robot.pid), all: await subject.cpuSeconds(robot), at: performance.now()};
  await pause(watchedSeconds);
  const seconds = (performance.now() - before.at) / 1000;
  const own = mainThreadCpuSeconds(robot.pid) - before.own;
  const all = (await subject.cpuSeconds(robot)) - before.all;
  const {resident} = await subject.memory(robot);
  // Away from the first row, where going up is nothing.
  await measureKeys(robot, ['j'], selectionMark, 2);
  const keys = await measureKeys(robot, ['k', 'j'], selectionMark, presses);
  return {...keys, console: (own / seconds) * 100, all: (all / seconds) * 100, resident: resident / 1e6};
}

function pause(seconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000));
}
