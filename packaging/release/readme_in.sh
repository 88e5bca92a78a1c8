#!/bin/sh
# The README's commands in a clean Debian of another suite, from a clone, as a newcomer types them.
# Usage: packaging/release/readme_in.sh SUITE COMMAND..., as root, from the repository's root: readme_in.sh trixie "make demo".
# The suite is kept in the user's cache; the clone is made anew. What the system trusts (certificates, pip's settings) goes along.
set -eu
[ $# -ge 2 ] || { echo "usage: readme_in.sh SUITE COMMAND..." >&2; exit 2; }
suite=$1
shift
cache=${XDG_CACHE_HOME:-$HOME/.cache}/steadyhand/readme-$suite
[ "$(id -u)" -eq 0 ] || { echo "readme_in: needs root to make a $suite" >&2; exit 2; }
if [ ! -e "$cache/.complete" ]; then
    rm -rf "$cache"
    mkdir -p "$(dirname "$cache")"
    debootstrap --include=ca-certificates,git,make,python3,python3-venv "$suite" "$cache" >"$cache.log"
    touch "$cache/.complete"
fi
clone=$cache/root/steadyhand
mounted="proc sys dev/pts dev/shm"
leave() {
    for place in $mounted; do umount -l "$cache/$place" 2>/dev/null || true; done
}
trap leave EXIT
mount -t proc proc "$cache/proc"
mount -t sysfs -o ro sysfs "$cache/sys"
mount -t devpts devpts "$cache/dev/pts"
mkdir -p "$cache/dev/shm"
mount -t tmpfs tmpfs "$cache/dev/shm"
cp /etc/resolv.conf /etc/hosts "$cache/etc"
cp /etc/ssl/certs/ca-certificates.crt "$cache/etc/ssl/certs/ca-certificates.crt"
rm -rf "$clone"
git clone --quiet . "$clone"
version=$(chroot "$cache" python3 --version)
for command in "$@"; do
    started=$(date +%s)
    code=0
    chroot "$cache" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
        sh -c "cd /root/steadyhand && $command" || code=$?
    echo "readme_in: $suite ($version): '$command' ended with $code after $(($(date +%s) - started)) s"
    [ "$code" -eq 0 ] || exit "$code"
done
