#!/usr/bin/env bash
# The programs as separate processes with configuration files of their own, as docker-compose.yml runs them in containers:
# prepare a folder, start the ministry, the gateway and the authority, ask one question, verify its receipt.
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
start authority dotnet "$here/$(program Authority)" --config "$state/authority.json"

metrics=$(sed -n 's/.*"metrics": *"\([^"]*\)".*/\1/p' "$state/sandbox.json")
for _ in $(seq 1 150); do curl -sf "${metrics%/metrics}/health/ready" >/dev/null 2>&1 && break; sleep 0.2; done
curl -sf "${metrics%/metrics}/health/ready" || { tail -n 20 "$state"/*.out; exit 1; }
echo
timeout 60 dotnet "$(program Sandbox)" ask --state "$state" || { tail -n 20 "$state"/*.out; exit 1; }
