import type {Ask} from '../ssh/ask.ts';

/** Something only the person can answer: a host key to trust, a passphrase, a password. Shown above everything until it is answered. */
export type Question = {
  title: string;
  lines: readonly string[];
  /** `secret` is typed unseen; `choice` is answered by typing yes. */
  kind: 'secret' | 'text' | 'choice';
  typed: string;
  /** undefined: not answered. */
  answer(value: string | undefined): void;
};

/** Asks by showing a question; `show` gets undefined when it is answered. The SSH edge asks one at a time. */
export function askThroughStore(show: (question: Question | undefined) => void): Ask {
  const ask = (question: Pick<Question, 'title' | 'lines' | 'kind'>): Promise<string | undefined> => {
    const {promise, resolve} = Promise.withResolvers<string | undefined>();
    const answer = (value: string | undefined) => {
      show(undefined);
      resolve(value);
    };
    show({...question, typed: '', answer});
    return promise;
  };
  return {
    passphrase: (keyFile, again) =>
      ask({title: 'Passphrase', lines: [...wrong(again), `of the key ${keyFile}`], kind: 'secret'}),
    password: (user, host, again) =>
      ask({title: 'Password', lines: [...wrong(again), `of ${user} on ${host}`], kind: 'secret'}),
    async keyboardInteractive({user, host, title, instructions, prompts}) {
      const answers: string[] = [];
      for (const prompt of prompts) {
        const lines = [`${host} asks ${user}`, title, instructions, prompt.text].filter(line => line.trim() !== '');
        const answer = await ask({title: 'Login', lines, kind: prompt.echo ? 'text' : 'secret'});
        if (answer === undefined) return undefined;
        answers.push(answer);
      }
      return answers;
    },
    async trustHostKey({host, keyType, fingerprint, otherKnownKeys, file}) {
      const lines = [
        `${host} shows a ${keyType} key that is not known:`,
        fingerprint,
        ...otherKnownKeys.map(key => `known for this host, but not offered: ${key}`),
        file === undefined ? 'It will be trusted until you quit.' : `It will be added to ${file}.`,
      ];
      const answer = await ask({title: 'Unknown host key', lines, kind: 'choice'});
      return answer === undefined ? undefined : answer.trim().toLowerCase() === 'yes';
    },
  };
}

function wrong(again: boolean): readonly string[] {
  return again ? ['That was not right.'] : [];
}
