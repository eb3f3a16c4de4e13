#!/bin/sh
# Finds a Python that Quintet can run on and hands over to bootstrap.py: `sh infra/local/bootstrap.sh dev sam`.
# PYTHON=… names the interpreter; otherwise the environment's own, then those on the PATH, are tried in turn.
# A version manager's shim may be on the PATH and refuse to run, so each candidate is run, not looked up.
cd "$(dirname "$0")/../.." || exit 1

suits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'
seen=
for candidate in ${PYTHON:-.venv/bin/python python3 python3.14 python3.13 python3.12 python3.11 python}; do
    if "$candidate" -c "$suits" >/dev/null 2>&1; then
        exec "$candidate" infra/local/bootstrap.py "$@"
    fi
    version=$("$candidate" --version 2>&1) && seen="$seen, $candidate is $version"
done
echo "Quintet needs Python 3.11 to 3.14 and found none${seen:+ (${seen#, })}; name one with PYTHON=/path/to/python3.13" >&2
exit 1
