import {errorText, good, type Outcome} from '../cluster/problem.ts';

/** Decides which lines are shown, and where in a line it matched. */
export type LineFilter = {
  matches(text: string): boolean;
  /** The places to highlight: [start, end) in characters, in order. None for an inverted filter. */
  ranges(text: string): readonly (readonly [start: number, end: number])[];
  inverted: boolean;
};

/**
 * What a person types: a piece of text, or `/regular expression/`; a leading `!` shows the lines that do not match (`\!` is a plain
 * exclamation mark). Small letters match either case; one capital makes it exact. An empty filter lets everything through.
 */
export function parseFilter(input: string): Outcome<LineFilter> {
  const inverted = input.startsWith('!');
  const body = inverted ? input.slice(1) : input.replace(/^\\!/, '!');
  if (body === '' || body === '/') return good({matches: () => true, ranges: () => [], inverted: false});

  const pattern = /^\/(.+?)\/?$/.exec(body)?.[1];
  const source = pattern ?? body.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const exact = hasCapital(pattern === undefined ? body : pattern.replace(/\\./g, ''));
  const flags = exact ? '' : 'i';
  try {
    const one = new RegExp(source, flags);
    const all = new RegExp(source, `${flags}g`);
    return good({
      matches: text => one.test(text) !== inverted,
      ranges: text => (inverted ? [] : placesOf(all, text)),
      inverted,
    });
  } catch (error) {
    return {ok: false, problem: {kind: 'configuration', message: errorText(error)}};
  }
}

function placesOf(pattern: RegExp, text: string): [number, number][] {
  const places: [number, number][] = [];
  for (const match of text.matchAll(pattern)) {
    if (match[0] !== '') places.push([match.index, match.index + match[0].length]);
  }
  return places;
}

function hasCapital(text: string): boolean {
  return text !== text.toLowerCase();
}
