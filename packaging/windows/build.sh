#!/bin/sh
# Builds dist/steadyhand-VERSION.msi from steadyhand.wxs, from the repository's root.
# Usage: packaging/windows/build.sh [PYTHON | FROZEN [VERSION]]. FROZEN is the folder that PyInstaller made of
# packaging/frozen/steadyhand.spec: build/frozen/steadyhand on Windows, build/windows-rig/frozen/steadyhand where
# packaging/windows/rig/freeze.sh made it under Wine. Where there is none, or no MinGW compiler for the small programs in
# C, the MSI holds text files that say so, and shows only that the description is well-formed. An interpreter in its place,
# which packaging/twice.sh hands to every step, is not needed.
#
# Where AUTHENTICODE_CERT and AUTHENTICODE_KEY are set (as for packaging/release/sign.sh), the programs are signed before
# they are packed. Only then may they have been frozen with STEADYHAND_UIACCESS=1: Windows starts no unsigned program
# whose manifest asks for uiAccess.
#
# The same content gives the same file to the bit: the codes of product and package are made of the content, every time in
# it is SOURCE_DATE_EPOCH.
set -eu
. packaging/reproducible.sh
[ -f "${1:-}" ] && shift
frozen=${1:-build/frozen/steadyhand}
version=${2:-$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)}
work=build/windows
mingw=x86_64-w64-mingw32
rm -rf "$work" dist/*.msi
mkdir -p "$work/tools" dist
if [ ! -f "$frozen/steadyhand.exe" ]; then
    echo "packaging/windows: no $frozen/steadyhand.exe: describing the MSI around placeholders"
    suffix=-placeholder
    mkdir -p "$work/steadyhand/_internal"
    for program in steadyhand steadyhand-agent steadyhand-enroll; do
        echo "A placeholder: build on Windows, or under Wine." >"$work/steadyhand/$program.exe"
    done
    cp "$work/steadyhand/steadyhand.exe" "$work/steadyhand/_internal/placeholder.txt"
else
    # A copy with one time for all files: the cabinet keeps it.
    cp -r "$frozen" "$work/steadyhand"
fi
frozen=$work/steadyhand
if [ -n "${AUTHENTICODE_CERT:-}" ] && [ -z "${suffix:-}" ]; then
    for program in steadyhand steadyhand-agent steadyhand-enroll; do
        osslsigncode sign -certs "$AUTHENTICODE_CERT" -key "$AUTHENTICODE_KEY" -h sha256 -time "$SOURCE_DATE_EPOCH" -n Steadyhand \
            -in "$frozen/$program.exe" -out "$work/signed.exe" >/dev/null
        mv "$work/signed.exe" "$frozen/$program.exe"
    done
fi
[ -n "${suffix:-}" ] || python3 packaging/windows/ui_access.py "$frozen/steadyhand-agent.exe"
if command -v $mingw-windmc >/dev/null; then
    (cd "$work/tools" && $mingw-windmc ../../../packaging/windows/events.mc && $mingw-windres events.rc events.o)
    $mingw-gcc -shared -nostdlib -Wl,--entry=0 -Wl,--no-insert-timestamp -s -o "$work/tools/steadyhand-events.dll" "$work/tools/events.o"
    $mingw-gcc -O2 -Wall -municode -s -Wl,--no-insert-timestamp -o "$work/tools/session-agents.exe" \
        packaging/windows/session_agents.c packaging/windows/agent_starts.c -lwtsapi32 -luserenv
    packaging/windows/keeper.sh "$work/tools"
else
    echo "packaging/windows: no MinGW compiler: placeholders for the programs in C"
    suffix=-placeholder
    echo "A placeholder." | tee "$work/tools/steadyhand-events.dll" "$work/tools/steadyhand-keeper.exe" >"$work/tools/session-agents.exe"
fi
mkdir -p "$work/policies/en-US"
cp packaging/windows/steadyhand.admx "$work/policies"
cp packaging/windows/en-US/steadyhand.adml "$work/policies/en-US"
find "$work/steadyhand" "$work/tools" "$work/policies" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
content=$({
    echo "$version"
    cat packaging/windows/steadyhand.wxs packaging/windows/build.sh
    (cd "$work" && find steadyhand tools/*.dll tools/*.exe policies -type f | LC_ALL=C sort | xargs -d '\n' sha256sum)
} | sha256sum | cut -d ' ' -f 1)
# code WHAT: a UUID of version 5 over the content, in the notation of Windows.
code() { python3 -c 'import sys, uuid; print(str(uuid.uuid5(uuid.NAMESPACE_URL, " ".join(sys.argv[1:]))).upper())' steadyhand "$1" "$content"; }
# Each tool writes the time of day into the file.
if command -v faketime >/dev/null; then
    moment=$(date -u -d "@$SOURCE_DATE_EPOCH" '+%Y-%m-%d %H:%M:%S')
    # Within another it says so each time.
    frozen_clock() { faketime -f "$moment" "$@" 2>"$work/errors.txt" || { cat "$work/errors.txt" >&2 && return 1; }; }
else
    echo "packaging/windows: no faketime: the MSI holds the time of this build"
    frozen_clock() { "$@"; }
fi
msi=dist/steadyhand-$version${suffix:-}.msi
raw=$work/raw.msi
find "$frozen/_internal" -type f | LC_ALL=C sort | wixl-heat --prefix "$frozen/" --var var.Frozen --win64 \
    --directory-ref INSTALLDIR --component-group Libraries | python3 packaging/windows/steady_names.py >"$work/libraries.wxs"
frozen_clock wixl --arch x64 -D Win64=yes -D Version="$version" -D Frozen="$frozen" -D Policies="$work/policies" \
    -D Tools="$work/tools" -D ProductCode="$(code product)" -o "$raw" \
    packaging/windows/steadyhand.wxs "$work/libraries.wxs"
# wixl has no words for these tables. Its lines end as Windows' do.
# table NAME: reads its lines from standard input, and puts them into the MSI.
table() {
    sed 's/$/\r/' >"$work/$1.idt"
    frozen_clock msibuild "$raw" -i "$work/$1.idt"
}
# The administrators own these folders and alone may write there; nothing is inherited. The relay's is its service's and
# theirs (its account's SID is made of the service's name; agent/files/windows_acl.py).
closed='O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)'
relay='O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301ff;;;S-1-5-80-1708553678-2073685433-1705980386-469466640-1956978833)'
{
    printf 'MsiLockPermissionsEx\tLockObject\tTable\tSDDLText\tCondition\n'
    printf 's72\ts72\ts32\ts0\tS255\n'
    printf 'MsiLockPermissionsEx\tMsiLockPermissionsEx\n'
    for folder in ADMINISTRATORSDIR KEYSDIR DEVICESDIR; do
        printf '%s\t%s\tCreateFolder\t%s\t\n' "$folder" "$folder" "$closed"
    done
    printf 'RELAYDIR\tRELAYDIR\tCreateFolder\t%s\t\n' "$relay"
} | table MsiLockPermissionsEx
# Ended by itself, whether it crashed or said that it failed, it is started again: after 1 s, 10 s, then each minute.
{
    printf 'MsiServiceConfigFailureActions\tName\tEvent\tResetPeriod\tRebootMessage\tCommand\tActions\tDelayActions\tComponent_\n'
    printf 's72\ts255\ti2\tI4\tL255\tL255\tS255\tS255\ts72\n'
    printf 'MsiServiceConfigFailureActions\tMsiServiceConfigFailureActions\n'
    printf 'RelayRestarts\tSteadyhandRelay\t5\t86400\t\t\t1[~]1[~]1\t1000[~]10000[~]60000\tCommand\n'
    printf 'KeeperRestarts\tSteadyhandKeeper\t5\t86400\t\t\t1[~]1[~]1\t1000[~]10000[~]60000\tKeeper\n'
} | table MsiServiceConfigFailureActions
{
    printf 'MsiServiceConfig\tName\tEvent\tConfigType\tArgument\tComponent_\n'
    printf 's72\ts255\ti2\ti4\tS0\ts72\n'
    printf 'MsiServiceConfig\tMsiServiceConfig\n'
    printf 'RelayRestartsAfterErrors\tSteadyhandRelay\t5\t4\t1\tCommand\n'
    printf 'KeeperRestartsAfterErrors\tSteadyhandKeeper\t5\t4\t1\tKeeper\n'
} | table MsiServiceConfig
query() { frozen_clock msibuild "$raw" -q "$1"; }
query "INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('MsiConfigureServices', 'VersionMsi >= \"5.00\"', 5850)"
# wixl removes the old version after the new files came, which would take those of the same name with it.
query "UPDATE InstallExecuteSequence SET Sequence = 1501 WHERE Action = 'RemoveExistingProducts'"
# Type 2: a program of the table Binary, waited for, whose exit code decides.
query "INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('RefuseForeignFolder', 2, 'SessionAgentsNow', 'own \"[ADMINISTRATORSDIR].\"')"
query "INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('RefuseForeignFolder', 'NOT REMOVE', 1490)"
# wixl writes rows in the order of its memory, and makes up the package's code: all tables are put into a new file, in order.
package=$(code package)
tables=$work/tables
mkdir -p "$tables/Binary"
# The import looks for what a column of bytes holds in a folder of the table's name.
for stream in $(msiinfo streams "$raw" | grep '^Binary\.'); do msiinfo extract "$raw" "$stream" >"$tables/Binary/$stream"; done
for name in _SummaryInformation $(msiinfo tables "$raw" | grep -v '^_' | LC_ALL=C sort); do
    msiinfo export "$raw" "$name" | sed "s/^9\t{[^}]*}/9\t{$package}/" >"$tables/$name.txt"
    { sed -n 1,3p "$tables/$name.txt" && sed 1,3d "$tables/$name.txt" | LC_ALL=C sort; } >"$tables/$name.idt"
    frozen_clock msibuild "$msi" -i "$tables/$name.idt"
done
msiinfo extract "$raw" steadyhand.cab >"$work/steadyhand.cab"
frozen_clock msibuild "$msi" -a steadyhand.cab "$work/steadyhand.cab"
msiinfo suminfo "$msi" | grep Subject
ls -s "$msi"
