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
 * sshd starts every session without a terminal as the leader of its own process group, so group 0 is this session and nothing else.
 * A command that sudo started as root can not be signalled by its user, but by sudo.
 */
function endGroup(argv: readonly string[]): string {
  const sudo = argv[0] === 'sudo';
  return [
    'trap "" TERM HUP',
    'kill -TERM 0',
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
  const command = [
    'exec 3<&-',
    'read -r watchdog',
    '"$@"',
    'status=$?',
    'kill -TERM $watchdog 2>/dev/null',
    'exit $status',
  ];
  return `exec 3<&0; { ${watchdog}; } 2>/dev/null | { ${command.join('; ')}; }`;
}
