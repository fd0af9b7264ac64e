#!/usr/bin/env bash
# Builds the Debian packages florin-server and florin-cli.
# usage: scripts/package.sh [--out DIR] [--binaries DIR] [--quick]
#   --out DIR        where the packages go; out/packages when not given
#   --binaries DIR   take the programs from there, instead of building the tree build/release
#   --quick          no packages with debug symbols
# The sources are a clean copy: what git knows, as it stands in the working tree. Prints the packages.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/build.sh

out=out/packages
binaries=
options=
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=${2:?--out needs a folder}; shift ;;
    --binaries) binaries=${2:?--binaries needs a folder}; shift ;;
    --quick) options=noautodbgsym ;;
    -h|--help) sed -n '2,7s/^# //p' "$0"; exit 0 ;;
    *) echo "package.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift
done

if [ -z "$binaries" ]; then
  scripts/install-deps.sh --with-packaging
  build_tree release florind florin florin-verify
  binaries=build/release/bin
fi
for program in florind florin florin-verify; do
  [ -x "$binaries/$program" ] || { echo "package.sh: $binaries/$program is not there" >&2; exit 1; }
done

binaries=$(realpath "$binaries")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copy=$work/florin
mkdir "$copy"
git ls-files -z --cached |
  tar --create --null --files-from=- | tar --extract --directory "$copy"
ln -s packaging/deb "$copy/debian"
log=$work/build.log
if ! (cd "$copy" && FLORIN_BINARIES=$binaries DEB_BUILD_OPTIONS="$options" dpkg-buildpackage -us -uc -b) >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  echo "package.sh: the packages do not build" >&2
  exit 1
fi
mkdir -p "$out"
rm -f "$out"/florin-*.deb "$out"/florin_*
cp "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$out"/
ls "$out"/*.deb
