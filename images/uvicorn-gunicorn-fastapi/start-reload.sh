#!/bin/sh
# Starts the application under uvicorn alone, which loads it anew when a file changes: for development.
# MODULE_NAME, VARIABLE_NAME, APP_MODULE and PRE_START_PATH mean what they mean for start.sh; beside them
# HOST (0.0.0.0), PORT (80) and LOG_LEVEL (info).
set -e

found=
if [ -f /app/app/main.py ]; then found=app.main; elif [ -f /app/main.py ]; then found=main; fi
MODULE_NAME=${MODULE_NAME:-$found}
VARIABLE_NAME=${VARIABLE_NAME:-app}
export APP_MODULE="${APP_MODULE:-$MODULE_NAME:$VARIABLE_NAME}"

PRE_START_PATH=${PRE_START_PATH:-/app/prestart.sh}
echo "Checking for script in $PRE_START_PATH"
if [ -f "$PRE_START_PATH" ]; then
  echo "Running script $PRE_START_PATH"
  . "$PRE_START_PATH"
else
  echo "There is no script $PRE_START_PATH"
fi

exec uvicorn --reload --host "${HOST:-0.0.0.0}" --port "${PORT:-80}" --log-level "${LOG_LEVEL:-info}" "$APP_MODULE"
