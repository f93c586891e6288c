#!/bin/sh
# Starts the server as the user redis over the files in the working directory. Options or a configuration file alone
# mean redis-server with them; anything else is run as it is.
set -e

case ${1-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1-}" = redis-server ]; then
  # Containers reach the server over their network, where protected mode would turn them away. It is off unless the
  # caller speaks of it, on the command line or in the configuration file.
  spoken=
  for argument; do
    case $argument in
      --protected-mode) spoken=yes ;;
      *.conf) if grep -qi '^[[:space:]]*protected-mode[[:space:]]' "$argument" 2>/dev/null; then spoken=yes; fi ;;
    esac
  done
  [ -n "$spoken" ] || set -- "$@" --protected-mode no

  if [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis:redis {} +
    set -- setpriv --reuid redis --regid redis --init-groups -- "$@"
  fi
  # The dump may hold secrets: nobody else reads it, unless the mask was chosen by the caller.
  [ "$(umask)" != 0022 ] || umask 0077
fi

exec "$@"
