#!/bin/sh
# Compiles the service that keeps agents running: FOLDER/steadyhand-keeper.exe.
# Usage: packaging/windows/keeper.sh FOLDER, from the repository's root.
set -eu
x86_64-w64-mingw32-gcc -O2 -Wall -Wextra -municode -s -Wl,--no-insert-timestamp -o "$1/steadyhand-keeper.exe" \
    packaging/windows/keeper.c packaging/windows/keeper_rules.c packaging/windows/agent_starts.c -lwtsapi32 -luserenv
