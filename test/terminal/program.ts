import {appendFileSync} from 'node:fs';
import {render, Text} from 'ink';
import {createElement} from 'react';
import {openTerminal} from '../../source/terminal/terminal.ts';

/**
 * A program for terminal.test.ts to drive in a PTY. Shows `ready`, what was typed last and a counter that runs on; writes
 * the counter to the file that its argument names as well. Keys: q quits, x throws, p rejects, s hands the terminal over for
 * one line of input, f floods the screen, ctrl-z stops.
 */
const beat = process.argv[2] ?? '/dev/null';
let typed = '';
let count = 0;
let flooding = false;

const terminal = openTerminal({
  environment: process.env,
  onKey(event) {
    typed = event.kind === 'key' ? event.key : `paste ${event.text}`;
    if (typed === 'q') quit();
    if (typed === 'x') throw new Error('thrown on purpose');
    if (typed === 'p') void Promise.reject(new Error('rejected on purpose'));
    if (typed === 's') handOver();
    if (typed === 'f') flooding = true;
    if (typed === 'ctrl-z') terminal?.stop();
    draw();
  },
  onGone() {
    appendFileSync(beat, 'gone\n');
    process.exit(1);
  },
  onStrayOutput(text) {
    typed = `stray ${text.trim()}`;
  },
});
if (terminal === undefined) {
  process.stderr.write('not a terminal\n');
  process.exit(64);
}

const ink = render(createElement(Text, null, ''), {
  stdout: terminal.screen.stdout,
  debug: true,
  interactive: true,
  patchConsole: false,
  exitOnCtrlC: false,
});

function draw(): void {
  const {columns = 80, rows = 24} = terminal?.screen ?? {};
  ink.rerender(createElement(Text, null, `ready ${columns}x${rows}\nkey ${typed}\ncount ${count}\n中文 é`));
  if (!flooding) return;
  const line = String(count % 10).repeat(columns);
  const lines = Array.from({length: rows - 5}, (_, row) => line.slice(row % 2) + String(row));
  terminal?.screen.setPane('flood', {left: 0, top: 5, columns, rows: rows - 5}, lines);
}

function quit(): void {
  ink.unmount();
  terminal?.close();
  process.exit(0);
}

function handOver(): void {
  terminal?.suspend();
  process.stdout.write('your turn: ');
  process.stdin.once('data', data => {
    typed = `heard ${data.toString().trim()}`;
    process.stdin.pause();
    terminal?.resume();
    draw();
  });
  process.stdin.resume();
}

if (process.argv.includes('--stray')) console.error('words of a library');
setInterval(() => {
  count++;
  appendFileSync(beat, `${count}\n`);
  draw();
}, 5);
