#!/bin/sh
# Starts the application under uvicorn alone, which loads it anew when a file changes: for development.
# MODULE_NAME, VARIABLE_NAME, APP_MODULE and PRE_START_PATH mean what they mean for start.sh; beside them
# HOST (0.0.0.0), PORT (80) and LOG_LEVEL (info).
set -e
. /application.sh

name_application
run_before_start
exec uvicorn --reload --host "${HOST:-0.0.0.0}" --port "${PORT:-80}" --log-level "${LOG_LEVEL:-info}" "$APP_MODULE"
