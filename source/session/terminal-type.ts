/**
 * TERM for a program in a container: this terminal's own name where the usual terminfo has it, else the one that every newer terminal
 * understands.
 */
export function terminalType(own: string | undefined): string {
  if (own === undefined || own === '') return 'xterm';
  return commonTypes.has(own) ? own : 'xterm-256color';
}

/** The terminals of Debian's ncurses-base, which every image has. */
const commonTypes = new Set(
  (
    'ansi cygwin dumb hurd linux mach pcansi rxvt rxvt-basic rxvt-unicode rxvt-unicode-256color screen screen-256color ' +
    'screen-256color-bce screen-bce screen-s screen-w screen.xterm-256color sun tmux tmux-256color vt100 vt102 vt220 vt52 ' +
    'xterm xterm-256color xterm-color xterm-mono xterm-r5 xterm-r6 xterm-vt220 xterm-xfree86'
  ).split(' '),
);
