import ssh2, {type KnownPublicKeys, type ParsedKey} from 'ssh2';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';
import type {HostSettings} from './host-settings.ts';
import {fingerprint} from './known-hosts.ts';
import {type KeyFile, readKeyFile, unlock} from './private-key.ts';
import type {Questions} from './questions.ts';

/** A key that can be offered to a server. Its secret is only touched, and its passphrase only asked for, once the server would accept it. */
export type Identity = {
  /** For a person: the file, or the agent and the key's comment. */
  label: string;
  /** The public key; asks for a passphrase only where the file does not show it. */
  publicKey(): Promise<Outcome<ParsedKey>>;
  sign(data: Buffer, hash: SignatureHash | undefined): Promise<Outcome<Buffer>>;
};

export type SignatureHash = 'sha1' | 'sha256' | 'sha512';

/** What there is to offer, and what is configured but of no use (for the text of a failure). */
export type Identities = {offered: Identity[]; notes: string[]};

const agentDeadlineMs = 3000;

/** The keys in ssh's order: configured files that the agent holds, the agent's others (unless identitiesOnly), then the remaining files. */
export async function findIdentities(settings: HostSettings, questions: Questions): Promise<Identities> {
  const notes: string[] = [];
  const [files, agentKeys] = await Promise.all([
    Promise.all(settings.identityFiles.map(readKeyFile)),
    agentIdentities(settings.agentSocket, notes),
  ]);
  const inAgent: Identity[] = [];
  const fromFiles: Identity[] = [];
  const used = new Set<AgentIdentity>();
  for (const file of files) {
    const held = agentKeys.find(({key}) => publicKeyOf(file)?.equals(key.getPublicSSH()) === true);
    if (held !== undefined) {
      used.add(held);
      inAgent.push(held.identity);
    } else if (file.kind === 'open' || file.kind === 'encrypted') {
      fromFiles.push(fileIdentity(file, questions));
    } else {
      notes.push(
        file.kind === 'public'
          ? `the private half of ${file.file} is neither in a file nor in the agent`
          : `${file.file} ${file.reason}`,
      );
    }
  }
  const others = settings.identitiesOnly ? [] : agentKeys.filter(key => !used.has(key)).map(({identity}) => identity);
  return {offered: [...inAgent, ...others, ...fromFiles], notes};
}

type AgentIdentity = {key: ParsedKey; identity: Identity};

async function agentIdentities(socket: string | undefined, notes: string[]): Promise<AgentIdentity[]> {
  if (socket === undefined) return [];
  const agent = new ssh2.OpenSSHAgent(socket);
  const answer = await withDeadline<KnownPublicKeys<ParsedKey>>(done => {
    agent.getIdentities((error, keys) => done(error ?? undefined, keys));
  });
  if (!answer.ok) {
    notes.push(`the ssh agent at ${socket} does not answer: ${answer.problem.message}`);
    return [];
  }
  return answer.value.flatMap(given => {
    if (!('getPublicSSH' in given)) return [];
    const key = given;
    const label = `${key.comment || fingerprint(key.getPublicSSH())} of the agent`;
    const sign = (data: Buffer, hash: SignatureHash | undefined) =>
      withDeadline<Buffer>(
        done =>
          agent.sign(key, data, hash === undefined ? {} : {hash}, (error, signature) =>
            done(error ?? undefined, signature),
          ),
        // An agent may ask its person first (ssh-add -c).
        120_000,
      );
    return [{key, identity: {label, publicKey: () => Promise.resolve(good(key)), sign}}];
  });
}

function fileIdentity(file: Extract<KeyFile, {kind: 'open' | 'encrypted'}>, questions: Questions): Identity {
  const secret = (): Promise<Outcome<ParsedKey>> =>
    file.kind === 'open' ? Promise.resolve(good(file.key)) : unlock(file, questions);
  const shown = file.kind === 'open' ? file.key : file.publicKey;
  return {
    label: file.file,
    publicKey: () => (shown === undefined ? secret() : Promise.resolve(good(shown))),
    async sign(data, hash) {
      const key = await secret();
      if (!key.ok) return key;
      const signature: Buffer | Error = key.value.sign(data, hash);
      return signature instanceof Error
        ? bad('key-file', `${file.file} can not sign: ${signature.message}`)
        : good(signature);
    },
  };
}

function publicKeyOf(file: KeyFile): Buffer | undefined {
  if (file.kind === 'open') return file.key.getPublicSSH();
  return file.kind === 'unusable' ? undefined : file.publicKey?.getPublicSSH();
}

function withDeadline<T>(
  start: (done: (error: Error | undefined, value: T | undefined) => void) => void,
  milliseconds = agentDeadlineMs,
): Promise<Outcome<T>> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(bad('timeout', `no answer within ${milliseconds / 1000} s`)), milliseconds);
    start((error, value) => {
      clearTimeout(timer);
      resolve(value === undefined ? bad('key-file', errorText(error ?? 'no answer')) : good(value));
    });
  });
}
