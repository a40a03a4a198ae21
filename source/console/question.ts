import type {Ask} from '../ssh/ask.ts';

/** Something only the person can answer: a host key to trust, a passphrase, a password. */
export type Question = {
  title: string;
  lines: readonly string[];
  /** `secret` is typed unseen; `choice` is answered by typing yes. */
  kind: 'secret' | 'text' | 'choice';
  typed: string;
  answer(value: string | undefined): void;
};
