#!/usr/bin/env bash
# Shows one claim in full: what ops/test.sh runs smaller.
#
#   ops/prove.sh                  lists the proofs with the minutes they take
#   ops/prove.sh NAME [--seed N]  builds, runs one, writes ops/docs/proofs/NAME.json, exits non-zero when it does not hold
set -euo pipefail
[[ "${1:-}" =~ ^(-h|--help)$ ]] && { sed -n '2,5p' "${BASH_SOURCE[0]}" | cut -c3-; exit 0; }
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
dotnet build tests/Proofs/Proofs.csproj -c Release -v quiet --nologo -clp:NoSummary >&2
exec dotnet run -c Release --no-build --project tests/Proofs -- "$@"
