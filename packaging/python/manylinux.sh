#!/bin/sh
# Names a wheel after the C library that it needs, glibc 2.17, having checked that it needs no newer one and no other library.
# Usage: packaging/python/manylinux.sh PYTHON WHEEL. auditwheel is asked as well where it can be: it knows only its own machine's.
set -eu
[ $# -eq 2 ] && [ -f "$2" ] || { echo "manylinux: no wheel ${2:-named}: usage: manylinux.sh PYTHON WHEEL" >&2; exit 2; }
tools=$(dirname "$1")
wheel=$2
architecture=$(basename "$wheel" .whl | sed 's/.*-linux_//')
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
"$1" -m zipfile -e "$wheel" "$unpacked"
libraries=$(find "$unpacked" -name '*.so')
[ -n "$libraries" ] || { echo "manylinux: no library in $wheel" >&2; exit 1; }
# shellcheck disable=SC2086
needed=$(readelf -d $libraries | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u | grep -vE '^(libc\.so\.6|libm\.so\.6)$' || true)
[ -z "$needed" ] || { echo "manylinux: $wheel needs $needed" >&2; exit 1; }
# shellcheck disable=SC2086
newest=$(readelf -V $libraries | grep -oE 'GLIBC_[0-9.]+' | sed 's/GLIBC_//' | sort -uV | tail -n 1)
[ "$(printf '%s\n2.17\n' "$newest" | sort -V | tail -n 1)" = 2.17 ] || { echo "manylinux: $wheel needs glibc $newest" >&2; exit 1; }
if [ "$architecture" = "$(uname -m)" ]; then
    "$tools/auditwheel" show "$wheel" 2>/dev/null | grep -q "manylinux_2_17_$architecture" || { echo "manylinux: auditwheel disagrees" >&2; exit 1; }
fi
"$tools/wheel" tags --remove --platform-tag "manylinux_2_17_$architecture" "$wheel" >/dev/null
