import type {LogPane} from './log-pane.ts';
import type {Screen} from './store.ts';

export type MovementSurroundings = {
  screen(): Screen;
  replace(next: Screen): void;
  nodes(): readonly string[];
  /** How many events there are to scroll through. */
  events(): number;
  selected(): string | undefined;
  select(node: string | undefined): void;
  pane(): LogPane | undefined;
  windowRows(): number;
};

/** Rows of the window that are not the list's or the log's. */
const furnitureRows = 4;

/** What down, up, the page keys and the ends do on each screen. */
export function movement(surroundings: MovementSurroundings): {move(by: number): void; page(): number} {
  function move(by: number): void {
    const top = surroundings.screen();
    switch (top.name) {
      case 'cluster':
        select(by);
        return;
      case 'log':
        moveLog(by);
        return;
      case 'action':
        return;
      default: {
        // Events are newest last and scroll back from the end; the others scroll down from their top.
        const direction = top.name === 'events' ? -1 : 1;
        const scroll = Math.max(0, Math.min(top.scroll + by * direction, scrollLimit(top)));
        surroundings.replace({...top, scroll});
      }
    }
  }

  function moveLog(by: number): void {
    const height = surroundings.windowRows() - furnitureRows;
    const pane = surroundings.pane();
    if (by === Number.POSITIVE_INFINITY) pane?.follow();
    else if (by === Number.NEGATIVE_INFINITY) pane?.toTop(height);
    else pane?.scroll(by, height);
  }

  function scrollLimit(top: Screen): number {
    return top.name === 'events' ? Math.max(0, surroundings.events() - 1) : 200;
  }

  function select(by: number): void {
    const names = surroundings.nodes();
    const at = Math.max(0, names.indexOf(surroundings.selected() ?? ''));
    surroundings.select(names[Math.max(0, Math.min(names.length - 1, at + by))]);
  }

  return {
    move,
    /** Half a window, as ctrl-d does in less and vi. */
    page: () => Math.max(1, Math.floor((surroundings.windowRows() - furnitureRows) / 2)),
  };
}
