#!/usr/bin/env bash
# Publishes the services and builds their images, with buildah (no daemon needed) or docker.
#
#   ops/containers/build.sh [relay|issuer|gateway|host|log]...     default: all five, tagged veil-NAME:latest
#
# Environment: BASE (base image, default the public ASP.NET image of the Containerfiles), TAG (default latest),
# ENGINE (buildah or docker, default what is installed), ENGINE_FLAGS (global flags, such as --root DIR).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ "${1:-}" =~ ^(-h|--help)$ ]] && { sed -n '2,7p' "${BASH_SOURCE[0]}" | cut -c3-; exit 0; }
declare -A projects=([relay]=relay/Relay.csproj [issuer]=issuer/Issuer.csproj [gateway]=gateway/Gateway.csproj [host]=host/HostAgent/HostAgent.csproj [log]=log/TransparencyLog.csproj)

engine=${ENGINE:-$(command -v buildah > /dev/null && echo buildah || echo docker)}
command -v "$engine" > /dev/null || { echo "neither buildah nor docker is installed" >&2; exit 1; }
read -ra flags <<< "${ENGINE_FLAGS:-}"
published=$(mktemp -d)
trap 'rm -rf "$published"' EXIT

names=("$@")
[[ ${#names[@]} -gt 0 ]] || names=(relay issuer gateway host log)
for name in "${names[@]}"; do
  [[ -n "${projects[$name]:-}" ]] || { echo "no image named \"$name\"; there are: relay issuer gateway host log" >&2; exit 2; }
  dotnet publish "$here/../../${projects[$name]}" -c Release -v quiet --nologo -o "$published/$name"
  arguments=(-f "$here/$name/Containerfile" -t "veil-$name:${TAG:-latest}")
  [[ -z "${BASE:-}" ]] || arguments+=(--build-arg "BASE=$BASE")
  if [[ $engine == buildah ]]; then
    pull=(); [[ "${BASE:-}" != localhost/* ]] || pull=(--pull-never)
    buildah "${flags[@]}" bud --isolation=chroot "${pull[@]}" "${arguments[@]}" "$published/$name"
  else
    docker "${flags[@]}" build "${arguments[@]}" "$published/$name"
  fi
done
