#!/usr/bin/env bash
# Makes the image localhost/veil-base from this machine's own .NET runtime and the libraries that it loads: a base for
# ops/containers/build.sh where no image can be pulled. For tests; a deployment takes the public image, which is patched by others.
#
#   ops/containers/local-base.sh        then: BASE=localhost/veil-base ops/containers/build.sh relay
#
# Environment: ENGINE_FLAGS (global flags of buildah, such as --root DIR).
set -euo pipefail
read -ra flags <<< "${ENGINE_FLAGS:-}"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")

mkdir -p "$root"/{etc/ssl,tmp,usr/bin,usr/share/dotnet/shared,var/lib/veil,etc/veil}
cp -a "$dotnet/dotnet" "$dotnet/host" "$root/usr/share/dotnet/"
for framework in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
  newest=$(ls -d "$dotnet/shared/$framework"/10.* | sort -V | tail -1)
  mkdir -p "$root/usr/share/dotnet/shared/$framework"
  cp -a "$newest" "$root/usr/share/dotnet/shared/$framework/"
done
ln -s ../share/dotnet/dotnet "$root/usr/bin/dotnet"

# The libraries that the runtime is linked with, and libssl, which it opens by name.
libssl=$(ldconfig -p | awk '/libssl\.so\.3 / { print $NF; exit }')
{
  find "$root/usr/share/dotnet" \( -name '*.so' -o -name dotnet \) -type f -print0 | xargs -0 ldd 2> /dev/null
  ldd "$libssl"
  echo "$libssl"
} | grep -oE '(=> )?/[^ ]+' | sed 's/^=> //; s/:$//' | grep -v "^$root" | sort -u | while read -r library; do
  [[ -f "$library" ]] || continue
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
[[ -f /etc/ssl/openssl.cnf ]] && cp -L /etc/ssl/openssl.cnf "$root/etc/ssl/"
[[ -d /etc/ssl/certs ]] && cp -rL /etc/ssl/certs "$root/etc/ssl/" 2> /dev/null || true
printf 'root:x:0:0::/:/\nveil:x:1654:1654::/tmp:/\n' > "$root/etc/passwd"
printf 'root:x:0:\nveil:x:1654:\n' > "$root/etc/group"
chmod 1777 "$root/tmp"
chown 1654:1654 "$root/var/lib/veil" 2> /dev/null || true

container=$(buildah "${flags[@]}" from scratch)
buildah "${flags[@]}" copy -q "$container" "$root" / > /dev/null
buildah "${flags[@]}" commit -q --rm "$container" localhost/veil-base > /dev/null
echo localhost/veil-base
