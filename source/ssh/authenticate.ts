import ssh2, {
  type AnyAuthMethod,
  type BaseAgent,
  type KeyboardInteractiveCallback,
  type ParsedKey,
  type Prompt,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import {bad, type Outcome, type Problem} from '../cluster/problem.ts';
import {hostLabel} from './host-label.ts';
import type {HostSettings} from './host-settings.ts';
import {findIdentities, type Identity, type SignatureHash} from './identities.ts';
import {fingerprint} from './known-hosts.ts';
import {printable} from './printable.ts';
import {forgetPassword, type Questions, rememberedPassword, rememberPassword, whenAlone} from './questions.ts';

/** sshd counts six failures (MaxAuthTries) and hangs up at the last: so many keys leave room for a password. */
const maximumKeys = 5;
const passwordAttempts = 3;

/**
 * One attempt to be let in. Goes through what there is, in OpenSSH's order: no authentication at all (which tells what the server accepts),
 * keys, keyboard-interactive, password. Keeps what was tried, for the text of a failure.
 */
export class Authentication {
  readonly #settings: HostSettings;
  readonly #questions: Questions;
  /** Stops the attempt's deadline while a person or an agent thinks. */
  readonly #patiently: <T>(task: () => Promise<T>) => Promise<T>;
  /** Ends the attempt: a server that asked a question hangs up when its answers are missing, and that would look like another fault. */
  readonly #giveUp: () => void;
  readonly #steps: AsyncGenerator<AnyAuthMethod, void>;
  readonly #tried: string[] = [];
  #notes: string[] = [];
  #accepted: readonly string[] = [];
  #keyProblem: Problem | undefined;
  /** The server wanted one of the keys. */
  #signed: boolean = false;
  #unanswered: boolean = false;
  #refusedAnswers = false;

  constructor(
    settings: HostSettings,
    questions: Questions,
    patiently: <T>(task: () => Promise<T>) => Promise<T>,
    giveUp: () => void,
  ) {
    this.#settings = settings;
    this.#questions = questions;
    this.#patiently = patiently;
    this.#giveUp = giveUp;
    this.#steps = this.#methods();
  }

  /** The next method to try, given what the server would accept; undefined when there is none left. */
  async next(accepted: readonly string[] | null): Promise<AnyAuthMethod | undefined> {
    if (accepted !== null) this.#accepted = accepted;
    const step = await this.#steps.next();
    return step.done === true ? undefined : step.value;
  }

  /** The server let us not in, or hung up: why, and what can be done. */
  problem(serverWords?: string): Problem {
    const {user} = this.#settings;
    const host = hostLabel(this.#settings);
    const tried = this.#tried.length === 0 ? 'there was nothing to offer' : `tried ${this.#tried.join(', ')}`;
    const accepts = this.#accepted.length === 0 ? '' : `; the server accepts ${this.#accepted.join(', ')}`;
    const detail = [...this.#notes, ...(serverWords === undefined ? [] : [`server: ${printable(serverWords)}`])].join(
      '\n',
    );
    const more = {remedy: this.#remedy(), ...(detail === '' ? {} : {detail})};
    if (this.#keyProblem !== undefined)
      return {...this.#keyProblem, message: `${this.#keyProblem.message}, so ${host} does not let ${user} in`};
    return bad('authentication', `${host} does not let ${user} in: ${tried}${accepts}`, more).problem;
  }

  get #account(): string {
    const {user, address, port} = this.#settings;
    return `${user}@${address}:${port}`;
  }

  #remedy(): string {
    const {user} = this.#settings;
    const keys = this.#tried.some(what => what.startsWith('key '));
    if (this.#unanswered && !keys) return 'try again and answer the question, or set up a key that the server knows';
    if (this.#unanswered)
      return `add one of these keys to ~${user}/.ssh/authorized_keys on the server, or name the right key and user in the configuration; to be let in without a key, try again and answer the question`;
    if (this.#accepted.length > 0 && !this.#accepted.includes('publickey'))
      return `check the password of ${user}, or allow keys (PubkeyAuthentication) on the server`;
    if (!keys)
      return `no key was found: load one with \`ssh-add\`, or name one as IdentityFile in ssh_config${this.#notes.length === 0 ? '' : ` (${this.#notes.join('; ')})`}`;
    return `add one of these keys to ~${user}/.ssh/authorized_keys on the server, or name the right key and user in the configuration`;
  }

  async *#methods(): AsyncGenerator<AnyAuthMethod, void> {
    const username = this.#settings.user;
    yield {type: 'none', username};
    if (this.#accepts('publickey')) yield* this.#keys();
    // After a key the server's list is not renewed, and a good one may not have been enough: what is accepted next has to be tried. After
    // keys that were not even to sign it stands, and one try more would be the one at which sshd hangs up.
    if (this.#signed || this.#accepts('keyboard-interactive')) yield* this.#interactive();
    if (this.#accepts('password') && !this.#refusedAnswers && !this.#unanswered) yield* this.#passwords();
  }

  #accepts(method: string): boolean {
    return this.#accepted.includes(method);
  }

  async *#keys(): AsyncGenerator<AnyAuthMethod, void> {
    const username = this.#settings.user;
    const {offered, notes} = await findIdentities(this.#settings, this.#questions);
    this.#notes = notes;
    if (offered.length > maximumKeys) {
      const left = offered.slice(maximumKeys).map(({label}) => label);
      this.#notes.push(
        `not offered, because a server hangs up after too many: ${left.join(', ')}; choose with IdentityFile and IdentitiesOnly`,
      );
    }
    for (const identity of offered.slice(0, maximumKeys)) {
      const publicKey = await this.#patiently(() => identity.publicKey());
      if (!publicKey.ok) {
        this.#keyProblem ??= publicKey.problem;
        this.#notes.push(publicKey.problem.message);
        continue;
      }
      this.#tried.push(`key ${identity.label} (${fingerprint(publicKey.value.getPublicSSH())})`);
      yield {type: 'agent', username, agent: this.#agentOf(identity, publicKey.value)};
    }
  }

  /** An agent of one key, because ssh2 signs with an agent's keys only when asked to, and waits for the signature. */
  #agentOf(identity: Identity, publicKey: ParsedKey): BaseAgent {
    const sign = async (data: Buffer, hash: SignatureHash | undefined): Promise<Outcome<Buffer>> => {
      this.#signed = true;
      const signature = await this.#patiently(() => identity.sign(data, hash));
      if (!signature.ok) {
        this.#keyProblem ??= {...signature.problem, kind: 'key-file'};
        this.#notes.push(signature.problem.message);
      }
      return signature;
    };
    return new (class extends ssh2.BaseAgent<ParsedKey> {
      override getIdentities(done: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
        done(undefined, [publicKey]);
      }

      override sign(
        _key: ParsedKey,
        data: Buffer,
        options: SigningRequestOptions | SignCallback,
        done?: SignCallback,
      ): void {
        const callback = typeof options === 'function' ? options : done;
        const hash = typeof options === 'function' ? undefined : options.hash;
        void sign(data, hash).then(signature => {
          if (signature.ok) callback?.(undefined, signature.value);
          else callback?.(new Error(signature.problem.message));
        });
      }
    })();
  }

  async *#interactive(): AsyncGenerator<AnyAuthMethod, void> {
    const username = this.#settings.user;
    for (let attempt = 1; attempt <= passwordAttempts; attempt++) {
      let asked = false;
      const prompt = (
        title: string,
        instructions: string,
        _language: string,
        prompts: Prompt[],
        finish: KeyboardInteractiveCallback,
      ) => {
        asked = true;
        void this.#answer(title, instructions, prompts, attempt > 1).then(answers => {
          if (answers !== undefined) return finish([...answers]);
          this.#unanswered = true;
          this.#refused('keyboard-interactive');
          this.#giveUp();
        });
      };
      yield {type: 'keyboard-interactive', username, prompt};
      if (!asked) return;
      this.#refused('keyboard-interactive');
      if (!this.#accepts('keyboard-interactive')) return;
      this.#refusedAnswers = true;
    }
  }

  async #answer(
    title: string,
    instructions: string,
    prompts: Prompt[],
    again: boolean,
  ): Promise<readonly string[] | undefined> {
    const [only, ...others] = prompts;
    const forPassword =
      only !== undefined && others.length === 0 && only.echo !== true && /password/i.test(only.prompt);
    if (forPassword) {
      const password = await this.#askPassword(again);
      return password === undefined ? undefined : [password];
    }
    return this.#patiently(() =>
      whenAlone(() =>
        this.#questions.keyboardInteractive({
          user: this.#settings.user,
          host: hostLabel(this.#settings),
          title,
          instructions,
          prompts: prompts.map(({prompt, echo}) => ({text: prompt, echo: echo === true})),
        }),
      ),
    );
  }

  async *#passwords(): AsyncGenerator<AnyAuthMethod, void> {
    const username = this.#settings.user;
    for (let attempt = 1; attempt <= passwordAttempts; attempt++) {
      const password = await this.#askPassword(attempt > 1);
      if (password === undefined) return;
      yield {type: 'password', username, password};
      this.#refused('password');
      if (!this.#accepts('password')) return;
    }
  }

  async #askPassword(again: boolean): Promise<string | undefined> {
    const known = rememberedPassword(this.#account);
    if (known !== undefined) return known;
    const password = await this.#patiently(() =>
      whenAlone(async () => {
        const answered = rememberedPassword(this.#account);
        if (answered !== undefined) return answered;
        const answer = await this.#questions.password(this.#settings.user, hostLabel(this.#settings), again);
        // At once, and not after the success: when the server hung up meanwhile, the next attempt has it.
        if (answer !== undefined) rememberPassword(this.#account, answer);
        return answer;
      }),
    );
    if (password === undefined) this.#unanswered = true;
    return password;
  }

  #refused(method: string): void {
    forgetPassword(this.#account);
    const note = this.#unanswered ? `${method} (not answered)` : `${method} (refused)`;
    if (!this.#tried.includes(note)) this.#tried.push(note);
  }
}
