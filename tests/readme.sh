#!/usr/bin/env bash
# Runs what the README tells a newcomer to run: the sandbox's walk with its own checks, the first call as the README prints it, and
# the commands that the sandbox prints, against a sandbox that stays up on other ports and in another folder.
set -euo pipefail
cd "$(dirname "$0")/.."
state=$(mktemp -d)
cleanup() {
  if [ -n "${pid:-}" ]; then kill -TERM "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; fi
  rm -rf "$state"
}
trap cleanup EXIT

# Below the ports that the system gives to outgoing connections, one of which once stood in the way.
base=$((15000 + RANDOM % 15000))
sandbox="src/Sandbox/bin/Debug/net10.0/Sandbox.dll"
[ -f "$sandbox" ] || dotnet build src/Sandbox -v quiet

echo "\$ dotnet run --project src/Sandbox -- --once"
dotnet "$sandbox" --state "$state" --port-base "$base" --once >"$state/walk" || { cat "$state/walk"; exit 1; }
tail -n 1 "$state/walk"

dotnet "$sandbox" --state "$state" --port-base "$base" >"$state/out" 2>&1 &
pid=$!
for _ in $(seq 1 300); do grep -q "^Everything a program needs" "$state/out" && break; sleep 0.2; done

answered() { # file: the last status line must be 200 and carry a receipt
  grep -q '^HTTP/[0-9.]* 200' "$1" && grep -qi '^audit-receipt:' "$1" || { cat "$1"; return 1; }
}

echo "\$ the first call of the README"
awk '/^```sh/ {block=""; inside=1; next} /^```/ {if (inside && block ~ /TOKEN=/) print block; inside=0} inside {block = block $0 "\n"}' README.md \
  | sed "s#\.sandbox#$state#; s#localhost:7444#localhost:$((base + 1))#; s#localhost:8443#localhost:$((base + 2))#" >"$state/first.sh"
grep -q TOKEN= "$state/first.sh" || { echo "the README has no first call"; exit 1; }
bash -euo pipefail "$state/first.sh" >"$state/first"
answered "$state/first"
grep -q '"status":"REGISTERED"' "$state/first"

echo "\$ the catalogue, as the README asks it"
awk '/^```sh/ {block=""; inside=1; next} /^```/ {if (inside && block ~ /CATALOGUE=/) print block; inside=0} inside {block = block $0 "\n"}' README.md \
  | sed "s#localhost:8443#localhost:$((base + 2))#" >"$state/catalogue.sh"
cat "$state/first.sh" "$state/catalogue.sh" >"$state/both.sh"
grep -q CATALOGUE= "$state/both.sh" || { echo "the README asks no catalogue"; exit 1; }
bash -euo pipefail "$state/both.sh" >"$state/catalogue"
for part in '"secondsLeft":' '"remaining":' '"openapi":"3.1.0"' '"notInForce":'; do grep -q "$part" "$state/catalogue" || { cat "$state/catalogue"; exit 1; }; done

echo "\$ what operators do, as the README prints it"
awk '/^```sh/ {block=""; inside=1; next} /^```/ {if (inside && block ~ /CTL=/) print block; inside=0}
     inside {block = block $0 "\n"}' README.md \
  | sed "s#dotnet run --project src/Admin --#dotnet src/Admin/bin/Debug/net10.0/gatewayctl.dll#
         s#dotnet run --project src/Verifier --#dotnet src/Verifier/bin/Debug/net10.0/Verifier.dll#
         s#\.sandbox#$state#g" >"$state/operate.sh"
grep -q "CTL=" "$state/operate.sh" || { echo "the README has no commands for operators"; exit 1; }
bash -euo pipefail "$state/operate.sh" >"$state/operate" 2>&1 || { cat "$state/operate"; exit 1; }
grep -q "^OK: " "$state/operate" && grep -q "<html" "$state/agreement.html" || { cat "$state/operate"; exit 1; }

# No block of commands stands in the README that is not run here, or is not the start itself.
blocks=$(grep -c '^```sh' README.md); run=$(grep -cE '^(dotnet run --project src/Sandbox|TOKEN=|CATALOGUE=|CTL=|\./test\.sh)' README.md)
[ "$blocks" = "$run" ] || { echo "the README has $blocks blocks of commands, and $run of them are run"; exit 1; }

echo "\$ the commands that the sandbox prints"
sed -n '/Copy into another terminal/,/^Everything a program needs/p' "$state/out" | sed '1d;$d' >"$state/printed.sh"
grep -q TOKEN= "$state/printed.sh" || { echo "the sandbox printed no commands"; cat "$state/out"; exit 1; }
bash -uo pipefail "$state/printed.sh" >"$state/printed" 2>&1
answered "$state/printed" >/dev/null
[ "$(grep -c '^HTTP/[0-9.]* 200' "$state/printed")" -ge 2 ] || { cat "$state/printed"; exit 1; }

echo "\$ gatewayctl client check, as its README prints it"
awk '/^```/ {inside = !inside; if (!inside) exit; next} inside' src/Admin/README.md \
  | sed "s#dotnet run --project src/Admin --#dotnet src/Admin/bin/Debug/net10.0/gatewayctl.dll#; s#\.sandbox#$state#g; s#localhost:7443#localhost:$base#" >"$state/check.sh"
grep -q "client check" "$state/check.sh" || { echo "the README of gatewayctl has no check"; exit 1; }
bash -euo pipefail "$state/check.sh" >"$state/check" || { cat "$state/check"; exit 1; }
[ "$(grep -c '^✓' "$state/check")" -eq 4 ] || { cat "$state/check"; exit 1; }
