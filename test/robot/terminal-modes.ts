import type {IParser} from '@xterm/headless';

/** What a program has changed about its terminal, and what it has to give back before it ends. */
export type TerminalModes = {
  alternateScreen(): boolean;
  cursorVisible(): boolean;
  bracketedPaste(): boolean;
  /** A frame is open (DEC 2026): a terminal shows nothing of it yet. */
  synchronizedOutput(): boolean;
  /** The kind of mouse reports asked for. */
  mouse(): 'none' | 'buttons' | 'drag' | 'motion';
  /** A word for everything that is not as a fresh terminal has it; empty when the terminal is restored. */
  leftOver(): string[];
  /** The colour parameters (SGR) seen since the start, such as '31' or '38;5;208'. */
  coloursSeen(): ReadonlySet<string>;
};

const defaultOn = new Set([7, 25]);

const privateModes = new Map<number, string>([
  [1, 'application cursor keys'],
  [6, 'origin mode'],
  [7, 'automatic wrap'],
  [25, 'cursor'],
  [47, 'alternate screen'],
  [66, 'application keypad'],
  [1000, 'mouse buttons'],
  [1002, 'mouse drag'],
  [1003, 'mouse motion'],
  [1004, 'focus reports'],
  [1005, 'UTF-8 mouse reports'],
  [1006, 'SGR mouse reports'],
  [1015, 'urxvt mouse reports'],
  [1047, 'alternate screen'],
  [1049, 'alternate screen'],
  [2004, 'bracketed paste'],
  [2026, 'synchronized output'],
]);

/** Watches what goes through a terminal emulator's parser. `rows` is asked when a scroll region is set. */
export function watchTerminalModes(parser: IParser, rows: () => number): TerminalModes {
  const changed = new Map<number, boolean>();
  const attributes = new Set<string>();
  const colours = new Set<string>();
  let scrollRegion = false;
  let kittyLevels = 0;

  const reset = () => {
    changed.clear();
    attributes.clear();
    scrollRegion = false;
    kittyLevels = 0;
    return false;
  };
  const setModes = (parameters: readonly (number | number[])[], on: boolean) => {
    for (const mode of parameters) {
      if (typeof mode !== 'number') continue;
      if (on === defaultOn.has(mode)) changed.delete(mode);
      else changed.set(mode, on);
    }
    return false;
  };
  parser.registerCsiHandler({prefix: '?', final: 'h'}, parameters => setModes(parameters, true));
  parser.registerCsiHandler({prefix: '?', final: 'l'}, parameters => setModes(parameters, false));
  parser.registerCsiHandler({intermediates: '!', final: 'p'}, reset);
  parser.registerEscHandler({final: 'c'}, reset);
  parser.registerCsiHandler({prefix: '>', final: 'u'}, () => {
    kittyLevels += 1;
    return false;
  });
  parser.registerCsiHandler({prefix: '<', final: 'u'}, parameters => {
    const levels = typeof parameters[0] === 'number' ? Math.max(1, parameters[0]) : 1;
    kittyLevels = Math.max(0, kittyLevels - levels);
    return false;
  });
  parser.registerCsiHandler({final: 'r'}, parameters => {
    const [top, bottom] = parameters;
    scrollRegion =
      (typeof top === 'number' && top > 1) || (typeof bottom === 'number' && bottom > 0 && bottom < rows());
    return false;
  });
  parser.registerCsiHandler({final: 'm'}, parameters => {
    applyStyle(parameters.flat(), attributes, colours);
    return false;
  });

  const isOn = (mode: number) => changed.get(mode) ?? defaultOn.has(mode);
  return {
    alternateScreen: () => isOn(1049) || isOn(1047) || isOn(47),
    cursorVisible: () => isOn(25),
    bracketedPaste: () => isOn(2004),
    synchronizedOutput: () => isOn(2026),
    mouse: () => (isOn(1003) ? 'motion' : isOn(1002) ? 'drag' : isOn(1000) ? 'buttons' : 'none'),
    leftOver: () => {
      const words = [...changed].map(
        ([mode, on]) => `${privateModes.get(mode) ?? `mode ${mode}`} ${on ? 'on' : 'off'}`,
      );
      if (scrollRegion) words.push('scroll region set');
      if (kittyLevels > 0) words.push('kitty keyboard on');
      for (const attribute of attributes) words.push(`${attribute} on`);
      return words;
    },
    coloursSeen: () => colours,
  };
}

/** Follows one SGR sequence: which attributes stay on after it, and which colours it asked for. */
function applyStyle(parameters: readonly number[], attributes: Set<string>, colours: Set<string>): void {
  if (parameters.length === 0) attributes.clear();
  for (let index = 0; index < parameters.length; index += 1) {
    const parameter = parameters[index] ?? 0;
    const isForeground = (parameter >= 30 && parameter <= 38) || (parameter >= 90 && parameter <= 97);
    const isBackground = (parameter >= 40 && parameter <= 48) || (parameter >= 100 && parameter <= 107);
    if (isForeground || isBackground) {
      const length = parameter !== 38 && parameter !== 48 ? 1 : parameters[index + 1] === 5 ? 3 : 5;
      attributes.add(isForeground ? 'foreground' : 'background');
      colours.add(parameters.slice(index, index + length).join(';'));
      index += length - 1;
    } else if (parameter === 0) attributes.clear();
    else if (parameter === 39) attributes.delete('foreground');
    else if (parameter === 49) attributes.delete('background');
    else if (parameter === 22) {
      attributes.delete('bold');
      attributes.delete('dim');
    } else if (parameter > 22 && parameter < 30) attributes.delete(attributeNames[parameter - 20] ?? '');
    else attributes.add(attributeNames[parameter] ?? `style ${parameter}`);
  }
}

const attributeNames: Readonly<Record<number, string>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  5: 'blink',
  7: 'inverse',
  8: 'invisible',
  9: 'strikethrough',
};
