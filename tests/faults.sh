#!/usr/bin/env bash
# The fault matrix of the ledger (design: ledger page §21, T1 to T5, T7 to T9, T14), with progress and a table of counts at the end.
#   tests/faults.sh           the bounded form that ./test.sh runs too
#   tests/faults.sh --full    everything: T1 200 kills of the writer and 100 of the whole gateway under mutual TLS
#                             and 80 while it counts quotas, T2 every call up to the
#                             500th, T3 every call up to the 60th, T4 200 fill points on tmpfs and on ext4, T5 50 power losses on ext4 and 50 on xfs, T7 every bit,
#                             T9 100,000 calls, T14 10,000 seeds
# One family alone: tests/faults.sh [--full] KillTests. Another number: LEDGER_FAULTS_T1=20 (T2, T3, …, GATEWAY, QUOTAS). Root and strace are needed.
set -euo pipefail
cd "$(dirname "$0")/.."
full=false; only=()
for argument in "$@"; do case "$argument" in --full) full=true ;; *) only+=("$argument") ;; esac; done
[ ${#only[@]} -gt 0 ] || only=(KillTests KilledGatewayTests KilledQuotaTests ReceiptsTests DeathTests InjectionTests FullDiskTests PowerLossTests TamperTests ForkTests Simulation.SimulationTests)
$full && export LEDGER_FAULTS=full
export LEDGER_FAULTS_REPORT; LEDGER_FAULTS_REPORT=$(mktemp)
out=$(mktemp); watcher=
trap '[ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true; rm -f "$LEDGER_FAULTS_REPORT" "$out"' EXIT

# Those of the whole gateway stand with the programs that they start.
class_of() { case "$1" in KilledGatewayTests | KilledQuotaTests | ReceiptsTests) echo "Sandbox.Tests.Apart.$1" ;; *) echo "Ledger.Tests.Crash.$1" ;; esac; }
dotnet build tests/Ledger.Tests -v quiet -nologo
dotnet build tests/Sandbox.Tests -v quiet -nologo
(
  shown=""
  while sleep 1; do
    line=$(grep '^progress|' "$LEDGER_FAULTS_REPORT" | tail -n 1 || true)
    [ "$line" = "$shown" ] || { shown=$line; IFS='|' read -r _ family what done of <<<"$line"; printf '%s  %-4s %-32s %s of %s\n' "$(date +%T)" "$family" "$what" "$done" "$of"; }
  done
) &
watcher=$!
failed=0; started=$SECONDS
for class in "${only[@]}"; do
  name=$(class_of "$class"); project=${name%%.Tests.*}.Tests
  if ! dotnet "tests/$project/bin/Debug/net10.0/$project.dll" -class "$name" >"$out" 2>&1; then
    failed=$((failed + 1)); echo "FAILED: $class"; cat "$out"
  fi
done
kill "$watcher" 2>/dev/null || true; wait "$watcher" 2>/dev/null || true; watcher=

printf '\n%-4s %-56s %7s %12s %8s %8s\n' "" "fault" "faults" "receipts" "missing" "phantom"
grep '^passed|' "$LEDGER_FAULTS_REPORT" | sort -t'|' -k2,2V -k3,3 | while IFS='|' read -r _ family what faults receipts missing phantom remark; do
  printf '%-4s %-56s %7s %12s %8s %8s  %s\n' "$family" "$what" "$faults" "$receipts" "$missing" "$phantom" "$remark"
done
echo "$((SECONDS - started)) s, $failed of ${#only[@]} families failed"
[ "$failed" -eq 0 ]
