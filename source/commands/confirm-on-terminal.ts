import {sanitizeLine} from '../logs/sanitize.ts';
import {isYes} from './ask-on-terminal.ts';
import {type Dialog, openControllingTerminal} from './dialog.ts';

/** `nobody`: there is no terminal on which a person could answer. */
export type Confirmation = 'yes' | 'no' | 'nobody';

/** What was typed sooner than this was not meant for the question. */
const armMs = 300;

/**
 * Asks on the controlling terminal for what has to be typed; the default is no. Keys that were pressed before the question was there, and
 * what is pasted, confirm nothing.
 */
export async function confirmOnTerminal(
  expected: string,
  open: () => Dialog | undefined = openControllingTerminal,
): Promise<Confirmation> {
  const dialog = open();
  if (dialog === undefined) return 'nobody';
  try {
    await dialog.forgetTyped(armMs);
    const prompt =
      expected === 'y' ? 'Start it? [y/N] ' : `Type ${sanitizeLine(expected)} to start it, anything else is a no: `;
    const answer = await dialog.question(prompt, {typed: true});
    if (answer === undefined) return 'no';
    return (expected === 'y' ? isYes(answer) : answer.trim() === expected) ? 'yes' : 'no';
  } finally {
    dialog.close();
  }
}
