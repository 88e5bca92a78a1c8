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
if ! (cd "$fresh" && apt-get download -q syslog-ng-core libivykis0 libnet1 libpcre3 libwrap0 >/dev/null 2>&1); then
    echo "syslog-ng: cannot be downloaded; its tests are skipped" >&2
    exit 0
fi
mkdir -p "$folder"
for package in "$fresh"/*.deb; do
    dpkg-deb -x "$package" "$folder"
done
