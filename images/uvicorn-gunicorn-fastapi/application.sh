# What start.sh and start-reload.sh share; read in by both.

first_file() {
  for candidate; do
    if [ -f "$candidate" ]; then echo "$candidate" && break; fi
  done
}

# Sets APP_MODULE from what the environment says and which files are there.
name_application() {
  case $(first_file /app/app/main.py /app/main.py) in
    /app/app/main.py) found=app.main ;;
    /app/main.py) found=main ;;
    *) found= ;;
  esac
  MODULE_NAME=${MODULE_NAME:-$found}
  VARIABLE_NAME=${VARIABLE_NAME:-app}
  export APP_MODULE="${APP_MODULE:-$MODULE_NAME:$VARIABLE_NAME}"
}

# Reads in the script that is to run before the start, where there is one.
run_before_start() {
  PRE_START_PATH=${PRE_START_PATH:-/app/prestart.sh}
  echo "Checking for script in $PRE_START_PATH"
  if [ -f "$PRE_START_PATH" ]; then
    echo "Running script $PRE_START_PATH"
    . "$PRE_START_PATH"
  else
    echo "There is no script $PRE_START_PATH"
  fi
}
