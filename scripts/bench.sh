#!/usr/bin/env bash
# Measures; prints tables and writes out/bench.json: {"commit", "machine", "metrics": {NAME: NUMBER}}.
# usage: scripts/bench.sh [--quick|--long] [TOPIC...]
#   TOPIC     ledger, hsm, payments; without names all that exist
#   --quick   fewer rounds (about 8 minutes; without: 16)
#   --long    more rounds, larger ledgers, and one of 10 million entries (about an hour, 20 GB)
# Files lie in a new directory in $BENCH_DIR (default /var/tmp), which must be on the disk that is
# meant: not in memory. They are removed at the end, and the database server that the comparison starts
# is stopped. Only ratios taken within one run travel between machines.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/build.sh
. scripts/lib/postgres.sh

known=(ledger hsm payments)
size=normal
topics=()
for argument in "$@"; do
  case $argument in
    --quick) size=quick ;;
    --long) size=long ;;
    -h|--help) sed -n '2,9s/^# //p' "$0"; exit 0 ;;
    -*) echo "bench.sh: unknown option $argument" >&2; exit 2 ;;
    *) [[ " ${known[*]} " == *" $argument "* ]] ||
         { echo "bench.sh: unknown topic $argument (those that exist: ${known[*]})" >&2; exit 2; }
       topics+=("$argument") ;;
  esac
done
[ ${#topics[@]} -gt 0 ] || topics=("${known[@]}")

case $size in
  quick) rounds=5 seconds=2 entries=200000 tenants=100 payments=1000 pay_rounds=3 pay_seconds=1 ;;
  normal) rounds=9 seconds=2 entries=500000 tenants=1000 payments=10000 pay_rounds=7 pay_seconds=2 ;;
  long) rounds=15 seconds=3 entries=2000000 tenants=1000 payments=10000 pay_rounds=15 pay_seconds=3 ;;
esac

bench_dir=
finish() {
  postgres_stop
  [ -z "$bench_dir" ] || rm -rf "$bench_dir"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

BENCH_LOAD=$(cut -d ' ' -f 1 /proc/loadavg)
export BENCH_LOAD
scripts/install-deps.sh --with-bench

bench_dir=$(mktemp -d "${BENCH_DIR:-/var/tmp}/bench.XXXXXX")
chmod 711 "$bench_dir"
case $(stat -f -c %T "$bench_dir") in
  tmpfs | ramfs) echo "bench.sh: $bench_dir is in memory, where a flush costs nothing; set BENCH_DIR" >&2; exit 1 ;;
esac
metrics=$bench_dir/metrics
: >"$metrics"

run_ledger() {
  build_tree release ledger_bench
  local bench=build/release/bin/ledger_bench
  postgres_start "$bench_dir/postgres"
  postgres_settings
  postgres_sql postgres -c 'create database ledger'
  postgres_sql ledger -f tests/bench/ledger_postgres.sql
  "$bench" compare "$metrics" "$bench_dir" "host=$bench_dir/postgres user=postgres dbname=ledger" \
    "$rounds" "$seconds"
  postgres_stop
  rm -rf "$bench_dir/postgres" "$bench_dir/ledger"
  echo
  "$bench" alone "$metrics" "$bench_dir" "$entries"
  [ "$size" = long ] || return 0
  "$bench" grow "$metrics" "$bench_dir" 10000000
  "$bench" serve "$metrics" "$bench_dir"
  rm -rf "$bench_dir/grown"
}

run_hsm() {
  build_tree release hsm_bench florind florin florin-sandbox pkcs11_shim
  build/release/bin/hsm_bench "$metrics" "$tenants" "$seconds"
  FLORIN_BUILD=$PWD/build/release python3 -B tests/bench/hsm/calls_per_payment.py "$metrics" "$payments"
}

run_payments() {
  build_tree release payments_bench fast_psp bench_counting florind florin florin-sandbox florin-verify
  postgres_start "$bench_dir/postgres"
  postgres_settings
  postgres_sql postgres -c 'create database payments'
  postgres_sql payments -f tests/bench/payments/payments_postgres.sql
  # The daemon's data lie on the disk that is meant, beside PostgreSQL's.
  FLORIN_BUILD=$PWD/build/release TMPDIR=$bench_dir python3 -B tests/bench/payments/payments_bench.py \
    "$metrics" "host=$bench_dir/postgres user=postgres dbname=payments" "$pay_rounds" "$pay_seconds"
  postgres_stop
  rm -rf "$bench_dir/postgres"
}

echo "load before: $BENCH_LOAD; processors: $(nproc); files on $(stat -f -c %T "$bench_dir")"
for topic in "${topics[@]}"; do "run_$topic"; done
mkdir -p out
python3 scripts/lib/bench_json.py "$metrics" "$bench_dir" >out/bench.json.new
mv out/bench.json.new out/bench.json
echo "bench: out/bench.json"
