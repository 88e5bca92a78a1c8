#!/bin/sh
# Makes the Python that the frozen programs carry: CPython, OpenSSL and SQLite of Debian 12's sources with Debian's
# fixes, compiled in a Debian 11 (glibc 2.31), so that the programs start on every system with that C library or a newer one.
# Usage: packaging/frozen/old_python.sh FOLDER, as root. FOLDER/bin/python3 is the result; it needs no file outside FOLDER
# but the C library. Half an hour of one core and 2 GB the first time; nothing where FOLDER is complete.
set -eu
[ $# -eq 1 ] || { echo "usage: old_python.sh FOLDER" >&2; exit 2; }
folder=$1
complete=$folder/.complete
recipe=$(sha256sum "$0" | cut -c 1-64)
[ "$(cat "$complete" 2>/dev/null || true)" != "$recipe" ] || exit 0
[ "$(id -u)" -eq 0 ] || {
    echo "old_python: needs root to make a Debian 11 to compile in" >&2
    exit 2
}
root=$folder.debian11
log=$folder.log
mkdir -p "$(dirname "$folder")"
say() { echo "old_python: $*"; }

if [ ! -e "$root/etc/debian_version" ]; then
    say "making a Debian 11 in $root"
    rm -rf "$root"
    debootstrap --variant=minbase --include=ca-certificates bullseye "$root" >"$log"
fi
cp /etc/resolv.conf /etc/hosts "$root/etc"
cat >"$root/etc/apt/sources.list" <<'LIST'
deb http://deb.debian.org/debian bullseye main
deb-src http://deb.debian.org/debian bookworm main
deb-src http://deb.debian.org/debian-security bookworm-security main
LIST
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cat >"$root/compile.sh" <<'COMPILE'
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 TZ=UTC
prefix=/opt/steadyhand-python
apt-get update -q
apt-get install -y -q --no-install-recommends gcc make dpkg-dev perl patchelf libc6-dev zlib1g-dev libbz2-dev liblzma-dev \
    libffi-dev uuid-dev tcl
rm -rf /compile "$prefix"
mkdir /compile
cd /compile
# A mirror may lack the security suite's sources: the point release's then, and the list of what is packed says which.
for name in openssl sqlite3 python3.11; do
    apt-get source -q "$name/bookworm-security" || apt-get source -q "$name/bookworm"
done
# The newest of the three sources stands in for the day of compilation, which CPython writes into itself.
SOURCE_DATE_EPOCH=$(sed -n 's/^ -- .*>  //p' ./*/debian/changelog | while read -r day; do date -d "$day" +%s; done | sort -n | tail -n 1)
export SOURCE_DATE_EPOCH CFLAGS="-O2 -g0 -ffile-prefix-map=/compile=."
(cd openssl-*/ && ./config --prefix="$prefix" --libdir=lib --openssldir=/etc/ssl shared no-tests no-legacy no-module && make -j2 -s &&
    make -s install_sw)
(cd sqlite3-*/ && ./configure --prefix="$prefix" --disable-static --disable-tcl --disable-readline && make -j2 -s &&
    make -s install)
# There is no /dev/shm here, and configure would take that for a system without semaphores: no second process could be used.
(cd python3.11-*/ && CPPFLAGS="-I$prefix/include" LDFLAGS="-L$prefix/lib -Wl,-rpath,$prefix/lib" ./configure --prefix="$prefix" \
    --enable-shared --with-openssl="$prefix" --without-ensurepip --disable-test-modules \
    ac_cv_posix_semaphores_enabled=yes ac_cv_broken_sem_getvalue=no &&
    # One of Debian's fixes includes a header of the core, which only a built-in pyexpat may.
    sed -i '1i #define Py_BUILD_CORE_MODULE 1' Modules/pyexpat.c &&
    make -j2 -s && make -s install)
# Modules of the network's past and of sound would bring libraries along that nothing here calls.
rm -f "$prefix"/lib/python3.11/lib-dynload/nis.* "$prefix"/lib/python3.11/lib-dynload/_crypt.* \
    "$prefix"/lib/python3.11/lib-dynload/ossaudiodev.*
# What it needs beside the C library comes along.
libraries() { find "$prefix" -type f \( -name '*.so*' -o -name 'python3.11' \) -exec ldd {} + 2>/dev/null |
    sed -n 's,.*=> \(/[^ ]*\) .*,\1,p' | sort -u | grep -v "^$prefix" |
    grep -vE '/(libc|libm|libdl|libpthread|librt|libutil|libresolv|ld-linux[^/]*)\.so'; }
# Wheels take the C++ library from the system that packs them: this one's, then.
system="$(libraries) /lib/x86_64-linux-gnu/libgcc_s.so.1 /usr/lib/x86_64-linux-gnu/libstdc++.so.6"
for library in $system; do cp -L "$library" "$prefix/lib/"; done
find "$prefix/lib" -maxdepth 1 -type f -name '*.so*' -exec patchelf --set-rpath '$ORIGIN' {} \;
find "$prefix/lib/python3.11/lib-dynload" -name '*.so' -exec patchelf --set-rpath '$ORIGIN/../..' {} \;
patchelf --set-rpath '$ORIGIN/../lib' "$prefix/bin/python3.11"
# Where each library comes from, for the list of what is packed: FILE NAME VERSION.
version() { dpkg-parsechangelog -l "$1/debian/changelog" -S Version; }
{
    for name in openssl sqlite3 python3.11; do
        case $name in openssl) pattern='lib(ssl|crypto)' ;; sqlite3) pattern='libsqlite3' ;; *) pattern='libpython3' ;; esac
        for file in "$prefix"/lib/*.so*; do
            ! basename "$file" | grep -qE "^$pattern" || echo "$(basename "$file") $name $(version ./$name-*/)"
        done
    done
    for library in $system; do
        owner=$(dpkg -S "$(realpath "$library")" 2>/dev/null || dpkg -S "$(realpath "$library" | sed 's,^/usr,,')")
        dpkg-query -W -f "$(basename "$library") \${source:Package} \${Version}\n" "${owner%%: *}"
    done
} | sort -u >"$prefix/libraries.txt"
# Without /proc the loader does not know where a program lies, and finds nothing beside it.
LD_LIBRARY_PATH="$prefix/lib" "$prefix/bin/python3" -c 'import bz2, ctypes, lzma, sqlite3, ssl, uuid, zlib; from _multiprocessing import SemLock'
rm -rf "$prefix"/lib/*.a "$prefix"/share "$prefix"/include/openssl "$prefix"/lib/python3.11/test
COMPILE
say "compiling OpenSSL, SQLite and CPython (log: $log)"
chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root sh /compile.sh >>"$log" 2>&1 || {
    tail -n 5 "$log" >&2
    echo "old_python: compiling failed: see $log" >&2
    exit 1
}
rm -rf "$folder" "$root/compile"
cp -a "$root/opt/steadyhand-python" "$folder"
rm -rf "$root"
echo "$recipe" >"$complete"
say "$("$folder/bin/python3" --version) in $folder"
