/** The environment of everything that a session starts in a container carries its mark. */
export const markVariable = 'PGAF_SESSION';

/**
 * The argv that hangs up on a session inside its container, as a terminal would: Docker leaves the process of a `docker exec` running when
 * its client is gone. Only what is still of that session hears of it, so a PostgreSQL that was started from it lives on; nothing is killed.
 */
export function endRemains(mark: string): readonly string[] {
  return ['sh', '-c', endScript, 'sh', `${markVariable}=${mark}`];
}

/** The process that Docker started has no parent in the container, and is the leader of its session. It may have been on its way. */
export const endScript = `
of() { read -r line <"/proc/$1/stat" && set -- \${line##*) } && parent=$2 session=$4; }
tell() {
  for process in /proc/[0-9]*; do
    process=\${process#/proc/}
    of "$process" && test "$session" = "$leader" && kill "-$1" "$process"
  done
}
for attempt in 1 2 3; do
  leader=
  for process in $(grep -ls "$1" /proc/[0-9]*/environ); do
    process=\${process%/environ}
    of "\${process#/proc/}" && test "$parent" = 0 && leader=$session
  done
  test -z "$leader" || break
  sleep 1
done
test -n "$leader" || exit 0
tell HUP
tell CONT
sleep 2
tell TERM`.trim();
