#!/usr/bin/env bash
# The daemon against localstripe, a stateful imitation of Stripe that nobody here wrote. It is fetched
# from PyPI into a virtual environment under the build tree and runs as a process of its own.
# usage: run.sh BUILD_TREE TEST.py
# Ends with 77 and a line "SKIP interop.<test>: <why>" when the counterpart cannot be had.
set -euo pipefail
build=$(realpath "${1:?the build tree}")
test=${2:?the test}
cd "$(dirname "$0")"
name=interop.$(basename "$test" .py | sed 's/^test_//')

skip() { echo "SKIP $name: $1"; exit 77; }

package=localstripe==1.15.10
venv=$build/interop/localstripe
exec 9>"$build/.localstripe.lock"
flock 9
if [ ! -e "$venv/$package.ready" ]; then
  rm -rf "$venv"
  mkdir -p "$build/interop"
  python3 -m venv "$venv" >"$build/interop/venv.txt" 2>&1 || skip "python3 -m venv does not work (python3-venv)"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check "$package" \
    >"$build/interop/pip.txt" 2>&1 || skip "$package cannot be downloaded or installed"
  touch "$venv/$package.ready"
fi
flock -u 9
FLORIN_BUILD=$build FLORIN_LOCALSTRIPE=$venv/bin/python exec python3 -B "$test"
