#!/bin/sh
# Builds dist/steadyhand-VERSION-1.x86_64.rpm and its companion from what packaging/debian/build.sh laid out in build/debian.
# Usage: packaging/rpm/build.sh PYTHON, from the repository's root. Refuses a build whose programs need a C library that
# RHEL 9 does not have (2.34).
set -eu
. packaging/reproducible.sh
python=$1
version=$("$python" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
rm -f dist/*.rpm
for package in steadyhand steadyhand-enroll; do
    laid_out=$(pwd)/build/debian/$package
    [ -d "$laid_out" ] || { echo "rpm: no $laid_out: run packaging/debian/build.sh first" >&2; exit 2; }
    libc=$(sed -n 's/^Depends: libc6 (>= \([0-9.]*\)).*/\1/p' "$laid_out/DEBIAN/control")
    if [ "$(printf '%s\n2.34\n' "$libc" | sort -V | tail -n 1)" != 2.34 ]; then
        echo "rpm: $package needs glibc $libc and RHEL 9 has 2.34: no .rpm is made (build the frozen programs as root)" >&2
        exit 2
    fi
    top=$(pwd)/build/rpm/$package
    rm -rf "$top"
    mkdir -p "$top"
    # The distribution's GObject is of another Python there: no link to it.
    find "$laid_out" -mindepth 1 -not -path '*/DEBIAN*' -not -path '*/_internal/gi' \( -type f -o -type l \) |
        LC_ALL=C sort | sed -e "s,^$laid_out\(.*\),\"\1\"," -e 's,^"/etc/,%config(noreplace) "/etc/,' >"$top/files"
    find "$laid_out" -mindepth 2 -type d -path '*/steadyhand*' -not -path '*/DEBIAN*' | LC_ALL=C sort |
        sed "s,^$laid_out\(.*\),%dir \"\1\"," >>"$top/files"
    # Debian's scripts do the same there: rpm counts what is installed instead of naming what happens.
    if [ "$package" = steadyhand ]; then
        { echo 'set -- configure'; tail -n +2 packaging/debian/postinst; } >"$top/post"
        { echo '[ "$1" -eq 0 ] || exit 0; set -- remove'; tail -n +2 packaging/debian/prerm; } >"$top/preun"
        { echo '[ "$1" -eq 0 ] || exit 0; set -- purge'; tail -n +2 packaging/debian/postrm; } >"$top/postun"
    fi
    summary=$(sed -n 's/^Description: //p' "$laid_out/DEBIAN/control")
    rpmbuild -bb --quiet --define "_topdir $top" --define "_rpmdir $(pwd)/dist" --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
        --define "package $package" --define "packaged_version $version" --define "packaged_summary $summary" --define "libc $libc" \
        --define "laid_out $laid_out" --define "listed $top/files" --define "scripts $top" packaging/rpm/steadyhand.spec
done
ls -s dist/*.rpm
