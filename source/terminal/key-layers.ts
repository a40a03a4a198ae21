import type {KeyEvent} from './key-decoder.ts';

/** Handles a key; true when it is not to go further down. */
export type KeyHandler = (event: KeyEvent) => boolean;

/** Who gets the keys: the handler that was put on last is asked first, so a dialog comes before the screen under it. */
export type KeyLayers = {
  /** Offers an event from the top down; false when nobody wanted it. */
  dispatch(event: KeyEvent): boolean;
  /** Puts a handler on top; the returned function takes it away, wherever it is by then. */
  push(handler: KeyHandler): () => void;
};

/** An empty stack of handlers. */
export function createKeyLayers(): KeyLayers {
  const layers: Array<{readonly handler: KeyHandler}> = [];
  return {
    dispatch: event => [...layers].reverse().some(({handler}) => handler(event)),
    push(handler) {
      const layer = {handler};
      layers.push(layer);
      return () => {
        const index = layers.indexOf(layer);
        if (index >= 0) layers.splice(index, 1);
      };
    },
  };
}
