import {PassThrough} from 'node:stream';
import {expect, test} from 'vitest';
import {confirmOnTerminal} from '../../source/commands/confirm-on-terminal.ts';
import {openDialog} from '../../source/commands/dialog.ts';

/** Asks for what has to be typed; `answer` comes when the question is there. */
async function answered(expected: string, answer: string, early = ''): Promise<{result: string; screen: string}> {
  const input = new PassThrough();
  const output = new PassThrough();
  let screen = '';
  output.on('data', chunk => {
    screen += String(chunk);
    if (/[:\]] $/.test(screen)) input.write(answer);
  });
  if (early !== '') input.write(early);
  const result = await confirmOnTerminal(expected, () => openDialog(input, output, false));
  return {result, screen};
}

// Each waits until what is typed counts, and that is all it does: side by side.
test.concurrent.each([
  ['y', 'y\n', 'yes'],
  ['y', 'yes\n', 'yes'],
  ['y', '\n', 'no'],
  ['y', 'pg_node1\n', 'no'],
  ['pg_node1', 'pg_node1\n', 'yes'],
  ['pg_node1', 'pg_node2\n', 'no'],
  ['pg_node1', 'y\n', 'no'],
  ['orders/pg_node1', 'pg_node1\n', 'no'],
  ['orders/pg_node1', 'orders/pg_node1\n', 'yes'],
])('%j is asked for, %j is typed: %s', async (expected, answer, result) => {
  expect((await answered(expected, answer)).result).toBe(result);
});

test('a line that was typed before the question is no answer', async () => {
  expect((await answered('y', '\n', 'y\n')).result).toBe('no');
});

test('a name from outside is shown without its control sequences', async () => {
  const {screen} = await answered('\u001b[2Jpg_node1', '\n');
  expect(screen).toContain('Type pg_node1 to start it');
});

test('without a terminal nobody answers', async () => {
  expect(await confirmOnTerminal('y', () => undefined)).toBe('nobody');
});
