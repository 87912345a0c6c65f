#!/usr/bin/env bash
# Private PostgreSQL servers for tests, proofs and benches: each in a folder of its own, on a free loopback port, with a random password, durable as in production.
#
#   ops/postgres.sh start DIR [NAME=VALUE...]   makes DIR and its cluster with these settings, or starts it again; prints the superuser's connection string
#   ops/postgres.sh standby DIR OF              makes DIR a synchronous standby of the running cluster in OF, waits until OF's commits wait for it; prints its connection string
#   ops/postgres.sh promote DIR                 makes a standby the primary
#   ops/postgres.sh kill DIR                    SIGKILL to the whole server
#   ops/postgres.sh stop DIR                    stops the server; its data stay
#   ops/postgres.sh remove DIR                  stops the server and removes DIR
#   ops/postgres.sh find                        prints the folder of the server programs, or nothing (exit code 1)
#
# Environment: VEIL_POSTGRES_BIN (that folder, when it is not where Debian puts it), VEIL_POSTGRES_OWNER (a process id: the cluster is removed when it ends).
# As root the servers run as the user postgres, since PostgreSQL refuses root.
set -euo pipefail
[[ "${1:-}" =~ ^(-h|--help|)$ ]] && { sed -n '2,14p' "${BASH_SOURCE[0]}" | cut -c3-; exit 0; }

find_programs() {
  local folder
  for folder in "${VEIL_POSTGRES_BIN:-}" $(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -rV) "$(dirname "$(command -v postgres || true)")"; do
    [[ -n "$folder" && -x "$folder/initdb" && -x "$folder/postgres" ]] && { echo "$folder"; return 0; }
  done
  return 1
}

fail() { echo "ops/postgres.sh: $*" >&2; exit 1; }

as_server() {
  if [[ $EUID -eq 0 ]]; then
    (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@")
  else
    "$@"
  fi
}

password() { cat "$1/password"; }
port() { cat "$1/port"; }
connection() { echo "Host=127.0.0.1;Port=$(port "$1");Username=postgres;Password=$(password "$1")"; }
query() { PGPASSWORD=$(password "$1") "$bin/psql" -X -q -A -t -h 127.0.0.1 -p "$(port "$1")" -U postgres -d postgres -c "$2"; }

make_folder() { # DIR: for the server's account alone
  mkdir -p -m 700 "$1"
  [[ $EUID -ne 0 ]] || chown postgres: "$1"
}

launch() { # DIR: on its port, or on a free one
  local folder=$1 attempt
  for attempt in 1 2 3 4 5 6 7 8; do
    if [[ ! -s "$folder/port" ]]; then
      local candidate=$((20000 + RANDOM % 12000))
      (exec 3<> "/dev/tcp/127.0.0.1/$candidate") 2> /dev/null && continue
      echo "$candidate" > "$folder/port"
    fi
    as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 120 -o "-p $(port "$folder")" start > /dev/null 2>&1 && return 0
    grep -q "could not bind\|Address already in use" "$folder/log" || break
    rm -f "$folder/port"
  done
  tail -5 "$folder/log" >&2 || true
  fail "the server in $folder does not start"
}

watch_owner() { # DIR
  [[ -n "${VEIL_POSTGRES_OWNER:-}" ]] || return 0
  (
    trap '' HUP INT TERM
    while kill -0 "$VEIL_POSTGRES_OWNER" 2> /dev/null && [[ -d "$1" ]]; do sleep 2; done
    [[ ! -d "$1" ]] || remove "$1"
  ) > /dev/null 2>&1 < /dev/null &
  disown
}

start() { # DIR SETTING...
  local folder=$1 setting
  shift
  if [[ ! -d "$folder/data" ]]; then
    make_folder "$folder"
    head -c 24 /dev/urandom | base64 | tr -d '+/=\n' > "$folder/password"
    [[ $EUID -ne 0 ]] || chown postgres: "$folder/password"
    chmod 600 "$folder/password"
    as_server "$bin/initdb" -D "$folder/data" -U postgres -A scram-sha-256 --pwfile="$folder/password" --no-locale -E UTF8 --no-sync > "$folder/initdb.log" 2>&1 \
      || { tail -3 "$folder/initdb.log" >&2; fail "initdb failed in $folder"; }
    for setting in listen_addresses=127.0.0.1 unix_socket_directories= max_connections=200 shared_buffers=256MB max_wal_size=4GB checkpoint_timeout=15min "$@"; do
      echo "${setting%%=*} = '${setting#*=}'" >> "$folder/data/postgresql.conf"
    done
    echo "local replication all scram-sha-256" >> "$folder/data/pg_hba.conf"
    watch_owner "$folder"
  fi
  launch "$folder"
  connection "$folder"
}

standby() { # DIR OF
  local folder=$1 of=$2 wait
  make_folder "$folder"
  cp -p "$of/password" "$folder/password"
  PGPASSWORD=$(password "$of") as_server "$bin/pg_basebackup" -h 127.0.0.1 -p "$(port "$of")" -U postgres -D "$folder/data" -R -X stream --checkpoint=fast > "$folder/basebackup.log" 2>&1 \
    || { tail -3 "$folder/basebackup.log" >&2; fail "the base backup of $of failed"; }
  watch_owner "$folder"
  launch "$folder"
  query "$of" "ALTER SYSTEM SET synchronous_standby_names = '*'"
  query "$of" "SELECT pg_reload_conf()" > /dev/null
  for ((wait = 0; wait < 300; wait++)); do
    [[ "$(query "$of" "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")" == 1 ]] && { connection "$folder"; return 0; }
    sleep 0.2
  done
  fail "$folder did not become a synchronous standby of $of"
}

pid_of() { head -1 "$1/data/postmaster.pid" 2> /dev/null || true; }

runs() { # PID: and is not merely waiting for its parent to notice its end
  kill -0 "$1" 2> /dev/null && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2> /dev/null
}

kill_server() { # DIR
  local pid processes process
  pid=$(pid_of "$1")
  [[ -n "$pid" ]] || return 0
  processes="$pid $(cat "/proc/$pid/task/$pid/children" 2> /dev/null || true)"
  # shellcheck disable=SC2086 # each id is a word
  kill -9 $processes 2> /dev/null || true
  for process in $processes; do
    while runs "$process"; do sleep 0.02; done
  done
  rm -f "$1/data/postmaster.pid"
}

stop() { # DIR
  [[ -s "$1/data/postmaster.pid" ]] || return 0
  as_server "$bin/pg_ctl" -D "$1/data" -m immediate -w -t 60 stop > /dev/null 2>&1 || kill_server "$1"
}

remove() { # DIR
  [[ -d "$1" ]] || return 0
  stop "$1"
  rm -rf "$1"
}

bin=$(find_programs) || { [[ "$1" == find ]] && exit 1; fail "PostgreSQL's server programs are not here: install the package postgresql, or set VEIL_POSTGRES_BIN"; }
case "$1" in
  find) echo "$bin" ;;
  start) start "${@:2}" ;;
  standby) standby "${@:2}" ;;
  promote) as_server "$bin/pg_ctl" -D "$2/data" -w -t 60 promote > /dev/null ;;
  kill) kill_server "$2" ;;
  stop) stop "$2" ;;
  remove) remove "$2" ;;
  *) fail "there is no command '$1'" ;;
esac
