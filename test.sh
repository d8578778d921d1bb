#!/usr/bin/env bash
# ./test.sh            installs what the tests need (Debian), builds with every warning an error, runs everything.
# ./test.sh --fast     builds without analyzers and runs what needs no town, program, database or tool: after two lines the first answer.
# ./test.sh --long     the same with the big counts: kills, inputs of parsers, resources. Hours; CI tries a thousandth of them.
# ./test.sh --compose  also brings docker-compose.yml up where a container engine runs, and does one exchange through it.
# Closes with the line "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "$0")"
export PATH="$PATH:/usr/sbin:/sbin" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
compose=false; fast=false; most=1800
case "${1:-}" in
  --compose) compose=true ;;
  --fast) fast=true ;;
  --long) export GATEWAY_LONG=1; most=14400 ;;
  "") ;;
  *) echo "test.sh takes --fast, --long or --compose, not $1"; exit 2 ;;
esac

step() { printf '\n== %s\n' "$*"; }

step "tools"
command -v dotnet >/dev/null || { echo "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download"; exit 1; }
missing=()
$fast || for pair in strace:strace curl:curl openssl:openssl npm:npm python3:python3 go:golang-go xfs_io:xfsprogs jsonschema:python3-jsonschema mkfs.ext4:e2fsprogs; do command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}"); done
# The tests start PostgreSQL themselves and want its programs only: createcluster.conf below keeps Debian from making and starting a cluster.
if ! $fast && ! compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null && ! command -v initdb >/dev/null; then
  missing+=(postgresql)
fi
$fast || [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ] || missing+=(golang-golang-x-mod-dev)
$fast || command -v docker-compose >/dev/null || docker compose version >/dev/null 2>&1 || missing+=(docker-compose)
if [ ${#missing[@]} -gt 0 ]; then
  if command -v apt-get >/dev/null; then
    echo "installing ${missing[*]}"
    as_root=""; [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update -qq >/dev/null
    if [[ " ${missing[*]} " == *" postgresql "* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
      $as_root mkdir -p /etc/postgresql-common
      echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "missing, and no apt-get here: ${missing[*]}"; exit 1
  fi
fi

step "build"
restore=(); [ "${CI:-}" = true ] && restore=(-p:RestoreLockedMode=true)
# One compiler for all projects, also where the environment says otherwise: it loads the analyzers once instead of 24 times.
dotnet build Gateway.sln -v quiet -p:UseSharedCompilation=true -p:RunAnalyzers="$($fast && echo false || echo true)" "${restore[@]}"

passed=0; failed=0; skipped=0
count() { # adds the totals that a test program printed
  while read -r t e f s; do
    failed=$((failed + f + e)); passed=$((passed + t - f - s)); skipped=$((skipped + s))
  done < <(sed -nE 's/.* Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+),.*/\1 \2 \3 \4/p' "$1")
}
check() { # name, command...: one more test that is a command
  local name=$1; shift
  step "$name"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $name"; fi
}

# Two projects run side by side, the longest first; what each printed is shown when it ends.
outputs=$(mktemp -d); trap 'rm -rf "$outputs"' EXIT
run() { # one project's tests
  local out="$outputs/$(basename "$1")" began=$SECONDS rc=0
  # No project needs half of this; one that hangs is ended, so that the others still run.
  (cd "$1/bin/Debug/net10.0" && exec timeout --kill-after=10 "$most" "./$(basename "$1")" -noLogo -noColor "${tier[@]}") >"$out" 2>&1 </dev/null || rc=$?
  case $rc in
    0) ;;
    124|137) echo "$1 was ended after $most s" >"$out.ended" ;;
    *) grep -qE ' Total: .* (Errors|Failed): [1-9]' "$out" || echo "$1 ended with $rc, though no test failed" >"$out.ended" ;;
  esac
  flock "$outputs" sh -c "printf '\n== %s (%s s)\n' '$(basename "$1")' $((SECONDS - began)); grep -vE '^\s*\$|^  (Discover|Start|Finish)' '$out'" || true
}
step "tests of all projects"
longest=(tests/Gateway.Tests); tier=(); others=(tests/*.Tests tests/Interop)
if $fast; then tier=(-trait- Tier=Whole); others=(tests/{Admin,Agreements,AuditIndex,Authority,Dossiers,Ledger,Sandbox,Tokens,Verifier}.Tests); fi
for project in "${others[@]}"; do [ "$project" = "${longest[0]}" ] || longest+=("$project"); done
for project in "${longest[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || true; done
  run "$project" &
done
wait
for project in "${longest[@]}"; do
  before=$((failed + passed + skipped)); out="$outputs/$(basename "$project")"
  count "$out"
  if [ -f "$out.ended" ]; then failed=$((failed + 1)); echo "FAILED: $(cat "$out.ended")"
  elif [ $((failed + passed + skipped)) -eq "$before" ]; then failed=$((failed + 1)); echo "FAILED: $project ran no test"; fi
done

if $fast; then
  echo; echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]; exit
fi
check "the layout of the code" dotnet format whitespace Gateway.sln --no-restore --verify-no-changes -v q
check "the style of the code" dotnet format style Gateway.sln --no-restore --verify-no-changes -v q
check "the commands of the README" timeout 300 tests/readme.sh
check "the programs apart, each with its own configuration" timeout 180 tests/apart.sh
check "docker-compose.yml is valid" tests/compose.sh config
if $compose; then check "one exchange through containers" tests/compose.sh up; fi

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && { [ "${CI:-}" != true ] || [ "$skipped" -eq 0 ]; }
