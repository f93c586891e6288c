#!/bin/sh
# Runs what lies in /docker-entrypoint.d before nginx starts, in the order of the names: *.envsh is read into this
# shell, *.sh is run. NGINX_ENTRYPOINT_QUIET_LOGS keeps it from telling.
set -e

say() {
  [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS-}" ] || echo "$0: $*"
}

case ${1-} in
  nginx | nginx-debug)
    for file in $(find /docker-entrypoint.d/ -follow -type f | sort -V); do
      if [ ! -x "$file" ]; then
        say "ignoring $file: not executable"
        continue
      fi
      case $file in
        *.envsh) say "reading $file"; . "$file" ;;
        *.sh) say "running $file"; "$file" ;;
        *) say "ignoring $file: neither .sh nor .envsh" ;;
      esac
    done
    say "configuration complete; ready for start up"
    ;;
esac

exec "$@"
