#!/usr/bin/env bash
# From nothing to a payment: installs what is needed, builds, makes an evaluation instance in a folder
# of its own and walks through the whole job against the sandbox acquirer.
# usage: scripts/quickstart.sh [--keep] [--dir DIR]
#   --keep   leave the instance running and print commands to go on with
#   --dir    the instance's folder, which must not exist; .instance/<time> when not given
# Leaves no process behind (without --keep) and no file outside the instance's folder and build/.
# The last line is "quickstart: ok".
set -euo pipefail

start_directory=$PWD
cd "$(dirname "$0")/.."
root=$PWD
keep=no
instance=
while [ $# -gt 0 ]; do
  case $1 in
    --keep) keep=yes ;;
    --dir) instance=${2:?--dir needs a directory}; shift ;;
    -h|--help) sed -n '2,8s/^# //p' "$0"; exit 0 ;;
    *) echo "quickstart: unknown option $1" >&2; exit 2 ;;
  esac
  shift
done
[ -n "$instance" ] || instance=$root/.instance/$(date -u +%Y%m%dT%H%M%SZ)-$$
case $instance in /*) ;; *) instance=$start_directory/$instance ;; esac

bin=$root/build/dev/bin
florin() { "$bin/florin" --run-dir "$instance/run" "$@"; }
. scripts/lib/build.sh

number=0
step() {
  number=$((number + 1))
  printf '\n%2d. %s\n' "$number" "$*"
}
shown() { sed 's/^/      /'; }
die() {
  echo "quickstart: FAILED: $*" >&2
  exit 1
}

pids=()
logs=()
# Invoked by the trap on every way out.
finish() {
  local status=$?
  trap - EXIT INT TERM
  if [ "$status" -ne 0 ]; then
    for log in "${logs[@]}"; do
      [ -s "$log" ] || continue
      echo "--- last lines of $log" >&2
      tail -n 15 "$log" >&2
    done
  fi
  if [ "$status" -ne 0 ] || [ "$keep" = no ]; then stop_all; fi
  exit "$status"
}
stop_all() {
  local i pid left
  # The daemon first, so that it does not see its peers vanish.
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    pid=${pids[i]}
    kill -TERM "$pid" 2>/dev/null || continue
    left=200
    while kill -0 "$pid" 2>/dev/null && [ "$left" -gt 0 ]; do
      sleep 0.05
      left=$((left - 1))
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  pids=()
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start NAME COMMAND...: runs in the background with its output in NAME.log.
start() {
  local name=$1 log=$instance/$1.log
  shift
  logs+=("$log")
  "$@" >"$log" 2>&1 </dev/null &
  pids+=($!)
  printf '%s %s\n' "$name" "$!" >>"$instance/processes"
}
# wait_until SECONDS WHAT COMMAND...: polls; fails when a started process has ended or time is up.
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2 pid
  shift 2
  until "$@" >/dev/null 2>&1; do
    for pid in "${pids[@]}"; do
      kill -0 "$pid" 2>/dev/null || die "a process ended while waiting for $what (see below)"
    done
    [ "$SECONDS" -lt "$deadline" ] || die "no $what in time"
    sleep 0.1
  done
}
# member PATH: a member of the JSON document on standard input, e.g. captures.0.id
member() {
  python3 -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[int(name)] if isinstance(value, list) else value[name]
print(value)' "$1"
}
# The compact view of a payment.
payment_line() {
  python3 -c '
import json, sys
p = json.load(sys.stdin)
money = lambda a: "%.*f %s" % (a["exponent"], a["value"] / 10 ** a["exponent"], a["currency"])
print("%s  %s  authorized %s  captured %s  refunded %s" % (p["id"], p["status"],
      money(p["amount_authorized"]), money(p["amount_captured"]), money(p["amount_refunded"])))'
}

echo "installing what is needed"
scripts/install-deps.sh
echo "building (the first time takes some minutes)"
build_tree dev florind florin florin-sandbox florin-verify
for program in florind florin florin-verify florin-sandbox; do
  [ -x "$bin/$program" ] || die "the build did not make $program"
done
# A socket's path is limited to 107 bytes by the kernel.
[ "${#instance}" -le 85 ] || die "the path $instance is too long for UNIX sockets; give a shorter --dir"

step "an evaluation instance in a folder of its own, with random PINs and its own test CA"
florin init --evaluation --dir "$instance" >/dev/null
umask 077
tls=$instance/tls
{
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 \
    -keyout "$tls/ca.key" -out "$tls/ca.pem" -subj "/CN=Evaluation CA" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$tls/server.key" -out "$tls/server.csr" -subj "/CN=localhost"
  printf '%s\n' "subjectAltName=DNS:localhost,IP:127.0.0.1" "extendedKeyUsage=serverAuth" \
    "basicConstraints=critical,CA:FALSE" >"$tls/server.ext"
  openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" \
    -CAcreateserial -days 90 -extfile "$tls/server.ext" -out "$tls/server.pem"
} >"$instance/openssl.log" 2>&1 || { cat "$instance/openssl.log" >&2; die "openssl"; }
echo "$instance" | shown

step "a sandbox acquirer, a merchant's webhook receiver and the daemon are started"
od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$instance/acquirer.key"
start sandbox "$bin/florin-sandbox" --address 127.0.0.1 --port 0 --port-file "$instance/sandbox.port" \
  --certificate "$tls/server.pem" --private-key "$tls/server.key" \
  --book "$instance/sandbox.book" --api-key-file "$instance/acquirer.key"
start receiver python3 -B docs/examples/webhook_receiver.py --port-file "$instance/receiver.port" \
  --certificate "$tls/server.pem" --private-key "$tls/server.key" \
  --secret-file "$instance/webhook.secret" --out "$instance/events.jsonl"
start florind env SOFTHSM2_CONF="$instance/softhsm2.conf" "$bin/florind" \
  --config "$instance/florind.conf"
wait_until 20 "sandbox" test -s "$instance/sandbox.port"
wait_until 20 "webhook receiver" test -s "$instance/receiver.port"
wait_until 20 "daemon" florin --quiet status
sandbox_url=https://localhost:$(cat "$instance/sandbox.port")
receiver_url=https://localhost:$(cat "$instance/receiver.port")/hooks
state=$(florin --output json status | member state)
[ "$state" = setup ] || die "a fresh daemon has to be in setup, not in $state"
florin status | shown

step "two people make their signing keys, each sealed by a passphrase"
for person in alice bob; do
  od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$instance/$person.passphrase"
  florin --quiet role enrol "$person" --key-file "$instance/$person.key" \
    --passphrase-file "$instance/$person.passphrase" --out "$instance/$person.pub" | shown
done
as() { # as PERSON COMMAND...: a command that signs
  local person=$1
  shift
  florin "$@" --key-file "$instance/$person.key" --passphrase-file "$instance/$person.passphrase"
}

step "the HSM token is initialised: the keys are made inside and stay there; both people are bound"
florin hsm init --so-pin-file "$instance/so.pin" --first-person "$instance/alice.pub" \
  --second-person "$instance/bob.pub" | shown
is_serving() { [ "$(florin --output json status | member state)" = serving ]; }
wait_until 20 "state serving" is_serving

step "a tenant, a merchant, its API credential, the acquirer and a webhook endpoint"
export FLORIN_TENANT=demo FLORIN_MODE=test
florin tenant create demo --display "Demo Bank" | shown
florin merchant create shop --display "Corner Shop" | shown
florin --quiet credential create --merchant shop --label web \
  --secret-file "$instance/merchant.secret" | shown
key_id=$(florin --output json credential list --merchant shop | member items.0.key_id)
florin connector create acquirer --kind sandbox --base-url "$sandbox_url" \
  --api-key-file "$instance/acquirer.key" | shown
florin --quiet webhook create --merchant shop --url "$receiver_url" \
  --secret-file "$instance/webhook.secret" | shown

wait_until 20 "API port" test -s "$instance/run/api.port"
api_url=https://localhost:$(cat "$instance/run/api.port")
merchant() {
  python3 -B docs/examples/merchant.py --url "$api_url" --ca "$tls/ca.pem" --key-id "$key_id" \
    --secret-file "$instance/merchant.secret" "$@" 2>"$instance/merchant.log" || {
    cat "$instance/merchant.log" >&2
    return 1
  }
}
is() { # is ANSWER PATH WANTED
  local found
  found=$(member "$2" <<<"$1")
  [ "$found" = "$3" ] || die "$2 is $found, not $3: $1"
}

step "the merchant authorises a payment of 1299.00 EUR over HTTPS, with a signed request"
answer=$(merchant create --value 129900 --currency EUR --reference order-1 --capture manual) \
  || die "create: $answer"
payment=$(member id <<<"$answer")
is "$answer" amount_authorized.value 129900
payment_line <<<"$answer" | shown

step "captures it"
answer=$(merchant capture "$payment") || die "capture: $answer"
answer=$(merchant get "$payment") || die "get: $answer"
is "$answer" amount_captured.value 129900
payment_line <<<"$answer" | shown

step "and gives 299.00 EUR back"
answer=$(merchant refund "$payment" --value 29900 --currency EUR --reason "returned goods") \
  || die "refund: $answer"
answer=$(merchant get "$payment") || die "get: $answer"
is "$answer" amount_refunded.value 29900
payment_line <<<"$answer" | shown

step "the webhooks have arrived and their signatures are verified"
has_events() { grep -q '"type": "refund.succeeded"' "$instance/events.jsonl"; }
wait_until 30 "webhook" has_events
python3 -c '
import json, sys
for line in open(sys.argv[1]):
    row = json.loads(line)
    assert row["verified"] is True
    print("signature verified  %s  %s" % (row["webhook_id"], row["event"]["type"]))
' "$instance/events.jsonl" | shown

step "the books: every account, and debits equal credits in every currency"
florin ledger balances | shown
florin --output json ledger balances | python3 -c '
import collections, json, sys
sums = collections.Counter()
rows = json.load(sys.stdin)["items"]
for row in rows:
    sums[row["currency"]] += int(row["debits"]) - int(row["credits"])
    sums[row["currency"], "pending"] += int(row["pending_debits"]) - int(row["pending_credits"])
assert rows and not any(sums.values()), sums
' || die "the balances do not sum to zero"

step "alice locks last month; that takes a second person, so it waits"
through=$(date -u -d "$(date -u +%Y-%m-01) -1 day" +%Y-%m-%d)
code=0
as alice --quiet --output json ledger lock-period demo/test --through "$through" \
  --reason "month closed" --yes >"$instance/request.json" 2>"$instance/request.txt" || code=$?
[ "$code" = 6 ] || { cat "$instance/request.txt" >&2; die "exit code $code instead of 6"; }
request=$(member number <"$instance/request.json")
digest=$(member digest <"$instance/request.json")
florin request list | shown

step "bob reads what is signed, and approves that text and no other"
florin request show "$request" | shown
as alice request approve "$request" --digest "$digest" 2>"$instance/refused.txt" \
  && die "alice approved what she asked for herself"
shown <"$instance/refused.txt"
answer=$(as bob --quiet --output json request approve "$request" --digest "$digest")
is "$answer" state executed
is "$answer" result.locked_through "$through"
florin request list --state all | shown

step "an auditor exports the ledger, and checks it offline"
florin audit export first-day | tee "$instance/export.txt" | shown
directory=$(sed -n 's/^directory *//p' "$instance/export.txt")
"$bin/florin-verify" "$directory" >"$instance/verify.txt" 2>&1 \
  || { cat "$instance/verify.txt" >&2; die "the export does not verify"; }
tail -n 4 "$instance/verify.txt" | shown
grep -q 'OK' "$instance/verify.txt" || die "the verifier did not say OK"

if [ "$keep" = yes ]; then
  cat <<TEXT

The instance is running in $instance. Go on with:
  export FLORIN_RUN_DIR=$instance/run FLORIN_TENANT=demo FLORIN_MODE=test
  $bin/florin status
  $bin/florin payment list
  $bin/florin ledger entries
  python3 $root/docs/examples/merchant.py --url $api_url --ca $tls/ca.pem --key-id $key_id --secret-file $instance/merchant.secret create --value 4200 --currency EUR --reference order-2
Stop it with:
  kill $(for ((i = ${#pids[@]} - 1; i >= 0; i--)); do printf '%s ' "${pids[i]}"; done)
TEXT
  for pid in "${pids[@]}"; do disown "$pid"; done
else
  stop_all
  printf '\nstopped; everything that was made is in %s\n' "$instance"
fi
trap - EXIT
echo "quickstart: ok"
