import {good, type Outcome} from '../cluster/problem.ts';
import {quoteArgv} from './quote.ts';

/**
 * What a command reads: nothing, a given number of bytes, or a stream. In each case the SSH channel's own input serves as the lifeline
 * as well: it ends when the channel is closed, when this program dies, and when the server notices that the network is gone.
 */
export type LifelineInput = {kind: 'nothing'} | {kind: 'bytes'; count: number} | {kind: 'stream'};

/**
 * Wraps argv so that nothing of it outlives the channel: sshd leaves a process without a terminal running when its channel closes, so a
 * watchdog in the same process group ends the group then (TERM, two seconds later KILL). The exit status is the command's own.
 * Needs nothing but a POSIX sh on the host, which a login shell of any kind can start: the script is one line without backslashes.
 */
export function withLifeline(argv: readonly string[], input: LifelineInput): string[] {
  return ['sh', '-c', input.kind === 'nothing' ? guarded(argv) : fed(input, argv), 'sh', ...argv];
}

/**
 * Wraps argv for a session of a person or a pipe, so that it ends when the session is lost; then `afterLoss` is run, for what that does not
 * reach. A terminal that is hung up ends what runs on it. Without one the end of the input is the command's own affair: it is not given up
 * before the sshd of its connection is gone.
 */
export function withSession(
  argv: readonly string[],
  terminal: boolean,
  afterLoss: readonly string[],
): Outcome<string[]> {
  const last = quoteArgv(afterLoss);
  if (!last.ok) return last;
  return good(['sh', '-c', terminal ? onTerminal : onPipe(argv), 'sh', last.value, ...argv]);
}

/**
 * A hang-up ends the leader of the session, and with it everything in the foreground, except the one who waits for the exit status: when that
 * does not come, or there is no terminal any more, the session was lost.
 */
const onTerminal = [
  'last=$1',
  'shift',
  'exec 4>&1',
  '{ "$@" >&4 4>&-; echo $?; } | ' +
    '{ trap "" HUP INT QUIT TERM; exec 4>&-; read -r status && test -t 1 && exit $status; exec </dev/null >/dev/null 2>&1; sh -c "$last"; exit 129; }',
].join('; ');

/** The nearest ancestor that is an sshd: the parent, unless a login shell of another kind stands between. */
const findSshd =
  'sshd=$PPID; while read -r name </proc/$sshd/comm; do ' +
  'case $name in (sshd*) break;; esac; ' +
  'read -r _ _ _ parent _ </proc/$sshd/stat; test "$parent" -gt 1 || break; sshd=$parent; done';

function onPipe(argv: readonly string[]): string {
  const watchdog = [
    "trap 'kill -KILL $child; exit' TERM",
    "sh -c 'echo $PPID'",
    'cat <&3 & child=$!',
    'wait $child',
    'exec >&- </dev/null 3<&-',
    'while test -d /proc/$sshd; do sleep 1 & child=$!; wait $child; done',
    endGroup(argv, 'sh -c "$last"'),
  ].join('; ');
  return `last=$1; shift; sshd=$(${findSshd}; echo $sshd) 2>/dev/null; exec 3<&0; { ${watchdog}; } 2>/dev/null | { ${pipedCommand}; }`;
}

/**
 * sshd starts every session without a terminal as the leader of its own process group, so group 0 is this session and nothing else.
 * A command that sudo started as root can not be signalled by its user, but by sudo.
 */
function endGroup(argv: readonly string[], then?: string): string {
  const sudo = argv[0] === 'sudo';
  return [
    'trap "" TERM HUP',
    'kill -TERM 0',
    ...(then === undefined ? [] : [then]),
    ...(sudo ? ['read -r _ _ _ _ group _ </proc/self/stat', 'sudo -n kill -TERM -- -$group'] : []),
    'sleep 2',
    ...(sudo ? ['sudo -n kill -KILL -- -$group'] : []),
    'kill -KILL 0',
  ].join('; ');
}

/** The command reads nothing; a subshell waits for the end of the channel's input. */
function guarded(argv: readonly string[]): string {
  return [
    'exec 3<&0',
    `(while read -r _; do :; done; ${endGroup(argv)}) <&3 >/dev/null 2>&1 3<&- & watchdog=$!`,
    '"$@" </dev/null 3<&-',
    'status=$?',
    'kill -KILL $watchdog 2>/dev/null',
    'exit $status',
  ].join('; ');
}

/**
 * The command reads what a pump passes on; the pump's shell is the watchdog. A streamed command gets five seconds to end by itself after
 * the end of its input; one with a given number of bytes runs on until the channel closes. No process but the pump holds the channel's
 * input, or sshd would wait for it after the command's end.
 */
function fed(input: {kind: 'bytes'; count: number} | {kind: 'stream'}, argv: readonly string[]): string {
  const pump = input.kind === 'bytes' ? `head -c ${input.count}` : 'cat';
  const then =
    input.kind === 'bytes' ? 'cat <&3 >/dev/null & child=$!; wait $child' : 'sleep 5 & child=$!; wait $child';
  const watchdog = [
    "trap 'kill -KILL $child; exit' TERM",
    "sh -c 'echo $PPID'",
    `${pump} <&3 & child=$!`,
    'wait $child',
    input.kind === 'bytes' ? 'exec >&- </dev/null' : 'exec >&- </dev/null 3<&-',
    then,
    endGroup(argv),
  ].join('; ');
  return `exec 3<&0; { ${watchdog}; } 2>/dev/null | { ${fedCommand}; }`;
}

const fedCommand = fedThen();

/** A command whose reader has gone may end by that (SIGPIPE) before the watchdog knows of it. */
const pipedCommand = fedThen(
  'case $status in (141) lost=1;; esac',
  'test -d /proc/$sshd || lost=1',
  'test -z "$lost" || (sh -c "$last" </dev/null >/dev/null 2>&1 &)',
);

function fedThen(...then: readonly string[]): string {
  return [
    'exec 3<&-',
    'read -r watchdog',
    '"$@"',
    'status=$?',
    'kill -TERM $watchdog 2>/dev/null',
    ...then,
    'exit $status',
  ].join('; ');
}
