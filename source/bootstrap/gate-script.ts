/**
 * The script that every container starts with: it waits for its turn and then becomes pg_autoctl, which so gets the signals. When all VMs
 * come back at once after a power cut, it is what keeps a standby from being promoted before the last primary is there (R57), and a node from
 * giving up before the monitor answers (R59). POSIX sh; psql and pg_autoctl are the image's.
 */
export const gateScript = `#!/bin/sh
# The gate of a container of pg_auto_failover, written by \`pgaf bootstrap\`: waits for its turn, then becomes pg_autoctl.
#   monitor: at once.
#   node:    when the monitor answers and, unless this node was the last primary, when that one serves again. A node whose monitor is
#            disabled, because it is being made anew, goes on by itself.
# No wait takes longer than PGAF_PATIENCE seconds: then it goes on, and says so.
# PGAF_SSL and PGAF_HBA are options of pg_autoctl, several words each.
set -u
trap 'exit 0' TERM INT

configuration="$HOME/.config/pg_autoctl$PGDATA/pg_autoctl.cfg"
unfinished="$HOME/.local/share/pg_autoctl$PGDATA/pg_autoctl.init"

# Where a node finds the monitor its own configuration says once there is one: it follows when the monitor moves.
registration=$(sed -n 's/^monitor *= *//p' "$configuration" 2>/dev/null)
case "$registration" in *@*) PGAF_MONITOR=\${registration##*@} ;; esac

# Passwords come in the environment and are kept in ~/.pgpass, where every connection finds them: never on a command line, nor in a URI that
# would be logged. What is there is newer: \`pgaf bootstrap --rotate-passwords\` writes it while the container runs.
if [ "$PGAF_AUTHENTICATION" != trust ] && [ ! -f "$HOME/.pgpass" ]; then
  (
    umask 077
    printf '*:*:*:autoctl_node:%s\\n*:*:*:pgautofailover_replicator:%s\\n' "$PGAF_MONITOR_PASSWORD" "$PGAF_REPLICATION_PASSWORD" >"$HOME/.pgpass.new"
    mv "$HOME/.pgpass.new" "$HOME/.pgpass"
  )
fi
if [ "$PGAF_ROLE" = node ]; then export PG_AUTOCTL_MONITOR="postgresql://autoctl_node@$PGAF_MONITOR"; fi

say() { echo "$(date '+%H:%M:%S') gate: $*"; }

# Runs a command once a second until it succeeds.
wait_for() {
  what=$1
  shift
  waited=0
  until "$@"; do
    [ "$waited" -eq 0 ] && say "waiting for $what"
    if [ "$waited" -ge "$PGAF_PATIENCE" ]; then
      say "$what: not there after $waited s; starting anyway"
      return
    fi
    sleep 1 &
    wait $!
    waited=$((waited + 1))
  done
  [ "$waited" -eq 0 ] || say "$what: there after $waited s"
}

ask_monitor() {
  PGCONNECT_TIMEOUT=3 psql "$PG_AUTOCTL_MONITOR" -X -A -t -q -v ON_ERROR_STOP=1 -v "me=$PGAF_NAME" -v "formation=$PGAF_FORMATION" 2>/dev/null
}

# A node that was dropped and is started again on purpose, or whose data was deleted to be copied anew, registers again.
is_registered() {
  [ "$(echo "select count(*) from pgautofailover.node where formationid = :'formation' and nodename = :'me' and goalstate <> 'dropped'" | ask_monitor)" = 1 ]
}

# A monitor that was made anew. Whoever registered first would be its primary, and it is not for chance to say who that is.
is_without_nodes() {
  [ "$(echo "select count(*) from pgautofailover.node where formationid = :'formation'" | ask_monitor)" = 0 ]
}

monitor_answers() { [ "$(echo 'select 1' | ask_monitor)" = 1 ]; }

# Nothing to wait for when this node was the primary, when there is none, or when an election is under way: that one waits for us.
primary_serves() {
  answer=$(
    ask_monitor <<'SQL'
select count(*) from pgautofailover.node
 where formationid = :'formation' and goalstate = 'primary' and reportedstate = 'primary' and nodename <> :'me'
   and groupid = coalesce((select groupid from pgautofailover.node where formationid = :'formation' and nodename = :'me'), 0)
   and (health <> 1 or not reportedpgisrunning or reporttime < now() - interval '5 seconds')
SQL
  )
  [ "$answer" = 0 ]
}

# Every node of a formation has to register with the database that the first one said.
formation_database() {
  echo "select dbname from pgautofailover.formation f where formationid = :'formation' and exists (select from pgautofailover.node n where n.formationid = f.formationid)" | ask_monitor
}

if [ "$PGAF_ROLE" = monitor ]; then
  if [ -f "$configuration" ]; then exec pg_autoctl run; fi
  exec pg_autoctl create monitor $PGAF_SSL $PGAF_HBA --hostname "$PGAF_HOSTNAME" --pgport "$PGAF_PORT" --run
fi

if [ "$registration" = PG_AUTOCTL_DISABLED ]; then
  say 'no monitor for now: going on as before'
  exec pg_autoctl run
fi
wait_for 'the monitor' monitor_answers
if [ -f "$configuration" ] && [ ! -f "$unfinished" ] && is_without_nodes; then
  say 'the monitor is another one, and knows no node: pgaf bootstrap --rebuild-monitor makes it know them'
  sleep 10 &
  wait $!
  exit 1
fi
if [ -f "$configuration" ] && [ ! -f "$unfinished" ] && { ! monitor_answers || is_registered; }; then
  wait_for 'the primary' primary_serves
  exec pg_autoctl run
fi
database=$(formation_database)
exec pg_autoctl create postgres $PGAF_SSL $PGAF_HBA --hostname "$PGAF_HOSTNAME" --pgport "$PGAF_PORT" \\
  --name "$PGAF_NAME" --formation "$PGAF_FORMATION" --dbname "\${database:-\${PGAF_DATABASE:-postgres}}" \\
  --candidate-priority "$PGAF_PRIORITY" --replication-quorum "$PGAF_QUORUM" --run
`;
