#!/bin/sh
# Packs the programs for Windows with PyInstaller under the rig's Python: build/windows-rig/frozen/steadyhand.
# Usage: packaging/windows/rig/freeze.sh PYTHON, from the repository's root, after build.sh. Some minutes; nothing where
# no source has changed since.
set -eu
rig=$(pwd)/build/windows-rig
drive=$rig/prefix/drive_c
sources=$(find agent enroll _fastfeat packaging/frozen packaging/windows/hook.c packaging/windows/raw_input.c pyproject.toml -type f ! -name '*.pyc' ! -name '*.so' ! -name '*.pyd' ! -name '*.dll' |
    LC_ALL=C sort | xargs sha256sum | sha256sum)
if [ -x "$rig/frozen/steadyhand/steadyhand.exe" ] && [ "$sources" = "$(cat "$rig/frozen/sources" 2>/dev/null)" ]; then
    echo "windows-rig: the packed programs are of these sources"
    exit 0
fi
sh packaging/windows/rig/kernel.sh "$1" _fastfeat "$rig"
echo "windows-rig: packing with PyInstaller"
rm -rf "$rig/frozen" "$rig/source" "$drive/dist"
# A copy: what changes while it packs would give a program of two minds.
mkdir -p "$rig/source/packaging"
cp -r agent enroll _fastfeat pyproject.toml "$rig/source"
cp -r packaging/frozen packaging/windows "$rig/source/packaging"
cd "$rig/source"
RIG=$rig LIMIT_S=1800 packaging/windows/rig/run.sh python -m PyInstaller --noconfirm --log-level ERROR \
    --distpath 'C:\dist' --workpath 'C:\work' packaging/frozen/steadyhand.spec
mkdir -p "$rig/frozen"
mv "$drive/dist/steadyhand" "$rig/frozen/steadyhand"
echo "$sources" >"$rig/frozen/sources"
du -sh "$rig/frozen/steadyhand"
