import {assess} from '../../source/cluster/assess.ts';
import type {Assessment} from '../../source/cluster/assessment.ts';
import type {Snapshot} from '../../source/cluster/snapshot.ts';
import {createWorld} from '../../source/simulator/create-world.ts';
import {createObserver} from '../../source/simulator/observer.ts';
import {createRandom, type Random} from '../../source/simulator/random.ts';
import type {GroupTruth} from '../../source/simulator/truth.ts';
import type {World} from '../../source/simulator/world.ts';
import {cloneNode, meddle, meddlings} from './random-faults.ts';
import {isSettled, truth} from './stage.ts';

/** One second of a troubled cluster: what a console saw and concluded, and what was really so. */
export type Look = {
  at: number;
  world: World;
  snapshot: Snapshot;
  assessment: Assessment;
  truth: GroupTruth;
  /** What was done to it lately, newest last. */
  lately: readonly string[];
};

/**
 * A cluster of three under random faults, looked at once a simulated second. Incidents of one to five faults, some at once and some
 * minutes apart, are followed by a repair and a calm time in which what pg_auto_failover cannot mend is mended as a person would.
 */
export function* troubledLife(seed: number, hours: number): Generator<Look, void> {
  const world = createWorld({seed, startAt: 0});
  const observer = createObserver(world);
  const random = createRandom(seed * 7919);
  const lately: string[] = [];
  const trouble = makeTrouble(world, random, words => {
    lately.push(`${world.now() / 1000} s ${words}`);
    if (lately.length > 8) lately.shift();
  });
  try {
    while (world.now() < hours * 3_600_000) {
      trouble.next();
      world.advance(1000);
      const snapshot = observer.look();
      const assessment = assess(snapshot, world.now());
      yield {at: world.now(), world, snapshot, assessment, truth: truth(world), lately};
    }
  } finally {
    observer.close();
  }
}

const harms = meddlings.filter(({kind}) => kind !== 'mend');

/** One step a second, for ever. */
function* makeTrouble(world: World, random: Random, tell: (words: string) => void): Generator<undefined, never> {
  const choose = <T>(list: readonly T[]): T | undefined => list[Math.floor(random.next() * list.length)];
  for (;;) {
    const faults = 1 + Math.floor(random.next() * 5);
    for (let fault = 0; fault < faults; fault += 1) {
      const meddling = choose(random.next() < 0.7 ? harms : meddlings);
      if (meddling !== undefined) tell(meddle(world, meddling, Math.floor(random.next() * 12)));
      yield* pause(random.next() < 0.3 ? random.next() * 3 : 300 * random.next() ** 2);
    }
    world.faults.repair();
    tell('repair');
    yield* pause(60 + random.next() * 60);
    yield* recover(world, tell);
    yield* pause(random.next() * 120);
  }
}

/** What a person does when a cluster has not mended itself: settings, then containers, then copies. */
function* recover(world: World, tell: (words: string) => void): Generator<undefined, void> {
  world.faults.load(25);
  const names = ['pg_node1', 'pg_node2', 'pg_node3'];
  const steps: readonly [string, () => void][] = [
    ['end of maintenance', () => endMaintenance(world)],
    ['usual settings', () => usualSettings(world)],
    ['restart', () => restartAll(world, names)],
    ['usual settings', () => usualSettings(world)],
    ['copies', () => copyLost(world, names)],
    ['usual settings', () => usualSettings(world)],
    ['everything anew', () => makeAnew(world, names)],
    ['usual settings', () => usualSettings(world)],
  ];
  for (const [words, act] of steps) {
    if (isUsual(world)) return;
    act();
    tell(words);
    yield* pause(90);
  }
}

function isUsual(world: World): boolean {
  const rows = world.monitor.nodes();
  return (
    rows.length === 3 &&
    isSettled(world) &&
    world.monitor.formations()[0]?.number_sync_standbys === 1 &&
    rows.every(row => row.candidatepriority === 50 && row.replicationquorum)
  );
}

function endMaintenance(world: World): void {
  for (const {nodeid} of world.monitor.nodes()) world.monitor.call({call: 'stop_maintenance', nodeId: nodeid});
}

function usualSettings(world: World): void {
  const formation = 'default';
  for (const row of world.monitor.nodes()) {
    const node = row.nodename;
    if (row.candidatepriority !== 50)
      world.monitor.call({call: 'set_node_candidate_priority', formation, node, priority: 50});
    if (!row.replicationquorum)
      world.monitor.call({call: 'set_node_replication_quorum', formation, node, quorum: true});
  }
  if (world.monitor.formations()[0]?.number_sync_standbys !== 1)
    world.monitor.call({call: 'set_formation_number_sync_standbys', formation, standbys: 1});
}

/** Nodes that are not registered, or are no standby of the primary, are copied from it. */
function copyLost(world: World, names: readonly string[]): void {
  const rows = world.monitor.nodes();
  if (!rows.some(row => ['primary', 'wait_primary', 'single'].includes(row.goalstate))) return;
  for (const name of names) {
    const row = rows.find(each => each.nodename === name);
    if (row !== undefined && ['primary', 'wait_primary', 'single', 'secondary'].includes(row.goalstate)) continue;
    if (row !== undefined) world.monitor.call({call: 'remove_node', nodeId: row.nodeid, force: true});
    cloneNode(world, name);
  }
}

function restartAll(world: World, names: readonly string[]): void {
  for (const name of names) world.docker.restart(`vm${name.at(-1)}`, name);
}

function makeAnew(world: World, names: readonly string[]): void {
  for (const row of world.monitor.nodes()) world.monitor.call({call: 'remove_node', nodeId: row.nodeid, force: true});
  for (const name of names) cloneNode(world, name);
}

function* pause(seconds: number): Generator<undefined, void> {
  for (let second = 0; second < seconds; second += 1) yield;
}
