import {rmSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {type Lab, raiseLab} from '../lab/lab.ts';
import {openBlackHole} from '../robot/black-hole.ts';
import {closeRobots, type Robot} from '../robot/robot.ts';
import {
  type ClusterUnderTest,
  openClusterUnderTest,
  redirectedConfiguration,
  startLogFlood,
} from './cluster-under-test.ts';
import {describeMachine, loadAverage} from './machine-load.ts';
import {type IdleCost, measureIdle} from './measure-idle.ts';
import {measureKeys} from './measure-keys.ts';
import {measureNotification} from './measure-notification.ts';
import {measureScale} from './measure-scale.ts';
import {measureStall} from './measure-stall.ts';
import {measureStart} from './measure-start.ts';
import {type Measure, markdown} from './report.ts';
import {logTitleWords, newestFloodLine, selectionMark, showsWholeTable} from './screen-marks.ts';
import {consoleSubject, type Subject, watchSubject, whileOpen} from './subject.ts';

const usage = `usage: npm run bench -- [--config FILE | --keep] [--json] [--only start,notification,idle,keys,logs,scale]
Measures the built console and pg_autoctl watch on the same cluster in the same run: the one of FILE, or a lab of the bench's own, which is
taken down afterwards unless --keep. It changes a candidate priority and puts it back, and floods the log of one container: not for production.
scale opens the console on the embedded cluster with 300 nodes and needs no lab.`;

const linesPerSecond = 10_000;
const idleSeconds = 20;
const stallSeconds = 10;
const onCluster = {start, notification, idle, keys, logs};

const {values} = parseArgs({
  options: {
    config: {type: 'string'},
    keep: {type: 'boolean'},
    json: {type: 'boolean'},
    only: {type: 'string'},
    help: {type: 'boolean'},
  },
});
if (values.help === true) {
  console.log(usage);
  process.exit(0);
}
const wanted = values.only?.split(',') ?? [...Object.keys(onCluster), 'scale'];
const measures: Measure[] = [];
const loadBefore = loadAverage();
try {
  if (wanted.some(name => Object.hasOwn(onCluster, name))) measures.push(...(await measureOnCluster()));
  if (wanted.includes('scale')) measures.push(...(await begin('scale', measureScale)));
} finally {
  await closeRobots();
}
const machine = describeMachine(loadBefore);
console.log(
  values.json === true
    ? JSON.stringify({takenAt: new Date().toISOString(), machine, measures}, undefined, 2)
    : `${markdown(measures)}\n\n${machine}`,
);

/** Both programs, and the cluster that they look at. */
type Stage = {
  cluster: ClusterUnderTest;
  consoleProgram: ReturnType<typeof consoleSubject>;
  watch: Subject;
  nodeNames: readonly string[];
};

async function measureOnCluster(): Promise<Measure[]> {
  const lab = values.config === undefined ? await raiseOwnLab() : undefined;
  try {
    const cluster = await openClusterUnderTest(lab?.configFile ?? values.config ?? '');
    const consoleProgram = consoleSubject(cluster.configurationFile);
    try {
      const rows = await cluster.query('select nodename from pgautofailover.node order by nodeid');
      const stage = {
        cluster,
        consoleProgram,
        watch: watchSubject(cluster),
        nodeNames: rows.map(row => String(row.nodename)),
      };
      const found: Measure[] = [];
      for (const [name, section] of Object.entries(onCluster)) {
        if (wanted.includes(name)) found.push(...(await begin(name, () => section(stage))));
      }
      return found;
    } finally {
      await closeRobots();
      consoleProgram.close();
      await cluster.close();
    }
  } finally {
    if (values.keep !== true) await lab?.down();
  }
}

function begin(name: string, section: () => Promise<Measure[]>): Promise<Measure[]> {
  process.stderr.write(`${name} ...\n`);
  return section();
}

async function start({cluster, consoleProgram, watch, nodeNames}: Stage): Promise<Measure[]> {
  const ours = await measureStart(consoleProgram, nodeNames, 5);
  const theirs = await measureStart(watch, nodeNames, 3);
  return [
    {what: 'first frame', unit: 'ms', budget: 200, console: ours.firstFrame, watch: theirs.firstFrame},
    {what: 'first full table', unit: 'ms', budget: 600, console: ours.firstTable, watch: theirs.firstTable},
    {
      what: 'first full table, one host black-holed',
      unit: 'ms',
      budget: 1000,
      console: (await startWithBlackHole(cluster, nodeNames)).firstTable,
      note: 'a standby’s host swallows packets',
    },
  ];
}

async function startWithBlackHole(
  cluster: ClusterUnderTest,
  nodeNames: readonly string[],
): Promise<{firstTable: number}> {
  const victim = cluster.hosts.find(host => host.monitor === undefined) ?? cluster.monitorHost;
  const hole = await openBlackHole();
  const configuration = redirectedConfiguration(cluster.configurationFile, victim.name, hole);
  const subject = consoleSubject(configuration);
  try {
    return await measureStart(subject, nodeNames, 3);
  } finally {
    subject.close();
    rmSync(configuration, {force: true});
    await hole.close();
  }
}

async function notification({cluster, consoleProgram, watch, nodeNames}: Stage): Promise<Measure[]> {
  const times = await measureNotification(cluster, {console: consoleProgram, watch}, nodeNames, 12);
  return [
    {
      what: 'notification to pixels, median',
      unit: 'ms',
      budget: 50,
      console: times.console.median,
      watch: times.watch.median,
    },
    {what: 'notification to pixels, worst', unit: 'ms', console: times.console.worst, watch: times.watch.worst},
  ];
}

async function idle({cluster, consoleProgram, watch, nodeNames}: Stage): Promise<Measure[]> {
  const ours = await measureIdle(cluster, consoleProgram, nodeNames, idleSeconds);
  const theirs = await measureIdle(cluster, watch, nodeNames, idleSeconds);
  const both = (pick: (cost: IdleCost) => number) => ({console: pick(ours), watch: pick(theirs)});
  const over = `over ${idleSeconds} s`;
  return [
    {what: 'idle CPU, of one core', unit: '%', budget: 2, ...both(cost => cost.cpuPercent), note: over},
    {
      what: 'idle bytes to the terminal, 120x35',
      unit: 'B/s',
      budget: 100,
      ...both(cost => cost.bytesPerSecond),
      note: over,
    },
    {what: 'memory, resident', unit: 'MB', budget: 180, ...both(cost => cost.residentMegabytes)},
    {what: 'memory, proportional', unit: 'MB', ...both(cost => cost.proportionalMegabytes)},
    {
      what: 'scans of the monitor’s event table',
      unit: '/s',
      budget: 2.2,
      ...both(cost => cost.eventScansPerSecond),
      note: 'one read of pgaf has two, one of watch has one',
    },
    {
      what: 'transactions on the monitor',
      unit: '/s',
      ...both(cost => cost.transactionsPerSecond),
      note: 'more than without, give or take 2',
    },
    {what: 'connections to the monitor', unit: '', ...both(cost => cost.connections), note: 'more than without'},
  ];
}

async function keys({consoleProgram, watch, nodeNames}: Stage): Promise<Measure[]> {
  const presses = 40;
  const ours = await keysOf(consoleProgram, nodeNames, presses);
  const theirs = await keysOf(watch, nodeNames, presses / 2);
  return [
    {what: 'key to paint at rest, median', unit: 'ms', budget: 8, console: ours.median, watch: theirs.median},
    {what: 'key to paint at rest, worst', unit: 'ms', budget: 30, console: ours.worst, watch: theirs.worst},
  ];
}

function keysOf(
  subject: Subject,
  nodeNames: readonly string[],
  presses: number,
): Promise<{median: number; worst: number}> {
  return whileOpen(subject, 120, 35, async robot => {
    await robot.waitFor(showsWholeTable(nodeNames), 20_000);
    // Away from the first row, where going up is nothing, and from watch's start, where nothing is selected.
    await measureKeys(robot, ['j'], selectionMark, 2);
    return measureKeys(robot, ['k', 'j'], selectionMark, presses);
  });
}

function logs({cluster, consoleProgram, nodeNames}: Stage): Promise<Measure[]> {
  return whileOpen(consoleProgram, 120, 35, async robot => {
    await robot.waitFor(showsWholeTable(nodeNames), 20_000);
    robot.press('l');
    await robot.waitFor('following');
    // The pane's title says whose log it is.
    const [, container = '', hostName] = /(\S+)@(\S+)/.exec(robot.screen()) ?? [];
    const host = cluster.hosts.find(one => one.name === hostName);
    if (host === undefined) throw new Error(`no host of the configuration on the screen\n${robot.picture()}`);
    const flood = await startLogFlood(host, container, linesPerSecond, 60);
    try {
      return await whileLogsFlow(consoleProgram, robot, flood.after);
    } finally {
      await flood.stop();
    }
  });
}

async function whileLogsFlow(consoleProgram: Subject, robot: Robot, after: number): Promise<Measure[]> {
  await robot.waitFor(screen => newestFloodLine(screen) > after, 20_000);
  const cpu = await consoleProgram.cpuSeconds(robot);
  const [startedAt, bytes, line] = [performance.now(), robot.rawBytes(), newestFloodLine(robot.screen())];
  await robot.waitFor(screen => newestFloodLine(screen) >= line + 5 * linesPerSecond, 30_000);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuPercent = (((await consoleProgram.cpuSeconds(robot)) - cpu) / seconds) * 100;
  const bytesPerSecond = (robot.rawBytes() - bytes) / seconds;
  const shownPerSecond = (newestFloodLine(robot.screen()) - line) / seconds;
  const pressed = await measureKeys(robot, ['w'], logTitleWords, 40);
  const stall = await measureStall(robot, stallSeconds, linesPerSecond);
  const {resident} = await consoleProgram.memory(robot);
  const flow = `log pane follows ${linesPerSecond} lines/s`;
  return [
    {what: 'key to paint, logs flow, median', unit: 'ms', budget: 8, console: pressed.median, note: flow},
    {what: 'key to paint, logs flow, worst', unit: 'ms', budget: 30, console: pressed.worst, note: flow},
    {what: 'CPU, logs flow', unit: '%', console: cpuPercent, note: flow},
    {what: 'bytes to the terminal, logs flow', unit: 'B/s', console: bytesPerSecond, note: flow},
    {what: 'log lines that passed', unit: '/s', console: shownPerSecond, note: flow},
    {what: 'memory, resident, logs flow', unit: 'MB', console: resident / 1e6, note: flow},
    {
      what: `terminal stalled ${stallSeconds} s: longest time nothing was read`,
      unit: 'ms',
      console: stall.longestSilence,
      note: flow,
    },
    {what: 'terminal stalled: bytes read, of before', unit: '%', console: stall.ingestRatio * 100, note: flow},
    {what: 'terminal stalled: newest line after it reads again', unit: 'ms', console: stall.catchUp, note: flow},
  ];
}

/** A lab that goes with this process, however that ends. */
function raiseOwnLab(): Promise<Lab> {
  const owner = values.keep === true ? {} : {owner: process.pid};
  return raiseLab({name: 'bench', say: line => process.stderr.write(`${line}\n`), ...owner});
}
