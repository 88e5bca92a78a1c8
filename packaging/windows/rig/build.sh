#!/bin/sh
# Builds a Windows Python under Wine from Debian packages and PyPI wheels alone: build/windows-rig/prefix is the Wine
# prefix, with C:\py311\python.exe and pythonw.exe, everything that Steadyhand needs, and its kernel compiled for Windows.
# Usage: packaging/windows/rig/build.sh PYTHON, from the repository's root, as root (Debian packages). PYTHON has
# and setuptools with Cython (the extra `package`). What was downloaded stays in build/windows-rig/downloads: a second
# build needs no network. About ten minutes and 1.5 GB the first time.
set -eu
python=$(realpath -s "$1")
here=$(pwd)/packaging/windows/rig
rig=$(pwd)/build/windows-rig
down=$rig/downloads
wine=/usr/lib/wine/wine64
mingw=x86_64-w64-mingw32
export WINEPREFIX="$rig/prefix" WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES="mscoree=d;mshtml=d"
drive=$WINEPREFIX/drive_c
home=$drive/py311
mkdir -p "$down/wheels" "$down/source" "$rig/made"

say() { echo "windows-rig: $*"; }

packages="wine64 wine libwine gcc-mingw-w64-x86-64 mingw-w64-tools wixl msitools xvfb openbox xdotool dpkg-dev"
missing=""
for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
    say "installing$missing"
    apt-get update -q >/dev/null
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >"$rig/apt.log"
fi

# The list that was downloaded is kept: a longer one is downloaded again.
if ! cmp -s "$here/wheels.txt" "$down/wheels/.complete"; then
    say "downloading Windows wheels"
    # shellcheck disable=SC2046
    "$python" -m pip download --quiet --no-deps --disable-pip-version-check --only-binary=:all: --platform win_amd64 --python-version 3.11 \
        --implementation cp -d "$down/wheels" $(grep -v '^#' "$here/wheels.txt")
    cp "$here/wheels.txt" "$down/wheels/.complete"
fi

if [ ! -e "$down/source/Include" ]; then
    say "downloading the headers of CPython 3.11 (Debian's source)"
    sources=$(mktemp -d)
    sed -n 's/^Types: .*/Types: deb-src/p;/^URIs:/p;/^Suites:/p;/^Components:/p;/^Signed-By:/p;/^$/p' \
        /etc/apt/sources.list.d/*.sources 2>/dev/null >"$sources/src.sources" || true
    sed -n 's/^deb /deb-src /p' /etc/apt/sources.list 2>/dev/null >"$sources/src.list" || true
    mkdir -p "$sources/parts" "$sources/lists/partial"
    mv "$sources"/src.* "$sources/parts"
    apt="-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$sources/parts -o Dir::State::lists=$sources/lists"
    # shellcheck disable=SC2086
    (cd "$down/source" && apt-get $apt update -q >/dev/null &&
        # Debian's own changes are not needed, and an old one may be gone from the mirror.
        { apt-get $apt source --download-only -q python3.11 >/dev/null 2>&1 || ls python3.11_*.orig.tar.* >/dev/null; } &&
        tar -xf python3.11_*.orig.tar.* --strip-components=1 --wildcards '*/Include' '*/PC/pyconfig.h' '*/PC/python3dll.c')
    rm -rf "$sources"
fi

say "making the Python in $home"
rm -rf "$rig/prefix" "$rig/panda"
mkdir -p "$rig/panda"
"$wine" wineboot -i >/dev/null 2>&1 || true
# The registry: Windows 10; no debugger that waits for ever; a minute for a service to begin; one desktop for all programs (a hook hears its own alone).
cat >"$rig/made/rig.reg" <<'REG'
Windows Registry Editor Version 5.00

[HKEY_CURRENT_USER\Software\Wine]
"Version"="win10"

[HKEY_CURRENT_USER\Software\Wine\DllOverrides]
"ucrtbase"="native,builtin"
"bcryptprimitives"="native,builtin"

