import {sanitizeLine} from '../logs/sanitize.ts';
import type {Ask} from '../ssh/ask.ts';
import {type Dialog, openControllingTerminal} from './dialog.ts';

/**
 * Asks ssh's questions on the controlling terminal, whatever the standard streams are; nobody answers where there is none. For commands,
 * and for the console before its screen is up. ctrl-C ends the program as it does outside of a question.
 */
export function askOnTerminal(): Ask {
  return askThrough(openControllingTerminal, () => void process.kill(process.pid, 'SIGINT'));
}

/**
 * Asks through a dialog that is opened for each question and closed after it, one question at a time. After ctrl-C nothing more is asked:
 * every answer is undefined.
 */
export function askThrough(open: () => Dialog | undefined, interrupted: () => void = () => undefined): Ask {
  let last: Promise<unknown> = Promise.resolve();
  let over = false;

  const inTurn = <T>(ask: (dialog: Dialog) => Promise<T | undefined>): Promise<T | undefined> => {
    const answer = last.then(async () => {
      const dialog = over ? undefined : open();
      if (dialog === undefined) return undefined;
      try {
        return await ask(dialog);
      } finally {
        if (dialog.interrupted() && !over) {
          over = true;
          interrupted();
        }
        dialog.close();
      }
    });
    last = answer;
    return answer;
  };

  return {
    passphrase: (keyFile, again) =>
      inTurn(dialog => {
        if (again) dialog.say('That passphrase does not open the key.\n');
        return dialog.question(`Passphrase of the key ${sanitizeLine(keyFile)}: `, {hidden: true});
      }),
    password: (user, host, again) =>
      inTurn(dialog => {
        if (again) dialog.say('That password was refused.\n');
        return dialog.question(`Password of ${sanitizeLine(user)} on ${sanitizeLine(host)}: `, {hidden: true});
      }),
    keyboardInteractive: ({user, host, title, instructions, prompts}) =>
      inTurn(async dialog => {
        if (prompts.length > 0) dialog.say(`${sanitizeLine(host)} asks ${sanitizeLine(user)}:\n`);
        for (const text of [title, instructions].flatMap(part => part.split('\n')).filter(line => line.trim() !== '')) {
          dialog.say(`  ${sanitizeLine(text)}\n`);
        }
        const answers: string[] = [];
        for (const {text, echo} of prompts) {
          const answer = await dialog.question(`  ${sanitizeLine(text).trimEnd()} `, {hidden: !echo});
          if (answer === undefined) return undefined;
          answers.push(answer);
        }
        return answers;
      }),
    trustHostKey: ({host, keyType, fingerprint, otherKnownKeys, file}) =>
      inTurn(async dialog => {
        dialog.say(
          `The host key of ${sanitizeLine(host)} is not known yet:\n  ${sanitizeLine(keyType)} ${sanitizeLine(fingerprint)}\n`,
        );
        if (otherKnownKeys.length > 0)
          dialog.say(`Known are other keys of it: ${otherKnownKeys.map(sanitizeLine).join(', ')}\n`);
        dialog.say(`Compare it on the host: for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf "$key"; done\n`);
        const remembered = file === undefined ? 'for this run' : `and add it to ${sanitizeLine(file)}`;
        const answer = await dialog.question(`Trust it ${remembered}? [y/N] `);
        return answer === undefined ? undefined : isYes(answer);
      }),
  };
}

/** What counts as consent; everything else is a no. */
export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}
