#!/usr/bin/env bash
# The programs as separate processes with configuration files of their own, as docker-compose.yml runs them in containers:
# prepare a folder, start the ministry, the gateway and the authority, ask one question, verify its receipt.
# The authority seals in the gateway's log: its records must stand there, and without the gateway it must refuse.
set -euo pipefail
cd "$(dirname "$0")/.."
state=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$state"
}
trap cleanup EXIT
program() { echo "src/$1/bin/Debug/net10.0/$1.dll"; }

dotnet "$(program Sandbox)" prepare --state "$state" --authority-host localhost --gateway-host localhost --provider-host localhost --pupils 1000
start() { # name, command...: keeps the process id and what it prints
  local name=$1; shift
  (cd "$state" && exec "$@") >"$state/$name.out" 2>&1 &
  pids+=($!)
}
here=$PWD
start education dotnet "$here/$(program Sandbox)" institution menps --state "$state"
start gateway dotnet "$here/$(program Gateway)" --config "$state/gateway.json"
gateway=$!
start authority dotnet "$here/$(program Authority)" --config "$state/authority.json"

metrics=$(sed -n 's/.*"metrics": *"\([^"]*\)".*/\1/p' "$state/sandbox.json")
for _ in $(seq 1 150); do curl -sf "${metrics%/metrics}/health/ready" >/dev/null 2>&1 && break; sleep 0.2; done
curl -sf "${metrics%/metrics}/health/ready" || { tail -n 20 "$state"/*.out; exit 1; }
echo
timeout 60 dotnet "$(program Sandbox)" ask --state "$state" || { tail -n 20 "$state"/*.out; exit 1; }

grep -raq '"ev":"token"' "$state/ledger" || { echo "no token record in the gateway's log"; exit 1; }
[ "$(find "$state/ledger" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ] || { echo "the authority keeps a log of its own"; exit 1; }

value() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$state/sandbox.json" | head -n 1; }
token() { curl -s -o "$state/answer" -w '%{http_code}' --cacert "$(value ca)" -d grant_type=client_credentials "$(value publicTokenEndpoint)"; }
until_token() { # status: waits until the token endpoint answers with it
  for _ in $(seq 1 150); do [ "$(token)" = "$1" ] && return; sleep 0.2; done
  echo "the token endpoint does not answer $1 but $(token): $(cat "$state/answer")"; tail -n 20 "$state"/*.out; exit 1
}
until_token 400
kill -TERM "$gateway"; wait "$gateway" || true
until_token 503
start gateway dotnet "$here/$(program Gateway)" --config "$state/gateway.json"
until_token 400
echo "token records stand in the gateway's log; without it the authority refuses, and it comes back with it"
