#!/bin/sh
# Starts the application under Gunicorn, as the environment says:
#   APP_MODULE      what to serve; MODULE_NAME:VARIABLE_NAME unless given
#   MODULE_NAME     app.main where /app/app/main.py is, otherwise main
#   VARIABLE_NAME   app
#   GUNICORN_CONF   the configuration: gunicorn_conf.py of /app or /app/app, otherwise of /
#   WORKER_CLASS    uvicorn.workers.UvicornWorker
#   PRE_START_PATH  a script to read in before, /app/prestart.sh, where it exists
# What /gunicorn_conf.py reads stands there.
set -e

first_file() {
  for candidate; do
    if [ -f "$candidate" ]; then echo "$candidate" && break; fi
  done
}

case $(first_file /app/app/main.py /app/main.py) in
  /app/app/main.py) found=app.main ;;
  /app/main.py) found=main ;;
  *) found= ;;
esac
MODULE_NAME=${MODULE_NAME:-$found}
VARIABLE_NAME=${VARIABLE_NAME:-app}
export APP_MODULE="${APP_MODULE:-$MODULE_NAME:$VARIABLE_NAME}"
export GUNICORN_CONF="${GUNICORN_CONF:-$(first_file /app/gunicorn_conf.py /app/app/gunicorn_conf.py /gunicorn_conf.py)}"
export WORKER_CLASS="${WORKER_CLASS:-uvicorn.workers.UvicornWorker}"

PRE_START_PATH=${PRE_START_PATH:-/app/prestart.sh}
echo "Checking for script in $PRE_START_PATH"
if [ -f "$PRE_START_PATH" ]; then
  echo "Running script $PRE_START_PATH"
  . "$PRE_START_PATH"
else
  echo "There is no script $PRE_START_PATH"
fi

exec gunicorn -k "$WORKER_CLASS" -c "$GUNICORN_CONF" "$APP_MODULE"
