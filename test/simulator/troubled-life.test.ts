import {expect, test} from 'vitest';
import {createRandom} from '../../source/simulator/random.ts';
import {createDrawer} from './draw-life.ts';
import {createJudge} from './judge-verdict.ts';
import {type Look, troubledLife} from './troubled-life.ts';

/** More of them: PGAF_SEEDS=100 PGAF_HOURS=24, and from another one on: PGAF_FIRST_SEED=26. */
const first = Number(process.env.PGAF_FIRST_SEED ?? 1);
const seeds = Array.from({length: Number(process.env.PGAF_SEEDS ?? 3)}, (_, index) => first + index);
const hours = Number(process.env.PGAF_HOURS ?? 2);

/** Every screen is drawn once in so many looks. */
const drawnEvery = 491;

const timeout = 24 * 3_600_000;

test(
  "the console's verdict never contradicts the truth for longer than it can be blind, every frame fits, and nothing piles up",
  () => {
    const levels = new Set<string>();
    // One that contradicts does not keep the others from being looked at.
    const wrong = seeds.flatMap(seed => lived(seed, levels).map(words => `seed ${seed} says ${words}`));
    expect(wrong).toEqual([]);
    expect(levels).toEqual(new Set(['blocked', 'changing', 'degraded', 'down', 'healthy', 'unknown']));
  },
  timeout,
);

/** What is wrong at the first look at which something is; nothing in a life without. */
function lived(seed: number, levels: Set<string>): readonly string[] {
  const judge = createJudge();
  const drawer = createDrawer(createRandom(seed));
  let looks = 0;
  for (const look of troubledLife(seed, hours)) {
    looks += 1;
    levels.add(look.assessment.verdict.level);
    drawer.see(look);
    const drawn = looks % drawnEvery === 0 ? [...drawer.misfits(look), ...piles(look, drawer.kept())] : [];
    const wrong = [...judge(look), ...drawn];
    if (wrong.length > 0) return wrong;
  }
  expect(looks).toBe(hours * 3600);
  return [];
}

/** Whatever is kept is bounded, however long it goes on. */
function piles({snapshot, assessment, world}: Look, lagPoints: number): readonly string[] {
  const containers = world.hosts().flatMap(({name}) => world.containers(name));
  const kept: readonly [what: string, count: number, most: number][] = [
    ['nodes', assessment.nodes.length, 6],
    ['findings', assessment.findings.length, 30],
    ['events seen', snapshot.events.length, 500],
    ['messages', snapshot.monitorMessages.length, 500],
    ['points of lag', lagPoints, 600 * assessment.nodes.length],
    ['containers', containers.length, 4],
    ['rows of the monitor', world.monitor.nodes().length, 6],
    ['events of the monitor', world.monitor.events(0).length, 25_000],
    ...containers.map(
      ({host, name}) => [`lines of ${name}`, world.lines(host, name).length, 2500] satisfies [string, number, number],
    ),
  ];
  return kept.filter(([, count, most]) => count > most).map(([what, count]) => `${count} ${what} are kept`);
}
