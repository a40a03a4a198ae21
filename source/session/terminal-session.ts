import {environmentWord} from '../cluster/environment-word.ts';
import {good, type Outcome} from '../cluster/problem.ts';
import type {ContainerOwner} from '../docker/container-owner.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import type {LentTerminal} from '../terminal/lent-terminal.ts';
import {autoctlPrompt} from './autoctl-prompt.ts';
import type {SessionContainer, SessionProgram} from './container-session.ts';
import {escapeKeys} from './escape.ts';
import {type HandedOver, handOver} from './hand-over.ts';
import {dockerRefusal, openSession} from './open-session.ts';
import {allowedReadOnly} from './reads-only.ts';
import type {SessionEnd} from './session-end.ts';
import {type RecordSession, sessionBegins} from './session-record.ts';

/** A session as a person asks for it. pg_autoctl without words is a prompt for its commands. */
export type TerminalSession = {
  connection: HostConnection;
  place: SessionContainer;
  program: SessionProgram;
  cluster: {name: string; environment?: string | undefined; readOnly: boolean};
  /** TERM in the container. */
  type: string;
  /** A new one each time: names a session and no other. */
  newMark(): string;
  /** What the node is at the moment, if that is known. */
  state: string | undefined;
  /** Names for the completion. */
  nodes: readonly string[];
  /** Lines of pg_autoctl's prompt; added to. */
  history: string[];
  /** What was on the terminal before has not ended its line. */
  inLine: boolean;
  /** Writes each program that runs down. */
  record: RecordSession;
  now(): number;
};

/** Runs a session on a terminal to its end, with a line before it that says where one is. */
export async function sessionOnTerminal(lent: LentTerminal, session: TerminalSession): Promise<HandedOver> {
  const {place, program} = session;
  await lent.write(`${session.inLine ? '\r\n' : ''}${whereLine(session)}\r\n`);
  if (program.kind !== 'autoctl' || program.words.length > 0) return run(lent, session, program);
  // Each line is a session of its own; whose PGDATA it is, is asked once.
  const known: Known = {owner: undefined};
  const status = await autoctlPrompt(lent, {
    prompt: `[${place.container}] pg_autoctl> `,
    nodes: session.nodes,
    history: session.history,
    async run(words): Promise<Outcome<HandedOver>> {
      const wanted: SessionProgram = {kind: 'autoctl', words};
      const allowed = session.cluster.readOnly ? allowedReadOnly(wanted) : good(wanted);
      return allowed.ok ? good(await run(lent, session, wanted, known)) : allowed;
    },
  });
  return {kind: 'exited', status, firstWords: '', inLine: true};
}

/** `pg_node1 on vm1, PROD orders, primary, psql, read-only; enter ~ . leaves` */
export function whereLine({place, program, cluster, state}: TerminalSession): string {
  const word = environmentWord(cluster.environment);
  const parts = [
    `${place.container} on ${place.host}`,
    word === undefined ? cluster.name : `${word} ${cluster.name}`,
    ...(state === undefined ? [] : [state]),
    titleOf(program),
    may(program, cluster.readOnly),
  ];
  return sanitizeLine(`${parts.join(', ')}; ${escapeKeys} leaves`);
}

function titleOf(program: SessionProgram): string {
  switch (program.kind) {
    case 'shell':
    case 'psql':
      return program.kind;
    case 'autoctl':
      return ['pg_autoctl', ...program.words].join(' ');
    case 'exec':
      return program.words.join(' ');
  }
}

function may(program: SessionProgram, readOnly: boolean): string {
  if (program.kind === 'psql') return program.write ? 'read-write' : 'read-only until set otherwise';
  return readOnly ? 'read-only' : 'read-write';
}

/** What an earlier session in the same container has found out. */
type Known = {owner: ContainerOwner | undefined};

async function run(
  lent: LentTerminal,
  session: TerminalSession,
  program: SessionProgram,
  known: Known = {owner: undefined},
): Promise<HandedOver> {
  const {connection, place, type, record, now} = session;
  let noteEnd: (end: SessionEnd) => void = () => undefined;
  const end = await handOver(lent, async (size, signal) => {
    const mark = session.newMark();
    const opened = await openSession({
      ...{connection, place, program, signal, owner: known.owner},
      terminal: {type, size},
      mark,
    });
    if (!opened.ok) return opened;
    known.owner = opened.value.owner;
    noteEnd = sessionBegins({id: mark, program, place, terminal: true, startedAt: now()}, record, now);
    return opened;
  });
  const refusal = end.kind === 'exited' ? dockerRefusal(end.status, end.firstWords, place) : undefined;
  noteEnd(refusal === undefined ? end : {kind: 'lost', problem: refusal});
  if (end.kind !== 'exited') {
    if (end.inLine) await lent.write('\r\n');
    return {...end, inLine: false};
  }
  return refusal === undefined ? end : {...end, kind: 'lost', problem: refusal};
}
