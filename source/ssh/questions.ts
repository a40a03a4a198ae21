import type {Ask, HostKeyQuestion, InteractiveQuestion} from './ask.ts';
import {printable} from './printable.ts';

/** Questions of all hosts wait here for each other. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * Runs `task` when no other question is open any more. It should look first whether an earlier answer serves, too: three hosts may
 * wait here for the passphrase of one key.
 */
export function whenAlone<T>(task: () => Promise<T>): Promise<T> {
  const turn = queue.then(task);
  queue = turn.catch(ignoreFailure);
  return turn;
}

/** A failed question is its asker's business; the next one comes all the same. */
function ignoreFailure() {}

/** Passwords that were not refused, by `user@address:port`, so that a second connection and a reconnect do not ask again. In memory only. */
const passwords = new Map<string, string>();
/** Key files whose passphrase somebody declined to give. */
const declinedKeyFiles = new Set<string>();

/**
 * One host's way to ask: silent once an attempt has failed, so that an unwatched reconnect never opens a dialog, until a person asks to
 * try again.
 */
export class Questions {
  readonly #ask: Ask;
  /** Set false after an attempt that a person could not help, true when one wants to try again and after a success. */
  mayAsk: boolean = true;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** A person wants to be asked again. */
  insist(): void {
    this.mayAsk = true;
    declinedKeyFiles.clear();
  }

  async passphrase(keyFile: string, again: boolean): Promise<string | undefined> {
    if (!this.mayAsk || declinedKeyFiles.has(keyFile)) return undefined;
    const answer = await this.#ask.passphrase(keyFile, again);
    if (answer === undefined) declinedKeyFiles.add(keyFile);
    return answer;
  }

  password(user: string, host: string, again: boolean): Promise<string | undefined> {
    return this.mayAsk ? this.#ask.password(user, host, again) : Promise.resolve(undefined);
  }

  keyboardInteractive(question: InteractiveQuestion): Promise<readonly string[] | undefined> {
    if (!this.mayAsk) return Promise.resolve(undefined);
    return this.#ask.keyboardInteractive({
      ...question,
      title: printable(question.title),
      instructions: printable(question.instructions, true),
      prompts: question.prompts.map(({text, echo}) => ({text: printable(text), echo})),
    });
  }

  async trustHostKey(question: HostKeyQuestion): Promise<boolean> {
    return this.mayAsk && (await this.#ask.trustHostKey(question)) === true;
  }
}

export function rememberedPassword(account: string): string | undefined {
  return passwords.get(account);
}

export function rememberPassword(account: string, password: string): void {
  passwords.set(account, password);
}

export function forgetPassword(account: string): void {
  passwords.delete(account);
}
