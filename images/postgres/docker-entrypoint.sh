#!/usr/bin/env bash
# Starts PostgreSQL. An empty data directory is made into a cluster first:
#   POSTGRES_PASSWORD          the superuser's password; required unless POSTGRES_HOST_AUTH_METHOD is trust
#   POSTGRES_USER              the superuser, postgres unless given
#   POSTGRES_DB                a database to create, named as the user unless given
#   POSTGRES_INITDB_ARGS       more arguments for initdb
#   POSTGRES_INITDB_WALDIR     where the write-ahead log lives
#   POSTGRES_HOST_AUTH_METHOD  how connections over the network prove who they are
# Each of the first four may be read from a file: NAME_FILE. Then everything in /docker-entrypoint-initdb.d is run
# once, in the order of the names: *.sh, *.sql, *.sql.gz, *.sql.xz, *.sql.zst.
set -Eeo pipefail

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# from_file NAME [DEFAULT]: NAME from the environment, from the file that NAME_FILE names, or the default.
from_file() {
  local name=$1 file="${1}_FILE"
  if [ -n "${!name-}" ] && [ -n "${!file-}" ]; then
    fail "error: both $name and $file are set (but are exclusive)"
  fi
  local value=${2-}
  if [ -n "${!name-}" ]; then
    value=${!name}
  elif [ -n "${!file-}" ]; then
    value=$(<"${!file}")
  fi
  export "$name=$value"
  unset "$file"
}

read_settings() {
  from_file POSTGRES_PASSWORD
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  from_file POSTGRES_INITDB_ARGS
  cluster_exists=
  [ ! -s "$PGDATA/PG_VERSION" ] || cluster_exists=yes
}

# Makes the directories that the server needs, and owns them where that is allowed.
make_directories() {
  mkdir -p "$PGDATA"
  chmod 00700 "$PGDATA" 2>/dev/null || true
  mkdir -p /var/run/postgresql
  chmod 03775 /var/run/postgresql 2>/dev/null || true
  if [ -n "${POSTGRES_INITDB_WALDIR-}" ]; then
    mkdir -p "$POSTGRES_INITDB_WALDIR"
    chmod 700 "$POSTGRES_INITDB_WALDIR"
  fi
  if [ "$(id -u)" = 0 ]; then
    find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres {} +
    [ -z "${POSTGRES_INITDB_WALDIR-}" ] || find "$POSTGRES_INITDB_WALDIR" ! -user postgres -exec chown postgres {} +
  fi
}

check_settings() {
  if [ "${#POSTGRES_PASSWORD}" -ge 100 ]; then
    echo "warning: the supplied POSTGRES_PASSWORD is 100+ characters; psql before version 14 truncates it" >&2
  fi
  if [ -z "$POSTGRES_PASSWORD" ] && [ "${POSTGRES_HOST_AUTH_METHOD-}" != trust ]; then
    fail 'Error: Database is uninitialized and superuser password is not specified.' \
      '       You must specify POSTGRES_PASSWORD to a non-empty value for the' \
      '       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".' \
      '' \
      '       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all' \
      '       connections without a password. This is *not* recommended.' \
      '' \
      '       See PostgreSQL documentation about "trust":' \
      '       https://www.postgresql.org/docs/current/auth-trust.html'
  fi
  if [ "${POSTGRES_HOST_AUTH_METHOD-}" = trust ]; then
    echo 'warning: POSTGRES_HOST_AUTH_METHOD is "trust": everyone who reaches port 5432 is let in without a password' >&2
  fi
}

