import {isYes} from './ask-on-terminal.ts';
import type {Dialog} from './dialog.ts';

/** The person ended the dialog (ctrl-C, ctrl-D, hang-up): nothing more is asked, nothing is written. */
export class DialogEnded extends Error {}

/** Questions with a default each, asked again until the answer can be used. Every method throws DialogEnded when the person leaves. */
export type Questions = {
  say(text: string): void;
  /** Enter takes the default. `wrong` says what an unusable answer lacks. */
  text(label: string, standard: string, wrong?: (answer: string) => string | undefined): Promise<string>;
  number(label: string, standard: number): Promise<number>;
  yes(label: string, standard: boolean): Promise<boolean>;
  /** Waits for something else, unless the person leaves first. */
  during<T>(work: Promise<T>): Promise<T>;
};

export function questions(dialog: Dialog): Questions {
  const ask = async (prompt: string) => {
    const line = await dialog.question(prompt);
    if (line === undefined) throw new DialogEnded();
    return line.trim();
  };
  const text: Questions['text'] = async (label, standard, wrong = () => undefined) => {
    for (;;) {
      const typed = await ask(`${label}${standard === '' ? '' : ` [${standard}]`}: `);
      const answer = typed === '' ? standard : typed;
      const complaint = wrong(answer);
      if (complaint === undefined) return answer;
      dialog.say(`  ${complaint}\n`);
    }
  };
  return {
    say: dialog.say,
    text,
    async number(label, standard) {
      const isPort = (answer: string) => /^\d{1,5}$/.test(answer) && Number(answer) >= 1 && Number(answer) <= 65_535;
      return Number(
        await text(label, String(standard), answer =>
          isPort(answer) ? undefined : 'expected a number between 1 and 65535',
        ),
      );
    },
    async yes(label, standard) {
      const answer = await ask(`${label} [${standard ? 'Y/n' : 'y/N'}]: `);
      return answer === '' ? standard : isYes(answer);
    },
    during: work =>
      Promise.race([
        work,
        dialog.ended.then(() => {
          throw new DialogEnded();
        }),
      ]),
  };
}
