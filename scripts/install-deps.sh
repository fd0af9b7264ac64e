#!/usr/bin/env bash
# Installs what Florin needs from Debian packages; ends at once when everything is there.
# usage: scripts/install-deps.sh [--quickstart] [--with-checks] [--with-packaging] [--with-bench] [--with-interop]
#   --quickstart    only what building and running needs (no test frameworks)
#   --with-checks   also clang 19 with format, tidy and sanitizers
#   --with-packaging  also what builds and checks Debian packages
#   --with-interop  also what fetches third-party counterparts of tests
#   --with-bench    also PostgreSQL 15, which the ledger is measured against
# Needs root, or sudo. Prints what it installs and nothing else.
set -euo pipefail

quickstart=no
checks=no
packaging=no
bench=no
interop=no
for argument in "$@"; do
  case $argument in
    --quickstart) quickstart=yes ;;
    --with-checks) checks=yes ;;
    --with-packaging) packaging=yes ;;
    --with-bench) bench=yes ;;
    --with-interop) interop=yes ;;
    -h|--help) sed -n '2,9s/^# //p' "$0"; exit 0 ;;
    *) echo "install-deps.sh: unknown option $argument" >&2; exit 2 ;;
  esac
done

packages=(
  g++ cmake ninja-build pkg-config ccache mold ca-certificates curl git python3 sqlite3 openssl
  libboost1.81-dev libboost-json1.81-dev libboost-program-options1.81-dev libboost-url1.81-dev
  libssl-dev libsodium-dev liblmdb-dev libcli11-dev libfmt-dev libsystemd-dev
  softhsm2 libsofthsm2-dev opensc
)
[ "$quickstart" = yes ] || packages+=(libgtest-dev libgmock-dev libbenchmark-dev)
[ "$checks" = no ] || packages+=(clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev)
[ "$packaging" = no ] || packages+=(dpkg-dev debhelper lintian systemd)
[ "$interop" = no ] || packages+=(python3-venv)
[ "$bench" = no ] || packages+=(postgresql-common postgresql-15 postgresql-client-15 libpq-dev)

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install-deps.sh: needs root to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo -n)
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -o Dpkg::Use-Pty=0
     -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)

log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
  "$@" >"$log" 2>&1 && return 0
  tail -n 30 "$log" >&2
  return 1
}

# Boost's default version and 1.81 own the same headers, so Debian lets only one be installed.
other_boost=()
for package in $(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 'libboost*-dev' 2>/dev/null |
                 awk '$1 == "installed" { print $2 }'); do
  case $package in
    *1.81-dev) ;;
    *) other_boost+=("$package") ;;
  esac
done
if [ ${#other_boost[@]} -gt 0 ]; then
  echo "install-deps: Boost 1.81 replaces the headers of: ${other_boost[*]}"
fi

echo "install-deps: ${#missing[@]} packages: ${missing[*]}"
quietly "${apt[@]}" update
# apt resolves the conflict by removing the other version's -dev packages, and nothing else: whatever
# else a removal would take with it makes the simulation differ, and then we stop and say so.
plan=$("${apt[@]}" install -s --no-install-recommends "${missing[@]}" 2>"$log") || {
  cat "$log" >&2
  exit 1
}
strangers=$(awk '$1 == "Remv" { print $2 }' <<<"$plan" | grep -vE '^libboost.*-dev$' || true)
if [ -n "$strangers" ]; then
  echo "install-deps.sh: this would remove other packages; remove them yourself first:" $strangers >&2
  exit 1
fi
# Debian's PostgreSQL makes and starts a cluster when it is installed, unless it is told not to. We want
# the programs alone.
if [[ " ${missing[*]} " == *" postgresql-common "* ]]; then
  quietly "${apt[@]}" install -y --no-install-recommends postgresql-common
  clusters=/etc/postgresql-common/createcluster.conf
  quietly "${as_root[@]}" cp -p "$clusters" "$clusters.before"
  # However this ends: the machine's own setting comes back.
  trap 'status=$?; "${as_root[@]}" mv "$clusters.before" "$clusters"; rm -f "$log"; exit $status' EXIT
  echo 'create_main_cluster = false' | quietly "${as_root[@]}" tee -a "$clusters"
fi
quietly "${apt[@]}" install -y --no-install-recommends "${missing[@]}"

for package in "${missing[@]}"; do
  is_installed "$package" || { echo "install-deps.sh: $package did not install" >&2; exit 1; }
done
