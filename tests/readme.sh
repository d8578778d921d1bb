#!/usr/bin/env bash
# Runs what the README tells a newcomer to run: the sandbox's walk with its own checks, then the first call with curl
# against a sandbox that stays up.
set -euo pipefail
cd "$(dirname "$0")/.."
state=$(mktemp -d)
cleanup() { [ -z "${pid:-}" ] || { kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; }; rm -rf "$state"; }
trap cleanup EXIT

# A block of free ports, so that a sandbox that is already up does not disturb the run.
base=$((20000 + RANDOM % 20000))
run() { dotnet run --no-build --project src/Sandbox -- --state "$state" --port-base "$base" "$@"; }

echo "dotnet run --project src/Sandbox -- --once"
run --once

run >"$state/out" 2>&1 &
pid=$!
for _ in $(seq 1 150); do [ -f "$state/sandbox.json" ] && grep -q "stays up" "$state/out" && break; sleep 0.2; done

# The commands as the sandbox printed them, and as the README shows them.
sed -n '/^# first-call/,/^# end/p' "$state/out" | grep -v '^#' >"$state/first-call.sh"
[ -s "$state/first-call.sh" ] || { echo "the sandbox printed no commands"; tail -20 "$state/out"; exit 1; }
bash -euo pipefail "$state/first-call.sh" | tee "$state/answer"
grep -q '"matchStatus":"MATCHED"' "$state/answer"