# initdb wants the user that it runs as to have a name: --user may have given a number alone.
name_the_user() {
  local library
  if getent passwd "$(id -u)" >/dev/null; then return; fi
  library=$(echo /usr/lib/*/libnss_wrapper.so)
  [ -f "$library" ] || return 0
  NSS_WRAPPER_PASSWD=$(mktemp)
  NSS_WRAPPER_GROUP=$(mktemp)
  export LD_PRELOAD="$library" NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
  echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$NSS_WRAPPER_PASSWD"
  echo "postgres:x:$(id -g):" >"$NSS_WRAPPER_GROUP"
}

forget_the_name() {
  [ -n "${NSS_WRAPPER_PASSWD-}" ] || return 0
  rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
  unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
}

make_cluster() {
  local arguments=(--username="$POSTGRES_USER")
  [ -z "${POSTGRES_INITDB_WALDIR-}" ] || arguments+=(--waldir "$POSTGRES_INITDB_WALDIR")
  # The words of POSTGRES_INITDB_ARGS are split as a shell does.
  eval "initdb \"\${arguments[@]}\" --pwfile=<(printf '%s\n' \"\$POSTGRES_PASSWORD\") $POSTGRES_INITDB_ARGS \"\$@\""
}

# Who connects over the network proves it as asked, or with the method that passwords are kept in.
allow_network() {
  local method=${POSTGRES_HOST_AUTH_METHOD-}
  [ "$1" != postgres ] || shift
  [ -n "$method" ] || method=$(postgres -C password_encryption "$@")
  {
    echo
    [ "$method" != trust ] || printf '# warning: trust lets everyone in without a password\n'
    echo "host all all all $method"
  } >>"$PGDATA/pg_hba.conf"
}

run_sql() {
  local arguments=(-v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc)
  [ -z "$POSTGRES_DB" ] || arguments+=(--dbname "$POSTGRES_DB")
  PGHOST= PGHOSTADDR= psql "${arguments[@]}" "$@"
}

create_database() {
  local found
  found=$(POSTGRES_DB= run_sql --dbname postgres --set db="$POSTGRES_DB" --tuples-only <<<"SELECT 1 FROM pg_database WHERE datname = :'db';")
  if [ -z "$found" ]; then
    POSTGRES_DB= run_sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
    echo
  fi
}

# What is not executable is read into this shell, and sees its functions and variables.
run_script() {
  if [ -x "$1" ]; then
    echo "$0: running $1"
    "$1"
  else
    echo "$0: sourcing $1"
    . "$1"
  fi
}

run_initialisation() {
  local file
  for file; do
    case $file in
      *.sql | *.sql.gz | *.sql.xz | *.sql.zst) echo "$0: running $file" ;;
    esac
    case $file in
      *.sh) run_script "$file" ;;
      *.sql) run_sql -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | run_sql ;;
      *.sql.xz) xzcat "$file" | run_sql ;;
      *.sql.zst) zstd -dc "$file" | run_sql ;;
      *) echo "$0: ignoring $file" ;;
    esac
    echo
  done
}

# The server that runs while the cluster is prepared listens on the Unix socket alone, so that nobody meets it half done.
start_private_server() {
  [ "$1" != postgres ] || shift
  set -- "$@" -c listen_addresses='' -p "${PGPORT:-5432}"
  NOTIFY_SOCKET= PGUSER="${PGUSER:-$POSTGRES_USER}" pg_ctl -D "$PGDATA" -o "$(printf '%q ' "$@")" -w start
}

stop_private_server() {
  PGUSER="${PGUSER:-$POSTGRES_USER}" pg_ctl -D "$PGDATA" -m fast -w stop
}

# Whether the arguments only ask for something to be printed.
only_asks() {
  local argument
  for argument; do
    case $argument in
      -'?' | --help | --describe-config | -V | --version) return 0 ;;
    esac
  done
  return 1
}

main() {
  # Options alone are the server's.
  if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi
  if [ "${1-}" = postgres ] && ! only_asks "$@"; then
    read_settings
    make_directories
    if [ "$(id -u)" = 0 ]; then
      exec setpriv --reuid postgres --regid postgres --init-groups env HOME=/var/lib/postgresql "$BASH" "$BASH_SOURCE" "$@"
    fi
    if [ -n "$cluster_exists" ]; then
      echo
      echo 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
      echo
    else
      check_settings
      # Known early, so that nobody waits for initdb to be told that the scripts cannot be read.
      ls /docker-entrypoint-initdb.d/ >/dev/null
      name_the_user
      make_cluster
      forget_the_name
      allow_network "$@"
      export PGPASSWORD=${PGPASSWORD-$POSTGRES_PASSWORD}
      start_private_server "$@"
      create_database
      run_initialisation /docker-entrypoint-initdb.d/*
      stop_private_server
      unset PGPASSWORD
      echo
      echo 'PostgreSQL init process complete; ready for start up.'
      echo
    fi
  fi
  exec "$@"
}

main "$@"
