import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'vitest';
import type {ActionKind, Request} from '../../source/actions/action.ts';
import {readUsage} from '../../source/actions/usage.ts';
import {ended, spawnPgaf} from '../commands/run-pgaf.ts';
import type {Lab} from '../lab/lab.ts';
import {isHealthy, tableIn} from '../robot/cluster-table.ts';
import {openConsole} from '../robot/console-program.ts';
import {typeLine} from '../robot/open-demo.ts';
import type {Robot, Target} from '../robot/robot.ts';

/** One way to act on the cluster, as people do. */
export type Way = {
  /**
   * Starts it, confirms it and sees it done; again while it is refused, as a person does who has read why: on a busy machine keepers are late.
   * Gives what the outcome says: the screen, or the message of the document.
   */
  done(kind: ActionKind, request: Request): Promise<string>;
  /** Refused for this reason: nothing left to confirm, or exit status 4; and nothing has changed on the monitor. */
  refused(kind: ActionKind, request: Request, reason: string): Promise<void>;
};

/** A console that stays open, and its keys. */
export type Keys = Way & {
  robot: Robot;
  /** Leaves what is open, and resolves when the first screen is as wanted. */
  sees(target: Target): Promise<void>;
  /** Takes back what was done last, with its key. */
  takenBack(kind: ActionKind): Promise<string>;
  /** Goes past failed checks; resolves when it runs. */
  forced(kind: ActionKind, request: Request): Promise<void>;
  /** What was started ends as failed, for this reason. */
  failed(reason: string): Promise<void>;
  /** Leaves what does not end to itself: its outcome is not known then, and another can be started. */
  leftToItself(): Promise<void>;
  /** Stops a procedure before its next step, and resolves when it has ended. */
  stopped(): Promise<string>;
  /** Starts it and confirms it. */
  started(kind: ActionKind, request: Request): Promise<void>;
};

export type Hands = {
  keys: Keys;
  command: Way;
  /** Ids of the kinds that were done in both ways. */
  doneBothWays(): readonly string[];
  close(): Promise<void>;
};

const patience = 120_000;
/** How long it may be refused before that is not for a moment any more. */
const refusedFor = 30_000;
/** What is not known yet may still come. */
const outcome = /^ .*(✔ done after|✖ failed|✖ refused)/m;

/** Opens a console of the lab at 120x35, once every node is healthy there, and what runs commands beside it. */
export async function openHands(lab: Lab): Promise<Hands> {
  const home = mkdtempSync(join(tmpdir(), 'pgaf-hands-'));
  const robot = openConsole({configuration: lab.configFile, home, columns: 120, rows: 35});
  await robot.waitFor(isHealthy, 30_000);
  const pressed = new Set<string>();
  const commanded = new Set<string>();
  return {
    keys: keysOf(robot, lab, kind => pressed.add(kind)),
    command: commandsOf(home, lab, kind => commanded.add(kind)),
    doneBothWays: () => [...pressed].filter(kind => commanded.has(kind)),
    async close() {
      await robot.close();
      rmSync(home, {recursive: true, force: true});
    },
  };
}

function keysOf(robot: Robot, lab: Lab, note: (kind: string) => void): Keys {
  async function toTheTable(): Promise<void> {
    if (!isTable(robot.screen())) robot.press('esc');
    await robot.waitFor(isTable);
  }

  async function open(kind: ActionKind, request: Request, force: boolean): Promise<void> {
    await toTheTable();
    const {options = [], since} = request;
    if (kind.key === undefined || force || options.length > 0 || since !== undefined) {
      await typeLine(robot, [...(force ? ['force'] : []), ...wordsOf(kind, request)].join(' '));
      return;
    }
    if (request.node !== undefined) await select(robot, request.node);
    robot.press(kind.key);
  }

  async function started(kind: ActionKind, request: Request, force = false): Promise<void> {
    await open(kind, request, force);
    await answer(robot);
    await robot.waitFor(new RegExp(`running|${outcome.source}`, 'm'));
  }

  async function end(kind: ActionKind | undefined): Promise<string> {
    await robot.waitFor(outcome, patience);
    const screen = flat(robot.screen());
    if (kind !== undefined) {
      expect(robot.screen(), robot.picture()).toMatch(/✔ done after/);
      note(kind.id);
    }
    return screen;
  }

  return {
    robot,
    started,
    async sees(target) {
      await toTheTable();
      await robot.waitFor(target, patience);
    },
    async done(kind, request) {
      const giveUpAt = performance.now() + refusedFor;
      do {
        await started(kind, request);
        await robot.waitFor(outcome, patience);
      } while (robot.screen().includes('✖ refused') && performance.now() < giveUpAt);
      return end(kind);
    },
    async takenBack(kind) {
      robot.press('u');
      await answer(robot);
      await robot.waitFor(new RegExp(`running|${outcome.source}`, 'm'));
      return end(kind);
    },
    forced: (kind, request) => started(kind, request, true),
    async failed(reason) {
      await robot.waitFor(screen => screen.includes('✖ failed') && flat(screen).includes(reason), patience);
    },
    async leftToItself() {
      robot.press('w');
      await robot.waitFor(/! outcome not known/);
    },
    async stopped() {
      robot.press('c');
      return end(undefined);
    },
    refused: (kind, request, reason) =>
      untouched(lab, async () => {
        await open(kind, request, false);
        await robot.waitFor(screen => screen.includes('Refused: ') && flat(screen).includes(reason));
        expect(robot.screen()).not.toContain('and press enter to start it');
        await toTheTable();
      }),
  };
}

