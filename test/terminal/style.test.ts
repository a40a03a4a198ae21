import {expect, test} from 'vitest';
import {detectCapabilities} from '../../source/terminal/capabilities.ts';
import {marksFor} from '../../source/terminal/marks.ts';
import {createStyle} from '../../source/terminal/style.ts';
import {displayWidth} from '../../source/terminal/width.ts';

test.each([
  [
    {TERM: 'xterm-256color', LANG: 'en_US.UTF-8'},
    {unicode: true, colours: 256, attributes: true},
  ],
  [
    {TERM: 'screen-256color', LC_CTYPE: 'C.utf8'},
    {unicode: true, colours: 256, attributes: true},
  ],
  [
    {TERM: 'xterm', LANG: 'en_US.UTF-8', LC_ALL: 'C'},
    {unicode: false, colours: 16, attributes: true},
  ],
  [
    {TERM: 'xterm', LANG: 'en_US.UTF-8', LC_ALL: ''},
    {unicode: true, colours: 16, attributes: true},
  ],
  [
    {TERM: 'xterm', LANG: 'POSIX'},
    {unicode: false, colours: 16, attributes: true},
  ],
  [{TERM: 'xterm'}, {unicode: false, colours: 16, attributes: true}],
  [
    {TERM: 'linux', LANG: 'en_US.UTF-8'},
    {unicode: false, colours: 16, attributes: true},
  ],
  [
    {TERM: 'xterm-256color', LANG: 'en_US.UTF-8', NO_COLOR: '1'},
    {unicode: true, colours: 0, attributes: true},
  ],
  [
    {TERM: 'xterm-256color', LANG: 'en_US.UTF-8', NO_COLOR: ''},
    {unicode: true, colours: 256, attributes: true},
  ],
  [
    {TERM: 'xterm', COLORTERM: 'truecolor'},
    {unicode: false, colours: 256, attributes: true},
  ],
  [
    {TERM: 'dumb', LANG: 'en_US.UTF-8'},
    {unicode: false, colours: 0, attributes: false},
  ],
  [{}, {unicode: false, colours: 0, attributes: true}],
])('%j can show %j', (environment, capabilities) => {
  expect(detectCapabilities(environment)).toEqual(capabilities);
});

test('--no-color comes before everything', () => {
  expect(detectCapabilities({TERM: 'xterm-256color'}, {colour: false}).colours).toBe(0);
});

test('styles nest: an inner one does not end the outer one', () => {
  const style = createStyle(16);
  expect(style.inverse(`a ${style.danger('b')} c`)).toBe('\u001B[7ma \u001B[31mb\u001B[39m c\u001B[27m');
  expect(style.warning(`a ${style.danger('b')} c`)).toBe('\u001B[33ma \u001B[31mb\u001B[39m\u001B[33m c\u001B[39m');
  expect(style.bold('')).toBe('');
});

test('without colours there is no colour, without attributes nothing', () => {
  const colourless = createStyle(0);
  expect(colourless.danger('x')).toBe('x');
  expect(colourless.bold('x')).toBe('\u001B[1mx\u001B[22m');
  expect(createStyle(0, false).bold('x')).toBe('x');
});

test('every mark is one cell wide, and ASCII where it has to be', () => {
  for (const unicode of [true, false]) {
    for (const mark of Object.values(marksFor(unicode)).flat()) {
      expect(displayWidth(mark)).toBe(1);
      if (!unicode) expect(mark).toMatch(/^[ -~]$/);
    }
  }
});