[HKEY_CURRENT_USER\Software\Wine\Explorer]
"Desktop"="shell"

[HKEY_CURRENT_USER\Software\Wine\Explorer\Desktops]
"shell"="1280x800"

[HKEY_LOCAL_MACHINE\System\CurrentControlSet\Control]
"ServicesPipeTimeout"=dword:0000ea60

[HKEY_LOCAL_MACHINE\Software\Microsoft\Windows NT\CurrentVersion\AeDebug]
"Auto"="0"
"Debugger"="false"
REG
"$wine" regedit /S "$(echo "$rig/made/rig.reg" | sed 's,^,Z:,;s,/,\\,g')" </dev/null >/dev/null 2>&1
unzip -qo "$down"/wheels/panda3d-*.whl 'deploy_libs/*' -d "$rig/panda"
mkdir -p "$home/DLLs" "$home/Lib/site-packages" "$home/libs"
libs=$rig/panda/deploy_libs
cp "$libs"/python311.dll "$libs"/VCRUNTIME140*.dll "$home"
cp "$libs"/*.pyd "$home/DLLs"
find "$libs" -name '*.dll' ! -name 'python3*.dll' ! -iname 'vcruntime*' -exec cp {} "$home/DLLs" \;
standard=$("$python" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
(cd "$standard" && tar -cf - --exclude=lib-dynload --exclude=site-packages --exclude='test' --exclude='tests' \
    --exclude='_sysconfigdata*' --exclude='__pycache__' --exclude='config-3*' .) | tar -xf - -C "$home/Lib"
for wheel in "$down"/wheels/*.whl; do
    case $wheel in *panda3d*) continue ;; esac
    unzip -qo "$wheel" -d "$home/Lib/site-packages"
done

say "making python.exe, pythonw.exe, python3.dll and the import library"
cd "$rig/made"
cp "$home/python311.dll" .
gendef python311.dll >/dev/null 2>&1
$mingw-dlltool --dllname python311.dll --def python311.def --output-lib libpython311.a
cp libpython311.a "$home/libs"
$mingw-gcc -municode -O2 -o "$home/python.exe" "$here/launcher.c" -L. -lpython311
$mingw-gcc -municode -mwindows -O2 -o "$home/pythonw.exe" "$here/launcherw.c" -L. -lpython311
# python3.dll, which wheels for any Python 3 need, only hands names on to python311.dll.
{
    echo "LIBRARY python3"
    echo "EXPORTS"
    sed -n 's/^EXPORT_\(FUNC\|DATA\)(\([A-Za-z0-9_]*\)).*/\1 \2/p' "$down/source/PC/python3dll.c" | sort -u |
        while read -r kind name; do
            grep -qw "$name" python311.def || continue
            [ "$kind" = DATA ] && echo "$name = python311.$name DATA" || echo "$name = python311.$name"
        done
} >python3.def
$mingw-gcc -shared -nostdlib -e DllMainCRTStartup -o "$home/python3.dll" "$here/python3_stub.c" python3.def
$mingw-gcc -shared -O2 -o "$drive/windows/system32/bcryptprimitives.dll" "$here/bcryptprimitives.c" -ladvapi32
PYTHONPATH=$(ls "$down"/wheels/pefile-*.whl) "$python" "$here/patch_ucrt.py" /usr/lib/x86_64-linux-gnu/wine/x86_64-windows "$drive/windows/system32/ucrtbase.dll"
for tool in inject end_session no_standard_streams hook_rate; do
    $mingw-gcc -O2 -municode -o "$home/$tool.exe" "$here/$tool.c" 2>/dev/null ||
        $mingw-gcc -O2 -o "$home/$tool.exe" "$here/$tool.c" -lwinmm
done
cd "$here/../../.."

say "compiling the kernel for Windows"
sh "$here/kernel.sh" "$python" _fastfeat "$rig"
"$here/run.sh" python -c 'import numpy, sklearn, cryptography, ssl, sqlite3, sys; print("windows-rig:", sys.version)'
