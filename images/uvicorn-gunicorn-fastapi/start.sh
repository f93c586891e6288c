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
. /application.sh

name_application
export GUNICORN_CONF="${GUNICORN_CONF:-$(first_file /app/gunicorn_conf.py /app/app/gunicorn_conf.py /gunicorn_conf.py)}"
export WORKER_CLASS="${WORKER_CLASS:-uvicorn.workers.UvicornWorker}"
run_before_start
exec gunicorn -k "$WORKER_CLASS" -c "$GUNICORN_CONF" "$APP_MODULE"
