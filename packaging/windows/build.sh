#!/bin/sh
# Builds dist/steadyhand-VERSION.msi from steadyhand.wxs, from the repository's root.
# Usage: packaging/windows/build.sh [FROZEN [VERSION]]. FROZEN is the folder that PyInstaller made of
# packaging/frozen/steadyhand.spec: build/frozen/steadyhand on Windows, build/windows-rig/frozen/steadyhand where
# packaging/windows/rig/freeze.sh made it under Wine. Where there is none, or no MinGW compiler for the two small programs in
# C, the MSI holds text files that say so, and shows only that the description is well-formed.
set -eu
frozen=${1:-build/frozen/steadyhand}
version=${2:-$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)}
work=build/windows
mingw=x86_64-w64-mingw32
rm -rf "$work" dist/*.msi
mkdir -p "$work/tools" dist
if [ ! -f "$frozen/steadyhand.exe" ]; then
    echo "packaging/windows: no $frozen/steadyhand.exe: describing the MSI around placeholders"
    frozen=$work/steadyhand
    suffix=-placeholder
    mkdir -p "$frozen/_internal"
    for program in steadyhand steadyhand-agent steadyhand-enroll; do
        echo "A placeholder: build on Windows, or under Wine." >"$frozen/$program.exe"
    done
    cp "$frozen/steadyhand.exe" "$frozen/_internal/placeholder.txt"
fi
if command -v $mingw-windmc >/dev/null; then
    (cd "$work/tools" && $mingw-windmc ../../../packaging/windows/events.mc && $mingw-windres events.rc events.o)
    $mingw-gcc -shared -nostdlib -Wl,--entry=0 -Wl,--no-insert-timestamp -s -o "$work/tools/steadyhand-events.dll" "$work/tools/events.o"
    $mingw-gcc -O2 -Wall -municode -s -Wl,--no-insert-timestamp -o "$work/tools/session-agents.exe" \
        packaging/windows/session_agents.c -lwtsapi32
else
    echo "packaging/windows: no MinGW compiler: placeholders for the two programs in C"
    suffix=-placeholder
    echo "A placeholder." | tee "$work/tools/steadyhand-events.dll" >"$work/tools/session-agents.exe"
fi
msi=dist/steadyhand-$version${suffix:-}.msi
find "$frozen/_internal" -type f | sort | wixl-heat --prefix "$frozen/" --var var.Frozen --win64 \
    --directory-ref INSTALLDIR --component-group Libraries >"$work/libraries.wxs"
wixl --arch x64 -D Win64=yes -D Version="$version" -D Frozen="$frozen" -D Policies=packaging/windows \
    -D Tools="$work/tools" -o "$msi" packaging/windows/steadyhand.wxs "$work/libraries.wxs"
# wixl has no word for this table: the administrators own these folders and alone may write there; nothing is inherited.
closed='O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)'
{
    printf 'MsiLockPermissionsEx\tLockObject\tTable\tSDDLText\tCondition\n'
    printf 's72\ts72\ts32\ts0\tS255\n'
    printf 'MsiLockPermissionsEx\tMsiLockPermissionsEx\n'
    for folder in ADMINISTRATORSDIR KEYSDIR DEVICESDIR; do
        printf '%s\t%s\tCreateFolder\t%s\t\n' "$folder" "$folder" "$closed"
    done
} | sed 's/$/\r/' >"$work/MsiLockPermissionsEx.idt"
msibuild "$msi" -i "$work/MsiLockPermissionsEx.idt"
# wixl removes the old version after the new files came, which would take those of the same name with it.
msibuild "$msi" -q 'UPDATE InstallExecuteSequence SET Sequence = 1501 WHERE Action = '"'RemoveExistingProducts'"
msiinfo suminfo "$msi" | grep Subject
ls -s "$msi"
