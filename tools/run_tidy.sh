#!/usr/bin/env bash
# clang-tidy with the house's checks over the compile commands of a build tree.
# Without --build in a tree of its own, configured and never built: each file alone, without precompiled headers, so that
# one which lacks an include is found.
# usage: tools/run_tidy.sh [--build DIR] [--minutes N] [--changed [BASE] | FILES...]
#   --changed   only what the change since BASE touches (default: the merge base with the main
#               branch, or the last 30 commits): changed .cpp, and for a changed header every .cpp
#               that includes it directly
#   --minutes   starts no further file after so long, and says how many were left
#   no files    every .cpp of the tree
# Ends with one line "tidy: N of M files, ok" or "tidy: N of M files, failed".
set -euo pipefail
cd "$(dirname "$0")/.."

build=
changed=no
base=
minutes=600
files=()
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$2; shift ;;
    --minutes) minutes=$2; shift ;;
    --changed)
      changed=yes
      if [ $# -gt 1 ] && git rev-parse -q --verify "$2^{commit}" >/dev/null 2>&1; then base=$2; shift; fi ;;
    -*) echo "run_tidy.sh: unknown option $1" >&2; exit 2 ;;
    *) files+=("$1") ;;
  esac
  shift
done
if [ -z "$build" ]; then
  build=build/tidy
  mkdir -p build
  cmake --preset tidy >build/tidy.log 2>&1 || { tail -n 40 build/tidy.log >&2; exit 2; }
fi
[ -f "$build/compile_commands.json" ] || { echo "run_tidy.sh: configure $build first" >&2; exit 2; }

# Where a change begins; empty when history does not tell.
change_base() {
  local head merge
  head=$(git rev-parse -q --verify HEAD 2>/dev/null) || return 0
  for branch in origin/main origin/master main master; do
    merge=$(git merge-base "$branch" HEAD 2>/dev/null) || continue
    if [ "$merge" != "$head" ]; then echo "$merge"; return 0; fi
  done
  git rev-parse -q --verify HEAD~30 2>/dev/null || true
}

# The product's code; tests answer to the compilers' warnings and the sanitizers.
all_sources() { find base ledger hsm daemon cli sandbox -name '*.cpp' 2>/dev/null | sort; }

if [ "$changed" = yes ]; then
  [ -n "$base" ] || base=$(change_base)
  if [ -z "$base" ]; then
    mapfile -t files < <(all_sources)
  else
    mapfile -t touched < <({ git diff --name-only --diff-filter=d "$base" --; git ls-files -o --exclude-standard; } \
                           | grep -E '^(base|ledger|hsm|daemon|cli|sandbox)/.*\.(cpp|h)$' | sort -u)
    for file in "${touched[@]}"; do
      case $file in
        *.cpp) files+=("$file") ;;
        *.h) mapfile -t users < <(grep -rlF --include='*.cpp' "\"$file\"" \
                                  base ledger hsm daemon cli sandbox 2>/dev/null || true)
             files+=("${users[@]}") ;;
      esac
    done
  fi
elif [ ${#files[@]} -eq 0 ]; then
  mapfile -t files < <(all_sources)
fi

# Only what the build tree compiles has a command to check with.
selected=()
if [ ${#files[@]} -gt 0 ]; then
  mapfile -t selected < <(python3 - "$build/compile_commands.json" "${files[@]}" <<'PY'
import json, os, sys
known = {os.path.realpath(os.path.join(row["directory"], row["file"]))
         for row in json.load(open(sys.argv[1], encoding="utf-8"))}
for name in dict.fromkeys(sys.argv[2:]):
    path = os.path.realpath(name)
    if path in known:
        print(path)
PY
  )
fi
if [ ${#selected[@]} -eq 0 ]; then
  echo "tidy: 0 of 0 files, ok"
  exit 0
fi

# One file a call, so that the deadline is kept; a line in `done` for each one checked.
done_list=$(mktemp)
trap 'rm -f "$done_list"' EXIT
export done_list build deadline=$(($(date +%s) + minutes * 60))
check_one() {
  [ "$(date +%s)" -lt "$deadline" ] || return 0
  echo "$1" >>"$done_list"
  clang-tidy-19 -p "$build" --quiet "$1" 2> >(grep -vE '^[0-9]+ warnings? generated|^Suppressed|^Use -' >&2)
}
export -f check_one
result=ok
printf '%s\0' "${selected[@]}" | xargs -0 -n 1 -P 2 bash -c 'check_one "$1"' _ || result=failed
echo "tidy: $(wc -l <"$done_list") of ${#selected[@]} files, $result"
[ "$result" = ok ]
