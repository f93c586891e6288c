#!/bin/sh
# With NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE set, worker_processes is the number of processors that the
# container may use, whatever the machine has.
set -e

[ -n "${NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE-}" ] || exit 0
[ -w /etc/nginx/nginx.conf ] || exit 0

processors=$(nproc)
quota=$(cat /sys/fs/cgroup/cpu.max 2>/dev/null || echo max)
case $quota in
  max*) ;;
  *)
    allowed=$(echo "$quota" | awk '{ n = int(($1 + $2 - 1) / $2); print n < 1 ? 1 : n }')
    [ "$allowed" -ge "$processors" ] || processors=$allowed
    ;;
esac
sed -i -E "s/^([[:space:]]*)worker_processes[[:space:]].*;/\1worker_processes $processors;/" /etc/nginx/nginx.conf
