# shellcheck shell=sh
# The environment of Penstock for a shell: `source bin/env.sh` (bash, zsh), or
# `PENSTOCK_SOURCE=bin/env.sh; . bin/env.sh` (a plain sh cannot tell where a sourced file is).
# include/penstock/services/environment.py gives child processes the same variables; a test compares the two.

_penstock_file="${PENSTOCK_SOURCE:-}"
[ -n "$_penstock_file" ] || { [ -n "${BASH_VERSION:-}" ] && eval '_penstock_file="${BASH_SOURCE[0]}"'; }
[ -n "$_penstock_file" ] || { [ -n "${ZSH_VERSION:-}" ] && eval '_penstock_file="${(%):-%x}"'; }
[ -n "$_penstock_file" ] || _penstock_file="$PWD/bin/env.sh"
_penstock_root="$(CDPATH='' cd -- "$(dirname -- "$_penstock_file")/.." && pwd -P)"

# A home inherited from another checkout's env.sh is not ours.
if [ -n "${PENSTOCK_ROOT:-}" ] && [ "$PENSTOCK_ROOT" != "$_penstock_root" ]; then unset PENSTOCK_HOME; fi

_penstock_prepend() { # NAME FOLDER: put the folder first in the colon-separated variable, once
    eval "_penstock_list=\"\${$1:-}\""
    case ":$_penstock_list:" in
    *":$2:"*) ;;
    *) eval "$1=\"\$2\${_penstock_list:+:\$_penstock_list}\"; export $1" ;;
    esac
}

export PENSTOCK_ROOT="$_penstock_root"
export AIRFLOW_HOME="$_penstock_root"
export PENSTOCK_HOME="${PENSTOCK_HOME:-$_penstock_root/.penstock}"
export PYSPARK_PYTHON="$_penstock_root/.venv/bin/python"
export SPARK_LOCAL_IP=127.0.0.1
_penstock_prepend PATH "$_penstock_root/.venv/bin"
_penstock_prepend PYTHONPATH "$_penstock_root/plugins"
_penstock_prepend PYTHONPATH "$_penstock_root/include"

# Clients of our own services (gRPC too) would ask a proxy for them.
_penstock_exempt() { # NAME VALUE: export NAME as VALUE with the loopback hosts in it
    _penstock_list="$2"
    for _penstock_host in 127.0.0.1 localhost; do
        case ",$_penstock_list," in
        *",$_penstock_host,"*) ;;
        *) _penstock_list="${_penstock_list:+$_penstock_list,}$_penstock_host" ;;
        esac
    done
    export "$1=$_penstock_list"
}
_penstock_no_proxy="${no_proxy:-${NO_PROXY:-}}"
_penstock_exempt NO_PROXY "${NO_PROXY:-${no_proxy:-}}"
_penstock_exempt no_proxy "$_penstock_no_proxy"

# airflow.cfg names places below the root; a home elsewhere takes them along.
case "$PENSTOCK_HOME/" in
"$_penstock_root/.penstock/"*) ;;
*)
    export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="${AIRFLOW__DATABASE__SQL_ALCHEMY_CONN:-sqlite:///$PENSTOCK_HOME/airflow.db?timeout=60}"
    export AIRFLOW__LOGGING__BASE_LOG_FOLDER="${AIRFLOW__LOGGING__BASE_LOG_FOLDER:-$PENSTOCK_HOME/logs/airflow}"
    export AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY="${AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY:-$PENSTOCK_HOME/logs/dag_processor}"
    export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE="${AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE:-$PENSTOCK_HOME/passwords.json}"
    ;;
esac

# shellcheck disable=SC1091
if [ -f "$PENSTOCK_HOME/secrets.env" ]; then . "$PENSTOCK_HOME/secrets.env"; fi

unset _penstock_file _penstock_root _penstock_list _penstock_host _penstock_no_proxy
unset -f _penstock_prepend _penstock_exempt
