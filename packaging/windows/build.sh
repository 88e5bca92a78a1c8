#!/bin/sh
# Builds dist/steadyhand-VERSION.msi from steadyhand.wxs, from the repository's root. On Windows the folder
# build/frozen/steadyhand comes from packaging/frozen/steadyhand.spec. Elsewhere there is no such folder: the MSI then
# holds text files that say so, and shows only that the description is well-formed. It was never installed.
set -eu
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
frozen=build/frozen/steadyhand
work=build/windows
rm -rf "$work" dist/*.msi
mkdir -p "$work" dist
if [ ! -f "$frozen/steadyhand.exe" ]; then
    echo "packaging/windows: no $frozen/steadyhand.exe: describing the MSI around placeholders"
    frozen=$work/steadyhand
    suffix=-placeholder
    mkdir -p "$frozen/_internal"
    echo "A placeholder: build on Windows." | tee "$frozen/steadyhand.exe" >"$frozen/_internal/placeholder.txt"
fi
msi=dist/steadyhand-$version${suffix:-}.msi
find "$frozen/_internal" -type f | sort | wixl-heat --prefix "$frozen/" --var var.Frozen --win64 \
    --directory-ref INSTALLDIR --component-group Libraries >"$work/libraries.wxs"
wixl --arch x64 -D Win64=yes -D Version="$version" -D Frozen="$frozen" -D Policies=packaging/windows \
    -o "$msi" packaging/windows/steadyhand.wxs "$work/libraries.wxs"
msiinfo suminfo "$msi" | grep Subject
ls -s "$msi"
