#!/bin/sh
# Runs what lies in /docker-entrypoint.d before nginx starts, in the order of the names: *.envsh is read into this
# shell, *.sh is run. NGINX_ENTRYPOINT_QUIET_LOGS keeps it from telling.
set -e

say() {
  [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS-}" ] || echo "$0: $*"
}

run_scripts() {
  say "Looking for shell scripts in /docker-entrypoint.d/"
  for file in $(find /docker-entrypoint.d/ -follow -type f | sort -V); do
    case $file in
      *.envsh | *.sh)
        if [ ! -x "$file" ]; then
          say "Ignoring $file, not executable"
          continue
        fi
        ;;
      *)
        say "Ignoring $file"
        continue
        ;;
    esac
    case $file in
      *.envsh)
        say "Sourcing $file"
        . "$file"
        ;;
      *.sh)
        say "Launching $file"
        "$file"
        ;;
    esac
  done
  say "Configuration complete; ready for start up"
}

case ${1-} in
  nginx | nginx-debug)
    if [ -n "$(find /docker-entrypoint.d/ -mindepth 1 -maxdepth 1 -type f 2>/dev/null)" ]; then
      say "/docker-entrypoint.d/ is not empty, will attempt to perform configuration"
      run_scripts
    else
      say "No files found in /docker-entrypoint.d/, skipping configuration"
    fi
    ;;
esac

exec "$@"
