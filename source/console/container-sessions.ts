import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import {containerRuns} from '../docker/docker.ts';
import {commandWords} from '../session/command-words.ts';
import type {SessionContainer, SessionProgram} from '../session/container-session.ts';
import {containerNames, findContainer} from '../session/find-container.ts';
import {allowedReadOnly} from '../session/reads-only.ts';
import type {SessionEnd} from '../session/session-end.ts';
import {noticingProblems, type RecordSession} from '../session/session-record.ts';
import {sessionOnTerminal} from '../session/terminal-session.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import type {LentTerminal} from '../terminal/lent-terminal.ts';
import type {PromptCommand} from './prompt.ts';
import type {ConsoleState, ConsoleStore, Notice} from './store.ts';

/** The terminal that the console is on, for programs in containers. */
export type Loan = {
  lend<T>(use: (lent: LentTerminal) => Promise<T>): Promise<T>;
  /** TERM in a container. */
  type: string;
  newMark(): string;
};

export type SessionSurroundings = {
  cluster: ClusterConfiguration;
  loan: Loan | undefined;
  store: ConsoleStore;
  selected(): string | undefined;
  host(name: string): HostConnection | undefined;
  notify(text: string, tone: Notice['tone']): void;
  record: RecordSession;
  now(): number;
};

/** Sessions in containers from the console: the terminal is theirs until they end, then a notice says how, and what happened meanwhile. */
export type ContainerSessions = {
  /** In the container of the selected node. */
  open(program: SessionProgram): void;
  commands: readonly PromptCommand[];
};

export function containerSessions(surroundings: SessionSurroundings): ContainerSessions {
  const {cluster, loan, store, notify} = surroundings;
  const history: string[] = [];
  let inLine = false;
  const nodes = () => store.getState().assessment.nodes;

  function find(name: string | undefined): Outcome<SessionContainer> {
    const word = name ?? surroundings.selected();
    if (word === undefined) return bad('configuration', 'there is no node to open it in');
    const found = findContainer(word, cluster.hosts, nodes());
    if (found.ok || name !== undefined) return found;
    return bad('configuration', `no container of ${word} is in the configuration`, {remedy: 'name one that is'});
  }

  function start(program: SessionProgram, name: string | undefined): Outcome<Record<string, never>> {
    const {readOnly} = store.getState().snapshot.cluster;
    const allowed = readOnly ? allowedReadOnly(program) : good(program);
    if (!allowed.ok) return allowed;
    const place = find(name);
    if (!place.ok) return place;
    const connection = surroundings.host(place.value.host);
    if (connection === undefined || loan === undefined) return bad('internal', 'there is no terminal to open it on');
    void run(loan, connection, place.value, program);
    return good({});
  }

  async function run(
    {lend, type, newMark}: Loan,
    connection: HostConnection,
    place: SessionContainer,
    program: SessionProgram,
  ): Promise<void> {
    const verdict = watchVerdict(store);
    const {readOnly} = store.getState().snapshot.cluster;
    const {record, problem} = noticingProblems(surroundings.record);
    const end = await lend(lent =>
      sessionOnTerminal(lent, {
        ...{connection, place, program, type, newMark, history, inLine, record, now: surroundings.now},
        cluster: {...cluster, readOnly},
        state: stateOf(place),
        nodes: nodes().map(node => node.name),
      }),
    );
    const endedAt = surroundings.now();
    inLine = end.inLine;
    const unwritten = problem();
    const words = [
      endText(program, place, end),
      ...(unwritten === undefined ? [] : [`the audit log could not be written: ${unwritten.message}`]),
    ];
    let isCalm = unwritten === undefined && end.kind !== 'lost';
    const tell = () => {
      const happened = verdict.meanwhile();
      const text = [...words, ...(happened === undefined ? [] : [happened])].join('; ');
      notify(text, isCalm && happened === undefined ? 'info' : 'warning');
    };
    tell();
    if (end.kind === 'exited' && end.status >= 126) {
      const runs = await containerRuns(connection, place.docker, place.container);
      if (runs.ok && !runs.value) {
        words.push(`${place.container} does not run any more`);
        isCalm = false;
        tell();
      }
    }
    // Its last moments, in which the program itself may have done it, are in the next reading only.
    if (verdict.meanwhile() === undefined && (await isReadAgain(store, endedAt)) && verdict.meanwhile() !== undefined)
      tell();
    verdict.unwatch();
  }

  function stateOf(place: SessionContainer): string | undefined {
    if (place.role === 'monitor') return 'monitor';
    return (
      nodes().find(node => node.host === place.host && node.container === place.container)?.reportedState ?? undefined
    );
  }

  const complete = (before: readonly string[]) => (before.length === 0 ? containerNames(cluster.hosts, nodes()) : []);
  return {
    open(program) {
      const started = start(program, undefined);
      if (started.ok) return;
      const {message, remedy} = started.problem;
      notify(remedy === undefined ? message : `${message}: ${remedy}`, 'warning');
    },
    commands: [
      {
        name: 'shell',
        parameters: '[NODE]',
        help: 'a shell in the container; any container or host can be named',
        complete,
        run: ([name]) => start({kind: 'shell'}, name),
      },
      {
        name: 'psql',
        parameters: '[NODE] [--write]',
        help: 'psql in the container, read-only unless it is to write',
        complete: before => ['--write', ...complete(before)].filter(word => !before.includes(word)),
        run(words) {
          const write = words.includes('--write');
          return start(
            {kind: 'psql', write, words: []},
            words.find(word => word !== '--write'),
          );
        },
      },
      {
        name: 'autoctl',
        parameters: '[NODE]',
        help: 'a prompt for pg_autoctl in the container; tab completes its commands',
        complete,
        run: ([name]) => start({kind: 'autoctl', words: []}, name),
      },
      {
        name: 'exec',
        parameters: 'ARGV...',
        help: "a program in the selected node's container",
        run(_words, text) {
          const argv = commandWords(text);
          return argv.ok ? start({kind: 'exec', words: argv.value}, undefined) : argv;
        },
      },
    ],
  };
}

