import {createSchedule} from '../terminal/schedule.ts';

/** When to draw. */
export type DrawPace = {
  /** A key was pressed: before anything else is read that has come meanwhile. */
  key(): void;
  /** The monitor spoke: with the other changes of this turn of the event loop, at most 50 times a second. */
  soon(): void;
  /** Something was sampled: at once after quiet, else once a second; ten times while log lines flood. */
  calm(): void;
  stop(): void;
};

const soonMs = 20;
const calmMs = 1000;
const floodMs = 100;

/** Paces `draw`, and tells it what asked for it; nothing runs while nothing asks for it. While the terminal is busy what is calm waits, what is urgent is drawn and left to the screen. */
export function paceDrawing(
  draw: (urgent: boolean) => void,
  situation: () => {busy: boolean; flooding: boolean},
): DrawPace {
  const busy = () => situation().busy;
  const soon = createSchedule(() => draw(true), {intervalMs: soonMs, rest: 2});
  const calm = createSchedule(() => draw(false), {intervalMs: calmMs, busy});
  const flood = createSchedule(() => draw(false), {intervalMs: floodMs, busy});
  let gathering: NodeJS.Immediate | undefined;
  let pressed = false;
  let stopped = false;
  return {
    key() {
      if (pressed) return;
      pressed = true;
      // Keys come in one piece when they are held or pasted: they are drawn together.
      process.nextTick(() => {
        pressed = false;
        if (!stopped) soon.now();
      });
    },
    soon() {
      gathering ??= setImmediate(() => {
        gathering = undefined;
        soon.request();
      });
    },
    calm() {
      if (situation().flooding) flood.request();
      else calm.request();
    },
    stop() {
      stopped = true;
      if (gathering !== undefined) clearImmediate(gathering);
      for (const schedule of [soon, calm, flood]) schedule.stop();
    },
  };
}
