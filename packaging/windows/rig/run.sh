#!/bin/sh
# Runs a program of the rig under Wine, with its streams through pipes and a limit of time.
# Usage: packaging/windows/rig/run.sh PROGRAM ARGUMENT..., from the repository's root; PROGRAM is a name in C:\py311
# (python, pythonw, inject ...). LIMIT_S (600) ends it. RIG is the rig, elsewhere than below the current folder. DISPLAY must be set for what opens windows.
set -eu
rig=${RIG:-$(pwd)/build/windows-rig}
program=$1
shift
export WINEPREFIX="$rig/prefix" WINEARCH=win64 WINEDEBUG="${WINEDEBUG:--all}" WINEDLLOVERRIDES="mscoree=d;mshtml=d"
export PYTHONHOME='C:\py311' PYTHONUTF8="${PYTHONUTF8:-0}" PYTHONDONTWRITEBYTECODE=1
status=$(mktemp)
{
    code=0
    timeout -k 5 "${LIMIT_S:-600}" /usr/lib/wine/wine64 "C:\\py311\\$program.exe" "$@" </dev/null 2>&1 || code=$?
    echo "$code" >"$status"
} | cat
code=$(cat "$status")
rm -f "$status"
exit "$code"
