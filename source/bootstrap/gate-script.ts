/**
 * The script that every container starts with: it waits for its turn and then becomes pg_autoctl, which so gets the signals. When all VMs
 * come back at once after a power cut, it is what keeps a standby from being promoted before the last primary is there (R57). pg_autoctl gives up
 * without a monitor (R59): while that stays away, Postgres runs without it where this is safe. POSIX sh; psql, postgres and pg_autoctl are the image's.
 *
 * Safe means that nothing is ever acknowledged by one node alone. Without the monitor the last primary runs only with its synchronous standbys
 * named, so that a commit waits for one that follows it, and only when it sees a standby. With the monitor but without the primary, a standby
 * runs only when it sees another one. Two of three nodes are needed on either side of a broken network, so that two sides never both go on.
 */
export const gateScript = `#!/bin/sh
# The gate of a container of pg_auto_failover, written by \`pgaf bootstrap\`: waits for its turn, then becomes pg_autoctl.
#   monitor: at once.
#   node:    when the monitor answers and, unless this node was the last primary, when that one serves again. A node whose monitor is
#            disabled, because it is being made anew, goes on by itself.
# After PGAF_PATIENCE seconds it says so and goes on, where that is safe:
#   no monitor, or one that was made anew and knows no node:
#               Postgres runs as it was left until one answers that knows nodes, and pg_autoctl after that. A standby so serves reads; the last primary
#               does when it sees a standby, which every commit then waits for. Nobody is promoted meanwhile.
#   no primary: the node starts, and the monitor may promote it; not when there should be another standby that nobody hears of.
# PGAF_SSL and PGAF_HBA are options of pg_autoctl, several words each.
set -u
trap 'exit 0' TERM INT

configuration="$HOME/.config/pg_autoctl$PGDATA/pg_autoctl.cfg"
unfinished="$HOME/.local/share/pg_autoctl$PGDATA/pg_autoctl.init"
made_here="$HOME/pgdata-is-being-made"

# Where a node finds the monitor its own configuration says once there is one: it follows when the monitor moves.
registration=$(sed -n 's/^monitor *= *//p' "$configuration" 2>/dev/null)
case "$registration" in *@*) PGAF_MONITOR=\${registration##*@} ;; esac

# How it encrypts it says as well: \`pgaf bootstrap --ssl\` changes that while the container runs.
ssl() { sed -n "/^\\[ssl\\]/,/^\\[/s/^$1 *= *//p" "$configuration" 2>/dev/null; }
if [ "$(ssl active)" = 1 ]; then
  PGAF_SSL=--ssl-self-signed
  if [ -n "$(ssl ca_file)" ]; then
    PGAF_SSL="--ssl-mode $(ssl sslmode) --ssl-ca-file $(ssl ca_file) --server-cert $(ssl cert_file) --server-key $(ssl key_file)"
  fi
fi

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

# Nothing runs in a container that has just started. What a power cut left of Postgres would name a process that is another one now.
rm -f "$PGDATA/postmaster.pid" "/var/run/postgresql/.s.PGSQL.$PGAF_PORT" "/var/run/postgresql/.s.PGSQL.$PGAF_PORT.lock"

# Seconds of a clock that nobody sets.
seconds() { cut -d. -f1 /proc/uptime; }

# Asks until a command succeeds; fails after the patience.
wait_for() {
  what=$1
  shift
  began=$(seconds)
  said=
  until "$@"; do
    waited=$(($(seconds) - began))
    [ -n "$said" ] || say "waiting for $what"
    said=yes
    if [ "$waited" -ge "$PGAF_PATIENCE" ]; then
      say "$what: not there after $waited s"
      return 1
    fi
    pause
  done
  [ -z "$said" ] || say "$what: there after $(($(seconds) - began)) s"
}

# A second, during which the monitor shows to other gates that this one waits.
pause() {
  { echo 'select pg_sleep(1)' | ask_monitor >/dev/null || sleep 1; } &
  wait $!
}

ask_monitor() {
  PGAPPNAME="gate $PGAF_NAME" PGCONNECT_TIMEOUT=3 psql "$PG_AUTOCTL_MONITOR" -X -A -t -q -v ON_ERROR_STOP=1 -v "me=$PGAF_NAME" -v "formation=$PGAF_FORMATION" "$@" 2>/dev/null
}

# A monitor that was made anew. Whoever registered first would be its primary, and it is not for chance to say who that is.
is_without_nodes() {
  [ "$(echo "select count(*) from pgautofailover.node where formationid = :'formation'" | ask_monitor)" = 0 ]
}

# So that this node goes on without one: while it is made anew, or for good.
is_disabled() { grep -q '^monitor *= *PG_AUTOCTL_DISABLED' "$configuration" 2>/dev/null; }

monitor_answers() { [ "$(echo 'select 1' | ask_monitor)" = 1 ]; }

# A node that was dropped and is started again on purpose, or whose data was deleted to be copied anew, registers again.
is_registered() {
  [ "$(echo "select count(*) from pgautofailover.node where formationid = :'formation' and nodename = :'me' and goalstate <> 'dropped'" | ask_monitor)" = 1 ]
}

# Nothing to wait for when this node was the primary, when there is none, or when an election is under way: that one waits for us.
# What it reported before this gate was there may be of the time before a power cut.
primary_serves() {
  : "\${asked:=$(echo 'select now()' | ask_monitor)}"
  answer=$(
    ask_monitor -v "asked=$asked" <<'SQL'
select count(*) from pgautofailover.node
 where formationid = :'formation' and goalstate = 'primary' and reportedstate = 'primary' and nodename <> :'me'
   and groupid = coalesce((select groupid from pgautofailover.node where formationid = :'formation' and nodename = :'me'), 0)
   and (health <> 1 or not reportedpgisrunning or reporttime < greatest(:'asked'::timestamptz, now() - interval '5 seconds'))
SQL
  )
  [ "$answer" = 0 ]
}

# Every node of a formation has to register with the database that the first one said.
formation_database() {
  echo "select dbname from pgautofailover.formation f where formationid = :'formation' and exists (select from pgautofailover.node n where n.formationid = f.formationid)" | ask_monitor
}

# Whether the monitor hears of another standby that takes part in the quorum, or of its gate; there may be none to hear of.
another_standby_is_there() {
  answer=$(
    ask_monitor <<'SQL'
select count(*) = 0 or bool_or(reporttime > now() - interval '5 seconds'
    or exists (select from pg_stat_activity where application_name = 'gate ' || nodename))
  from pgautofailover.node
 where formationid = :'formation' and nodename <> :'me' and replicationquorum and goalstate not in ('primary', 'dropped')
   and groupid = (select groupid from pgautofailover.node where formationid = :'formation' and nodename = :'me')
SQL
  )
  [ "$answer" = t ]
}

# A word of what pg_autoctl keeps of this node.
kept() { pg_autoctl show file --state --contents --json 2>/dev/null | sed -n "s/.*\\"$1\\": *\\"\\([a-z_]*\\)\\".*/\\1/p"; }

timeline() { pg_controldata "$PGDATA" 2>/dev/null | sed -n "s/^Latest checkpoint's TimeLineID: *//p"; }

# Whether the other nodes, which pg_hba.conf lists, are no primary, and one of them is a standby that has not gone past this node's timeline.
a_standby_and_no_primary() {
  seen=1
  own=$(timeline)
  database=$(sed -n 's/^dbname *= *//p' "$configuration")
  for host in $(sed -n 's/^host[a-z]* *replication *"\\{0,1\\}pgautofailover_replicator"\\{0,1\\} *\\([^ /]*\\).*/\\1/p' "$PGDATA/pg_hba.conf" | sort -u); do
    [ "$host" != "$PGAF_HOSTNAME" ] || continue
    case $(PGCONNECT_TIMEOUT=3 psql "host=$host port=$PGAF_PORT user=pgautofailover_replicator dbname=\${database:-postgres}" -X -A -t -q -F ' ' \\
      -c "select pg_is_in_recovery(), timeline_id <= $own from pg_control_checkpoint()" 2>/dev/null) in
    't t') seen=0 ;;
    t* | f*) return 1 ;;
    esac
  done
  return $seen
}

# In the middle of a change, or as the only one that would acknowledge, it stays where it is.
may_run_alone() {
  role=$(kept current_role)
  [ "$role" = "$(kept assigned_role)" ] || return 1
  case $role in
  secondary) [ -f "$PGDATA/standby.signal" ] ;;
  primary) [ ! -f "$PGDATA/standby.signal" ] && [ -n "$(postgres -D "$PGDATA" -C synchronous_standby_names 2>/dev/null)" ] && a_standby_and_no_primary ;;
  *) return 1 ;;
  esac
}

# It has served before, and is to again as what it was.
is_made() { [ -f "$configuration" ] && [ ! -f "$unfinished" ]; }

pg_autoctl_can_go_on() { is_disabled || { monitor_answers && { ! is_made || ! is_without_nodes; }; }; }

# Postgres as it was left, until the monitor answers that knows this node, or there is to be none.
run_alone() {
  say "Postgres runs without pg_autoctl, as the $role that it was, until the monitor answers"
  postgres -D "$PGDATA" -p "$PGAF_PORT" -h '*' >>"$PGDATA/startup.log" 2>&1 &
  postgres=$!
  trap 'kill -INT $postgres; wait $postgres; exit 0' TERM INT
  until pg_autoctl_can_go_on; do
    kill -0 $postgres 2>/dev/null || exit 1
    pause
  done
  say 'Postgres stops, and starts again under pg_autoctl'
  kill -INT $postgres
  wait $postgres
  trap 'exit 0' TERM INT
}

do_without_the_monitor() {
  until pg_autoctl_can_go_on; do
    if is_made && may_run_alone; then run_alone; else pause; fi
  done
  is_disabled || say 'the monitor: there'
}

go_on_without_a_monitor() {
  say 'no monitor for now: going on as before'
  exec pg_autoctl run
}

start_without_the_primary() {
  said=
  until another_standby_is_there; do
    if primary_serves; then
      say 'the primary: there'
      return
    fi
    [ -n "$said" ] || say 'no other standby is heard of either: one alone may lack what was acknowledged'
    said=yes
    pause
  done
  say 'starting without it'
}

# Creating a monitor ends with the rule that lets the nodes in. Before that nobody has written anything there, and one whose creation was interrupted
# is created from the start: a second creation does not add that rule.
if [ "$PGAF_ROLE" = monitor ]; then
  if grep -q autoctl_node "$PGDATA/pg_hba.conf" 2>/dev/null; then rm -f "$made_here"; fi
  if [ -f "$made_here" ]; then rm -rf "$PGDATA" "$configuration"; fi
  if [ -f "$configuration" ]; then exec pg_autoctl run; fi
  if [ -z "$(ls -A "$PGDATA" 2>/dev/null)" ]; then : >"$made_here"; fi
  exec pg_autoctl create monitor $PGAF_SSL $PGAF_HBA --hostname "$PGAF_HOSTNAME" --pgport "$PGAF_PORT" --run
fi

if is_disabled; then go_on_without_a_monitor; fi
wait_for 'the monitor' monitor_answers || do_without_the_monitor
if is_made && is_without_nodes; then
  say 'the monitor is another one, and knows no node: pgaf bootstrap --rebuild-monitor makes it know them'
  do_without_the_monitor
fi
if is_disabled; then go_on_without_a_monitor; fi
if is_made && { ! monitor_answers || is_registered; }; then
  wait_for 'the primary' primary_serves || start_without_the_primary
  exec pg_autoctl run
fi
# A first node whose initdb was interrupted: there was no PGDATA before, as pg_autoctl has noted, and it has served nobody yet.
if [ -f "$unfinished" ] && [ "$(kept current_role)" = init ] && pg_autoctl show file --init --contents | grep -q 'does not exist'; then rm -rf "$PGDATA"; fi
database=$(formation_database)
exec pg_autoctl create postgres $PGAF_SSL $PGAF_HBA --hostname "$PGAF_HOSTNAME" --pgport "$PGAF_PORT" \\
  --name "$PGAF_NAME" --formation "$PGAF_FORMATION" --dbname "\${database:-\${PGAF_DATABASE:-postgres}}" \\
  --candidate-priority "$PGAF_PRIORITY" --replication-quorum "$PGAF_QUORUM" --run
`;
