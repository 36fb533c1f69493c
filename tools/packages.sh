#!/bin/sh
# packages.sh run|test - install with apt-get what is missing of tools/packages.txt, and say so; asks nothing.
# "run" takes the lines above "# tests", "test" takes all.
set -eu
cd "$(dirname "$0")"
want=$(sed -e "$([ "$1" = run ] && echo '/^# tests/,$d;/^#/d' || echo '/^#/d')" packages.txt)
missing=
for line in $want; do
    p=${line%%:*}
    [ "$p" = "$line" ] || ! command -v "${line#*:}" >/dev/null || continue
    case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true) in
    installed) ;;
    *) missing="$missing $p" ;;
    esac
done
[ -n "$missing" ] || exit 0
echo "Installing Debian packages:$missing"
as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "packages.sh: run as root, or install sudo, or install by hand:$missing" >&2; exit 1; }
    as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # one word a package
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
echo "Installed."
