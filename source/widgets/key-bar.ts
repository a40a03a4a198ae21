import type {Style} from '../terminal/style.ts';
import {displayWidth} from '../terminal/width.ts';

/** A key and what it does here. */
export type KeyHint = {
  readonly key: string;
  readonly label: string;
  /** Shown, but greyed: it does nothing now. */
  readonly disabled?: boolean;
  /** Stays when there is no room for all, as `?` does. */
  readonly keep?: boolean;
};

/** The keys that work here as one row, at most `width` wide. What does not fit goes, the last first, never half of one. */
export function keyBar(hints: readonly KeyHint[], width: number, style: Style): string {
  let shown = [...hints];
  while (barWidth(shown) > width && shown.length > 0) {
    const dropped = shown.findLast(hint => hint.keep !== true) ?? shown.at(-1);
    shown = shown.filter(hint => hint !== dropped);
  }
  return shown
    .map(({key, label, disabled}) => (disabled === true ? style.dim(`${key} ${label}`) : `${style.bold(key)} ${label}`))
    .join('  ');
}

function barWidth(hints: readonly KeyHint[]): number {
  return hints.reduce((sum, {key, label}) => sum + displayWidth(key) + 1 + displayWidth(label), 2 * (hints.length - 1));
}
