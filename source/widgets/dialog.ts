import type {Rectangle} from '../terminal/cells.ts';
import type {Marks} from '../terminal/marks.ts';
import type {Style, Tone} from '../terminal/style.ts';
import {displayWidth, fitTo, truncate} from '../terminal/width.ts';

/** A box in front of a screen. Lines may carry styles; each is cut at the box's edge. */
export type Dialog = {
  readonly title: string;
  readonly lines: readonly string[];
  /** The keys that answer it, in the lower edge. */
  readonly footer?: string;
  /** Outer width in cells. */
  readonly columns: number;
  /** Outer height at most; lines beyond it are cut and counted in the lower edge. */
  readonly maximumRows?: number;
  /** How the edge and the title look: danger for what destroys. */
  readonly tone?: Tone;
  readonly style: Style;
  readonly marks: Marks;
};

/** The rows of a dialog, each exactly `columns` wide, for a pane or for Rows. */
export function drawDialog(dialog: Dialog): string[] {
  const {title, lines, footer = '', columns, style, marks, tone = 'plain', maximumRows = lines.length + 2} = dialog;
  const inner = Math.max(0, columns - 4);
  const room = Math.max(0, maximumRows - 2);
  const shown = lines.slice(0, room);
  const hidden = lines.length - shown.length;
  const below = hidden > 0 ? [`${hidden} more`, footer].filter(text => text !== '').join('  ') : footer;
  const side = style[tone](marks.vertical);
  return [
    edge(marks.topLeft, title, marks.topRight, dialog, style.bold),
    ...shown.map(line => `${side} ${fitTo(line, inner, 'left', marks.ellipsis)} ${side}`),
    edge(marks.bottomLeft, below, marks.bottomRight, dialog, style.plain),
  ];
}

/** Where a box of a size goes to stand in the middle of an area, a little above it as eyes expect; cut to the area. */
export function centred(
  size: {readonly columns: number; readonly rows: number},
  area: {readonly columns: number; readonly rows: number},
): Rectangle {
  const columns = Math.min(size.columns, area.columns);
  const rows = Math.min(size.rows, area.rows);
  return {left: Math.floor((area.columns - columns) / 2), top: Math.floor((area.rows - rows) / 3), columns, rows};
}

function edge(left: string, text: string, right: string, dialog: Dialog, paint: (text: string) => string): string {
  const {columns, style, marks, tone = 'plain'} = dialog;
  const line = style[tone];
  const label = text === '' ? '' : ` ${truncate(text, Math.max(0, columns - 6), marks.ellipsis)} `;
  const rest = Math.max(0, columns - 3 - displayWidth(label));
  return line(left + marks.horizontal) + paint(line(label)) + line(marks.horizontal.repeat(rest) + right);
}
