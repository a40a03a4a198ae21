/**
 * How the ssh edge asks a person. Every answer may be undefined: not answered; the connection then fails with a typed problem instead of waiting.
 * Only one question is asked at a time, over all hosts. Texts that come from a server are free of control sequences.
 */
export type Ask = {
  /** The passphrase of a private key. `again`: the last answer did not open it. */
  passphrase(keyFile: string, again: boolean): Promise<string | undefined>;
  /** The password of `user` on `host` (its name, with the address where that differs). `again`: the last one was refused. */
  password(user: string, host: string, again: boolean): Promise<string | undefined>;
  /** What the server wants to know (a one-time code, a PAM password): one answer a prompt. */
  keyboardInteractive(question: InteractiveQuestion): Promise<readonly string[] | undefined>;
  /** Whether the unknown key of a host is to be trusted from now on. False and undefined refuse it. */
  trustHostKey(question: HostKeyQuestion): Promise<boolean | undefined>;
};

export type InteractiveQuestion = {
  user: string;
  host: string;
  /** The server's title and explanation; often empty. */
  title: string;
  instructions: string;
  /** `echo` false: type it unseen. */
  prompts: readonly {text: string; echo: boolean}[];
};

export type HostKeyQuestion = {
  host: string;
  /** `ssh-ed25519`, ... */
  keyType: string;
  /** `SHA256:...`, as `ssh-keygen -l` prints it. */
  fingerprint: string;
  /** Keys of other types that known_hosts holds for this host: the server did not offer those. Usually empty. */
  otherKnownKeys: readonly string[];
  /** The file that the key is added to; undefined: remembered for this run only. */
  file: string | undefined;
};

/** Answers nothing: for commands that no person watches. */
export const askNobody: Ask = {
  passphrase: () => Promise.resolve(undefined),
  password: () => Promise.resolve(undefined),
  keyboardInteractive: () => Promise.resolve(undefined),
  trustHostKey: () => Promise.resolve(undefined),
};
