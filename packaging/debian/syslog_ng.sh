#!/bin/sh
# Unpacks syslog-ng into the folder named: a second syslog receiver for the tests. Debian does not install it beside
# rsyslog, so it is only unpacked, with its libraries, and nothing of the system changes. Idempotent; what cannot be
# fetched is said and is no error: the tests that need it are skipped then.
set -eu

folder=$1
[ -x "$folder/usr/sbin/syslog-ng" ] && exit 0
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || {
    echo "syslog-ng: no apt-get here; its tests are skipped" >&2
    exit 0
}

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
chmod 755 "$fresh"
echo "syslog-ng: unpacking into $folder"
# The libraries that it needs and this system lacks have other names in each suite.
lacking=""
for library in $(apt-cache depends syslog-ng-core 2>/dev/null | sed -n 's/^  Depends: \([^<]*\)$/\1/p'); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$library" 2>/dev/null || true)" = installed ] || lacking="$lacking $library"
done
# shellcheck disable=SC2086
if ! (cd "$fresh" && apt-get download -q syslog-ng-core $lacking >/dev/null 2>&1); then
    echo "syslog-ng: cannot be downloaded; its tests are skipped" >&2
    exit 0
fi
mkdir -p "$folder"
for package in "$fresh"/*.deb; do
    dpkg-deb -x "$package" "$folder"
done