function endText(program: SessionProgram, {container}: SessionContainer, end: SessionEnd): string {
  const what = {
    shell: 'the shell',
    psql: 'psql',
    autoctl: 'pg_autoctl',
    exec: program.kind === 'exec' ? program.words[0] : '',
  };
  const name = `${what[program.kind]} in ${container}`;
  switch (end.kind) {
    case 'exited':
      return end.status === 0 ? `${name} has ended` : `${name} ended with exit status ${end.status}`;
    case 'left':
      return `${name} was left, and is hung up there`;
    case 'lost':
      return `${name} is lost: ${end.problem.message}`;
  }
}

/** Follows the verdict. `meanwhile` says what became of the cluster since; undefined while its verdict has not moved. */
function watchVerdict(store: ConsoleStore): {meanwhile(): string | undefined; unwatch(): void} {
  const levels: string[] = [store.getState().assessment.verdict.level];
  const unwatch = store.subscribe(({assessment}) => {
    const {level} = assessment.verdict;
    if (level !== levels.at(-1)) levels.push(level);
  });
  return {
    meanwhile() {
      const {level, summary} = store.getState().assessment.verdict;
      return levels.length < 2 ? undefined : `meanwhile ${levels.slice(-4).join(' > ')}, now ${level}: ${summary}`;
    },
    unwatch,
  };
}

/** Resolves with true when the monitor has been read after that time, with false when the notice that is there now has gone before. */
function isReadAgain(store: ConsoleStore, after: number): Promise<boolean> {
  const {notice} = store.getState();
  return new Promise(resolve => {
    const look = (state: ConsoleState) => {
      const isRead = (state.snapshot.monitor?.at ?? 0) > after;
      if (!isRead && state.notice === notice) return;
      unsubscribe();
      resolve(isRead && state.notice === notice);
    };
    const unsubscribe = store.subscribe(look);
    look(store.getState());
  });
}
