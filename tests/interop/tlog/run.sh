#!/usr/bin/env bash
# Tessera's fsck, an independent implementation of tlog-tiles, judges an export of a real ledger; then
# single bytes are changed, and it has to find each of them.
# usage: run.sh MAKE_LOG
# Ends with 77 and a line "SKIP interop.tlog: <why>" when there is no Go that can build it.
set -euo pipefail
make_log=$(realpath "${1:?the program that makes the log}")
cd "$(dirname "$0")"

skip() { echo "SKIP interop.tlog: $1"; exit 77; }
die() { echo "interop.tlog: $1" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The counterpart needs Go 1.24; from 1.21 on Go fetches the version that go.mod asks for.
PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null || skip "no Go on this machine (1.21 or later is needed)"
minor=$(GOTOOLCHAIN=local go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
[ "${minor:-0}" -ge 21 ] || skip "Go 1.$minor is too old (1.21 or later is needed)"
if ! GOTOOLCHAIN=auto GOFLAGS=-mod=readonly go build -o "$work/fsck" \
     github.com/transparency-dev/tessera/cmd/fsck 2>"$work/build.txt"; then
  cat "$work/build.txt" >&2
  # Without a network there is no counterpart; anything else is a failure of ours.
  grep -qE 'dial tcp|no such host|Temporary failure|timeout|toolchain not available' "$work/build.txt" \
    && skip "the counterpart cannot be downloaded"
  die "the counterpart does not build"
fi

# More than 256 * 256 entries: three levels of tiles.
entries=70001
"$make_log" "$work/log" "$entries" | tee "$work/made.txt"
root=$(sed -n 's/^root //p' "$work/made.txt")
[ "$(sed -n 2p "$work/log/checkpoint")" = "$entries" ] || die "the checkpoint has another size"

# Its exit status is 0 whatever it finds: what counts is what it says. A worker of it ends at its first
# finding, and without workers it waits for ever: one changed leaf makes a finding on each level, so there
# are more workers than that.
fsck() {
  timeout 300 "$work/fsck" --ui=false --N=16 --logtostderr --storage_url="file://$work/log" \
    --public_key="$work/log/key.vkey" >"$work/said.txt" 2>&1 || true
}
good() { grep -q "Successfully fsck'd log with size $entries and root .*($root)" "$work/said.txt"; }
bad() { grep -q 'fsck failed: ' "$work/said.txt"; }

fsck
if ! good || bad; then
  cat "$work/said.txt" >&2
  die "the counterpart does not accept the export"
fi
echo "accepted: size $entries, root $root"

# flip FILE OFFSET: one bit of one byte.
flip() {
  python3 - "$1" "$2" <<'PYTHON'
import sys
path, at = sys.argv[1], int(sys.argv[2])
data = bytearray(open(path, "rb").read())
data[at % len(data)] ^= 1
open(path, "wb").write(data)
PYTHON
}

changed=0
for place in "tile/entries/000 100" "tile/entries/137 5000" "tile/entries/273.p/113 99" \
             "tile/0/000 0" "tile/0/200 4097" "tile/0/273.p/113 31" "tile/1/000 8191" \
             "tile/1/001.p/17 40" "tile/2/000.p/1 16" "checkpoint 90"; do
  read -r file offset <<<"$place"
  [ -f "$work/log/$file" ] || die "there is no $file in the export"
  cp "$work/log/$file" "$work/kept"
  flip "$work/log/$file" "$offset"
  fsck
  if good || ! bad; then
    cat "$work/said.txt" >&2
    die "a changed byte in $file was not found"
  fi
  cp "$work/kept" "$work/log/$file"
  changed=$((changed + 1))
done
fsck
good || die "the restored export is not accepted"
echo "found: $changed changed bytes of $changed"
