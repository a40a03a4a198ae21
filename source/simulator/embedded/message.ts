import type {Outcome} from '../../cluster/problem.ts';
import type {Scenario} from '../scenario.ts';
import type {Truth} from '../truth.ts';
import type {ServedHost} from './serve-cluster.ts';

/** What the thread of an embedded cluster is started with. */
export type Setup = {
  kind: typeof setupKind;
  seed: number;
  startAt: number;
  speed: number;
  paused: boolean;
  nodesPerGroup: number;
  groups: number;
  scenario: Scenario;
  /** The scenario is to be solved, and what is done about it is noted. */
  drill: boolean;
};

const setupKind = 'pgaf embedded cluster';

/** What the program asks of that thread. */
export type Request =
  | {ask: 'scenario'; scenario: Scenario}
  /** A line such as `poweroff vm1`. */
  | {ask: 'command'; line: string}
  | {ask: 'speed'; speed: number}
  | {ask: 'pause'}
  | {ask: 'step'; seconds: number}
  | {ask: 'truth'}
  | {ask: 'diagnose'; code: string}
  | {ask: 'score'};

/** `text` is a line for a person, `lines` are for a page. */
export type Reply = {text: string; lines: readonly string[]; truth?: Truth};

export type ToThread = {id: number; request: Request | {ask: 'close'}};

export type FromThread =
  | {say: 'ready'; hosts: readonly ServedHost[]; userKey: string}
  | {say: 'reply'; id: number; outcome: Outcome<Reply>}
  /** Once a second, and at each turn of time: what its clocks say, and how fast they run; `turns` counts changes of pace and steps. */
  | {say: 'time'; clock: number; pace: number; turns: number}
  /** Something that the person should hear of. */
  | {say: 'notice'; text: string; tone: 'info' | 'warning'}
  /** The drill is solved: healthy again, and the cause was named. */
  | {say: 'solved'};

/** Whether a thread was started for this. Both ends are of the same program: what says it is one is one. */
export function isSetup(value: unknown): value is Setup {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === setupKind;
}

export function isToThread(value: unknown): value is ToThread {
  return typeof value === 'object' && value !== null && 'id' in value && 'request' in value;
}

export function isFromThread(value: unknown): value is FromThread {
  return typeof value === 'object' && value !== null && 'say' in value;
}
