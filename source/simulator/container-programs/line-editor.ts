/** A line that is being typed: its text, the cursor in it, and where in the history it stands. */
export type LineState = {text: string; cursor: number; history: readonly string[]; at: number};

export type Keys = {
  state: LineState;
  /** Keys that come after the end of this line, or the beginning of one that has not arrived whole (`partial`). */
  rest: string;
  partial: boolean;
  done?: 'line' | 'interrupt' | 'end';
};

export function emptyLine(history: readonly string[]): LineState {
  return {text: '', cursor: 0, history, at: history.length};
}

/** Applies keys, as a terminal sends them, until the line is done or no key is left. */
export function applyKeys(before: LineState, keys: string): Keys {
  let state = before;
  let rest = keys;
  while (rest !== '') {
    const key = nextKey(rest);
    if (key === undefined) return {state, rest, partial: true};
    rest = rest.slice(key.length);
    if (key === '\r' || key === '\n') return {state, rest, partial: false, done: 'line'};
    if (key === '\x03') return {state, rest, partial: false, done: 'interrupt'};
    if (key === '\x04' && state.text === '') return {state, rest, partial: false, done: 'end'};
    state = applyKey(state, key);
  }
  return {state, rest, partial: false};
}

/** What redraws the line on the terminal's current row: the prompt, the text, and the cursor in its place. */
export function shownLine(prompt: string, {text, cursor}: LineState): string {
  const behind = [...text.slice(cursor)].length;
  return `\r\x1b[K${prompt}${text}${behind === 0 ? '' : `\x1b[${behind}D`}`;
}

function nextKey(keys: string): string | undefined {
  if (!keys.startsWith('\x1b')) return String.fromCodePoint(keys.codePointAt(0) ?? 0);
  const sequence = /^\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z]|[^[O])/.exec(keys)?.[0];
  return sequence ?? (keys.length > 16 ? '\x1b' : undefined);
}

function applyKey(state: LineState, key: string): LineState {
  const {text, cursor} = state;
  const left = text.slice(0, cursor);
  const right = text.slice(cursor);
  switch (key) {
    case '\x7f':
    case '\b': {
      const kept = [...left].slice(0, -1).join('');
      return {...state, text: kept + right, cursor: kept.length};
    }
    case '\x1b[3~':
    case '\x04':
      return {...state, text: left + [...right].slice(1).join('')};
    case '\x1b[D':
    case '\x02':
      return {...state, cursor: [...left].slice(0, -1).join('').length};
    case '\x1b[C':
    case '\x06':
      return {...state, cursor: cursor + ([...right][0]?.length ?? 0)};
    case '\x1b[H':
    case '\x1bOH':
    case '\x01':
      return {...state, cursor: 0};
    case '\x1b[F':
    case '\x1bOF':
    case '\x05':
      return {...state, cursor: text.length};
    case '\x15':
      return {...state, text: right, cursor: 0};
    case '\x0b':
      return {...state, text: left};
    case '\x17': {
      const kept = left.replace(/\S+\s*$/, '');
      return {...state, text: kept + right, cursor: kept.length};
    }
    case '\x1b[A':
    case '\x10':
      return fromHistory(state, state.at - 1);
    case '\x1b[B':
    case '\x0e':
      return fromHistory(state, state.at + 1);
    default:
      // Other control keys do nothing.
      if (/^[\x00-\x1f\x1b]/.test(key)) return state;
      return {...state, text: left + key + right, cursor: cursor + key.length};
  }
}

function fromHistory(state: LineState, at: number): LineState {
  if (at < 0 || at > state.history.length) return state;
  const text = state.history[at] ?? '';
  return {...state, at, text, cursor: text.length};
}
