#!/usr/bin/env bash
# Installs what is needed, builds, and runs the test suites.
# usage: scripts/test.sh [--long] [--preset PRESET] [SUITE...]
#   SUITE      unit house fuzz integration system crash sim interop package; without names all that
#              have tests but interop, which needs more than Debian's packages (see tests/interop)
#   --long     larger counts (FLORIN_LONG=1 for the tests, a minute for each fuzz target)
#   --preset   dev (default), asan or tsan: the same suites in a tree with sanitizers
# Prints each suite's minutes; the last line is "N passed, N failed, N skipped". Exits 1 on any failure.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/build.sh

known=(unit house fuzz integration system crash sim interop package)
preset=dev
long=no
suites=()
while [ $# -gt 0 ]; do
  case $1 in
    --long) long=yes ;;
    --preset) preset=${2:?--preset needs a name}; shift ;;
    -h|--help) sed -n '2,8s/^# //p' "$0"; exit 0 ;;
    -*) echo "test.sh: unknown option $1" >&2; exit 2 ;;
    *) [[ " ${known[*]} " == *" $1 "* ]] || { echo "test.sh: unknown suite $1 (known: ${known[*]})" >&2; exit 2; }
       suites+=("$1") ;;
  esac
  shift
done
named=${#suites[@]}
[ "$named" -gt 0 ] || suites=(unit house fuzz integration system crash sim package)

passed=0 failed=0 skipped=0
finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}

minutes_since() { awk -v s="$1" -v e="$EPOCHREALTIME" 'BEGIN { printf "%.1f", (e - s) / 60 }'; }

needs=()
[ "$preset" = dev ] || needs=(--with-checks)
[[ " ${suites[*]} " != *" package "* ]] || needs+=(--with-packaging)
[[ " ${suites[*]} " != *" interop "* ]] || needs+=(--with-interop)
scripts/install-deps.sh "${needs[@]}"
started=$EPOCHREALTIME
# Suites of test binaries alone need only those; every other one may start any program of the tree.
targets=()
for suite in "${suites[@]}"; do
  case $suite in
    unit | fuzz | integration) targets+=("suite_$suite") ;;
    *) targets=(all); break ;;
  esac
done
if ! build_tree "$preset" "${targets[@]}"; then
  failed=1
  finish
  exit 1
fi
echo "build: $(minutes_since "$started") min"

tree=build/$preset
if [ "$long" = yes ]; then
  export FLORIN_LONG=1
  cmake -DFLORIN_FUZZ_SECONDS=60 -DFLORIN_LONG=ON "$tree" >/dev/null
else
  # An earlier run's larger counts stay in the tree's cache.
  cmake -DFLORIN_FUZZ_SECONDS=5 -DFLORIN_LONG=OFF "$tree" >/dev/null
fi
results=$tree/results
rm -rf "$results"
mkdir -p "$results"

# The daemon's suites measure time and start processes; two at once would disturb each other.
jobs_of() {
  case $1 in
    system | crash | interop | package) echo 1 ;;
    *) nproc ;;
  esac
}

for suite in "${suites[@]}"; do
  count=$(ctest --test-dir "$tree" -N -L "^$suite\$" | sed -n 's/^Total Tests: //p')
  if [ "${count:-0}" -eq 0 ]; then
    [ "$named" -eq 0 ] || { echo "$suite: no tests in this tree"; failed=$((failed + 1)); }
    continue
  fi
  started=$EPOCHREALTIME
  log=$results/$suite.log
  # Its own report stays in the log; what fails is shown.
  if ! ctest --test-dir "$tree" -L "^$suite\$" -j "$(jobs_of "$suite")" --no-tests=error \
       --output-on-failure --output-junit "$PWD/$results/$suite.xml" >"$log" 2>&1; then
    grep -vE '^ *[0-9]+/[0-9]+ Test .* Passed|^ +Start +[0-9]+:' "$log" | tail -n 120
  fi
  if [ -s "$results/$suite.xml" ]; then
    read -r p f s < <(python3 scripts/lib/tally.py "$results/$suite.xml")
  else
    p=0 f=1 s=0
  fi
  # A test that cannot run says why.
  grep -ohE 'SKIP [a-z0-9._]+: [^<]*' "$results/$suite.xml" 2>/dev/null || true
  sed -n 's/^.*Test *#[0-9]*: \(.*[^. ]\) \.*\*\*\*Skipped.*$/skipped: \1/p' "$log"
  echo "$suite: $p passed, $f failed, $s skipped, $(minutes_since "$started") min"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
finish
