# Sourced by the scripts: one build tree per preset in build/, shared by everybody. The compiler cache
# is inside build/ too, so nothing is left behind elsewhere.

florin_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export CCACHE_DIR=$florin_root/build/ccache
export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-3G}
# Times and absolute paths do not decide over a hit; the trees differ only in their flags.
export CCACHE_BASEDIR=$florin_root CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

# As many compilers as there are processors, but each needs about 1.5 GiB.
florin_jobs() {
  local processors memory_gib by_memory
  processors=$(nproc)
  memory_gib=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  by_memory=$(((memory_gib * 2 + 2) / 3))
  [ "$by_memory" -ge 1 ] || by_memory=1
  echo $((processors < by_memory ? processors : by_memory))
}

# build_tree PRESET [TARGET...]: configures and builds build/PRESET; quiet unless something fails.
build_tree() {
  local preset=$1 log=$florin_root/build/$1.log
  shift
  mkdir -p "$florin_root/build"
  if ! (cd "$florin_root" && cmake --preset "$preset") >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "build: cannot configure $preset (whole log: $log)" >&2
    return 1
  fi
  if ! cmake --build "$florin_root/build/$preset" -j "$(florin_jobs)" \
       ${1:+--target "$@"} >>"$log" 2>&1; then
    grep -E -A 20 'error:|FAILED:|undefined reference' "$log" | tail -n 60 >&2 || tail -n 40 "$log" >&2
    echo "build: $preset does not build (whole log: $log)" >&2
    return 1
  fi
}