function commandsOf(home: string, lab: Lab, note: (kind: string) => void): Way {
  async function run(kind: ActionKind, request: Request) {
    const child = spawnPgaf(home, ...wordsOf(kind, request), '--yes', '--json', '--config', lab.configFile);
    return ended(child);
  }
  return {
    async done(kind, request) {
      const giveUpAt = performance.now() + refusedFor;
      let {exitCode, stdout, stderr} = await run(kind, request);
      while (exitCode === 4 && performance.now() < giveUpAt) ({exitCode, stdout, stderr} = await run(kind, request));
      expect(exitCode, stderr).toBe(0);
      const document = JSON.parse(stdout);
      expect(document).toMatchObject({action: kind.id, outcome: 'done'});
      note(kind.id);
      return document.message;
    },
    refused: (kind, request, reason) =>
      untouched(lab, async () => {
        const {exitCode, stdout, stderr} = await run(kind, request);
        expect(exitCode, stderr).toBe(4);
        expect(JSON.parse(stdout)).toMatchObject({action: kind.id, outcome: 'refused'});
        expect(stderr).toContain(reason);
      }),
  };
}

/** What would tell of a change; what the monitor does by itself about a node that it misses is none. Without a monitor there is nothing. */
async function untouched(lab: Lab, refused: () => Promise<void>): Promise<void> {
  const [before] = await lab.monitorQuery('select max(eventid) as id from pgautofailover.event').catch(() => []);
  await refused();
  if (before === undefined) return;
  const healthy = 'nodeid in (select nodeid from pgautofailover.node where health = 1)';
  const sql = `select description from pgautofailover.event where eventid > ${String(before.id)} and ${healthy}`;
  expect(await lab.monitorQuery(sql)).toEqual([]);
}

/** What is typed for it, behind `pgaf` and behind `:` alike. */
function wordsOf(kind: ActionKind, {node = '', value = '', since, options = []}: Request): readonly string[] {
  const words = readUsage(kind.usage).parts.map(part => {
    if (part.part === 'word') return part.word;
    return part.part === 'choice' || part.placeholder === 'N' ? value : node;
  });
  return [...words, ...options.map(option => `--${option}`), ...(since === undefined ? [] : ['--since', since])];
}

/**
 * Answers the question of an action as soon as that takes keys: one that comes too early is not there, and is pressed again. What shows
 * belatedly of those is taken away before the answer.
 */
async function answer(robot: Robot): Promise<void> {
  const question = /Type (\S+) and press enter to start it: +(\S+)?/;
  const typed = (screen: string) => question.exec(screen)?.[2];
  await robot.waitFor(question, 30_000);
  const [, wanted = ''] = question.exec(robot.screen()) ?? [];
  const first = wanted.slice(0, 1);
  for (let armed = false; !armed; ) {
    robot.type(first);
    armed = await robot
      .waitFor(screen => typed(screen)?.startsWith(first) === true, 300)
      .then(
        () => true,
        () => false,
      );
  }
  robot.press('ctrl-u');
  robot.type(wanted);
  await robot.waitFor(screen => typed(screen) === wanted);
  robot.press('enter');
}

/** Moves the selection to a node, from the first one down. */
async function select(robot: Robot, node: string): Promise<void> {
  const names = tableIn(robot.screen()).map(row => row.split(' ')[0]);
  robot.press('g', ...names.slice(0, Math.max(0, names.indexOf(node))).map(() => 'j'));
  await robot.waitFor(new RegExp(`^[▶>]${node} `, 'm'));
}

function isTable(screen: string): boolean {
  return screen.includes('ROLE → ASSIGNED');
}

/** Its rows as one text: a sentence may go over several. */
function flat(screen: string): string {
  return screen.replaceAll(/\s+/g, ' ');
}
