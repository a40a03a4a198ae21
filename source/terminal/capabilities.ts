import type {Colours} from './style.ts';

/** What the terminal can show, as far as its environment says. */
export type Capabilities = {
  /** Box drawing, block elements and marks beyond ASCII. */
  readonly unicode: boolean;
  readonly colours: Colours;
  /** Bold, dim, inverse: everything but a dumb terminal has them. */
  readonly attributes: boolean;
};

/** The environment variables that are looked at. */
export type TerminalEnvironment = {readonly [name: string]: string | undefined};

/** Reads the capabilities from LC_ALL, LC_CTYPE, LANG, TERM, COLORTERM and NO_COLOR; `colour: false` is `--no-color`. */
export function detectCapabilities(environment: TerminalEnvironment, options: {colour?: boolean} = {}): Capabilities {
  const terminal = environment.TERM ?? '';
  return {
    unicode: speaksUtf8(environment) && !['linux', 'dumb', 'vt100', 'vt220'].includes(terminal),
    colours: options.colour === false ? 0 : countColours(environment, terminal),
    attributes: terminal !== 'dumb',
  };
}

function speaksUtf8(environment: TerminalEnvironment): boolean {
  // As setlocale: the first one that is set and not empty decides.
  const locale = [environment.LC_ALL, environment.LC_CTYPE, environment.LANG].find(
    value => value !== undefined && value !== '',
  );
  return locale !== undefined && /utf-?8/i.test(locale);
}

function countColours(environment: TerminalEnvironment, terminal: string): Colours {
  const refused = environment.NO_COLOR;
  if ((refused !== undefined && refused !== '') || terminal === 'dumb' || terminal === '') return 0;
  if (/^vt\d/.test(terminal)) return 0;
  return terminal.includes('256color') || /truecolor|24bit/.test(environment.COLORTERM ?? '') ? 256 : 16;
}
