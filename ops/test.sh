#!/usr/bin/env bash
# Builds everything once and runs every test project, one after another.
#
#   ops/test.sh [PROJECT...]     all test projects, or those named (for example Common.Tests EndToEnd)
#
# Environment: VEIL_FUZZ_SECONDS (mutation time per fuzz target, default 15), VEIL_FUZZ_SEED (of the mutations, default 42),
# VEIL_VECTORS and VEIL_EVIDENCE (folders of other projects' data, default ../shared/vectors and ../shared/evidence),
# VEIL_POSTGRES (connection string of a PostgreSQL superuser, without a database; default a private server in a temporary folder),
# VEIL_NO_INSTALL=1 (never install packages). Prints each skipped test with its reason and the minutes per part, and ends
# with the line "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ "${1:-}" =~ ^(-h|--help)$ ]] && { sed -n '2,10p' "${BASH_SOURCE[0]}" | cut -c3-; exit 0; }

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
results=$(mktemp -d)
postgres="${TMPDIR:-/tmp}/veil-postgres-$$"
trap 'ops/postgres.sh remove "$postgres" > /dev/null 2>&1 || true; rm -rf "$results"' EXIT
part_names=() part_minutes=() failures=()

timed() { # NAME COMMAND...
  local name=$1 start=$SECONDS status=0
  shift
  echo "== $name"
  "$@" || status=$?
  part_names+=("$name")
  part_minutes+=("$(awk "BEGIN { printf \"%.1f\", ($SECONDS - $start) / 60 }")")
  return "$status"
}

is_off_the_path() { # COMMAND or LIBRARY: Debian keeps PostgreSQL's server programs in folders of their own, and libraries are no commands
  case $1 in
    postgres) ops/postgres.sh find > /dev/null ;;
    *.so.*) [[ "$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2> /dev/null)" == *"$1 "* ]] ;;
    *) return 1 ;;
  esac
}

install_packages() {
  local missing=() package command
  while read -r package command; do
    [[ -z "$package" || "$package" == \#* ]] && continue
    command -v "$command" > /dev/null || is_off_the_path "$command" || missing+=("$package")
  done < ops/test-packages.txt
  [[ ${#missing[@]} -eq 0 ]] && return 0
  local as_root=()
  if [[ $EUID -ne 0 ]]; then
    as_root=(sudo -n)
    sudo -n true 2> /dev/null || { echo "not installed, and neither root nor sudo -n is at hand: ${missing[*]} (tests that need them are skipped)"; return 0; }
  fi
  if [[ "${VEIL_NO_INSTALL:-0}" == 1 ]] || ! command -v apt-get > /dev/null; then
    echo "not installed: ${missing[*]} (tests that need them are skipped)"
    return 0
  fi
  echo "installing: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" > "$results/apt.log" 2>&1 \
    || { tail -5 "$results/apt.log" 2> /dev/null; echo "could not install: ${missing[*]} (tests that need them are skipped)"; }
}

start_postgres() {
  [[ -z "${VEIL_POSTGRES:-}" ]] || return 0
  if ops/postgres.sh find > /dev/null; then
    VEIL_POSTGRES=$(VEIL_POSTGRES_OWNER=$$ ops/postgres.sh start "$postgres") || { echo "no private PostgreSQL (tests that need it start their own)"; return 0; }
    export VEIL_POSTGRES
  else
    echo "PostgreSQL is not here (tests that need it are skipped)"
  fi
}

counter() { # TRX ATTRIBUTE
  sed -n "s/.*<Counters[^>]* $2=\"\([0-9]*\)\".*/\1/p" "$1" | head -1
}

skips() { # TRX: a line "test: reason" for each test that was skipped
  awk '
    function plain(text) {
      gsub(/&quot;/, "\"", text); gsub(/&apos;/, "\047", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text)
      return text
    }
    function report() { if (name != "") print "  skipped " plain(name) ": " (reason == "" ? "no reason given" : plain(reason)); name = "" }
    /<UnitTestResult / {
      report()
      if (/ outcome="NotExecuted"/) { name = $0; sub(/.* testName="/, "", name); sub(/".*/, "", name); reason = "" }
    }
    name != "" && /<Message>/ { reason = $0; sub(/.*<Message>/, "", reason); sub(/<\/Message>.*/, "", reason) }
    END { report() }
  ' "$1"
}

passed=0 failed=0 skipped=0
run_project() {
  local project=$1 trx="$results/$1.trx" status=0
  dotnet test "tests/$project/$project.csproj" -c Release --no-build --logger "trx;LogFileName=$trx" \
    --logger "console;verbosity=normal" > "$results/$project.log" 2>&1 || status=$?
  if [[ ! -s "$trx" ]]; then
    tail -40 "$results/$project.log"
    failures+=("$project: the test run left no result")
    failed=$((failed + 1))
    return 0
  fi
  local total ran ok bad
  total=$(counter "$trx" total) ran=$(counter "$trx" executed) ok=$(counter "$trx" passed)
  bad=$((ran - ok))
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - ran))
  echo "$project: $ok passed, $bad failed, $((total - ran)) skipped"
  skips "$trx"
  if [[ "$ran" -eq 0 ]]; then
    failures+=("$project: no test ran")
    failed=$((failed + 1))
  elif [[ $bad -ne 0 || $status -ne 0 ]]; then
    failures+=("$project: $bad failed")
    [[ $bad -ne 0 ]] || failed=$((failed + 1))
    grep -vE '^\s+Passed ' "$results/$project.log" | tail -150
  fi
}

projects=("$@")
if [[ ${#projects[@]} -eq 0 ]]; then
  for path in tests/*/*.csproj; do
    name=$(basename "$path" .csproj)
    grep -q 'xunit' "$path" && projects+=("$name")
  done
fi

timed "packages" install_packages
timed "postgres" start_postgres
timed "build" dotnet build Relay.sln -c Release -v quiet --nologo -clp:NoSummary
for project in "${projects[@]}"; do
  timed "$project" run_project "$project"
done

echo "== minutes"
for i in "${!part_names[@]}"; do printf '%-16s %s\n' "${part_names[$i]}" "${part_minutes[$i]}"; done
for failure in "${failures[@]}"; do echo "FAILED $failure"; done
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
