/** The rows of a long list that show, and the one that is selected; indexes from 0. */
export type Viewport = {readonly first: number; readonly selected: number};

/** How many rows there are, and how many show. */
export type ViewportSize = {readonly count: number; readonly height: number};

export type Move = 'up' | 'down' | 'page up' | 'page down' | 'half page up' | 'half page down' | 'start' | 'end';

/** The top of a list, first row selected. */
export const startOfList: Viewport = {first: 0, selected: 0};

/** The move that a key stands for, as in less, vim and k9s; undefined when it is no key for moving. */
export function moveFor(key: string): Move | undefined {
  return movesByKey.get(key);
}

/** Moves the selection, and the window only as far as the selection demands. */
export function moveViewport(viewport: Viewport, move: Move, size: ViewportSize): Viewport {
  const height = Math.max(1, size.height);
  const distances: Record<Move, number> = {
    up: -1,
    down: 1,
    'page up': -height,
    'page down': height,
    'half page up': -Math.max(1, Math.floor(height / 2)),
    'half page down': Math.max(1, Math.floor(height / 2)),
    start: Number.NEGATIVE_INFINITY,
    end: Number.POSITIVE_INFINITY,
  };
  return clampViewport({first: viewport.first, selected: viewport.selected + distances[move]}, size);
}

/** Moves what shows, without a selection: for text that is read. */
export function scrollViewport(viewport: Viewport, move: Move, size: ViewportSize): Viewport {
  const moved = moveViewport({first: viewport.first, selected: viewport.first}, move, size);
  const distance = moved.selected - viewport.first;
  const last = Math.max(0, size.count - Math.max(1, size.height));
  const first = Math.min(last, Math.max(0, viewport.first + distance));
  return {first, selected: first};
}

/** The nearest viewport that fits a list that has grown or shrunk. */
export function clampViewport({first, selected}: Viewport, {count, height}: ViewportSize): Viewport {
  const rows = Math.max(1, height);
  const kept = Math.max(0, Math.min(count - 1, selected));
  const highest = Math.max(0, Math.min(kept, count - rows));
  const lowest = Math.max(0, kept - rows + 1);
  return {first: Math.max(lowest, Math.min(first, highest)), selected: kept};
}

const movesByKey = new Map<string, Move>([
  ['k', 'up'],
  ['up', 'up'],
  ['ctrl-p', 'up'],
  ['j', 'down'],
  ['down', 'down'],
  ['ctrl-n', 'down'],
  ['g', 'start'],
  ['home', 'start'],
  ['G', 'end'],
  ['end', 'end'],
  ['ctrl-b', 'page up'],
  ['pageup', 'page up'],
  ['ctrl-f', 'page down'],
  ['pagedown', 'page down'],
  ['ctrl-u', 'half page up'],
  ['ctrl-d', 'half page down'],
]);
