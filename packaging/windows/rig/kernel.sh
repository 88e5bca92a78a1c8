#!/bin/sh
# Compiles for Windows: the kernel for the rig's Python (FOLDER/_kernel.pyd), and the mouse hook's procedure with raw input
# (agent/host/windows/steadyhand_hook.dll).
# Usage: packaging/windows/rig/kernel.sh PYTHON FOLDER RIG, from the repository's root.
set -eu
"$1" -m cython -3 -X boundscheck=False,wraparound=False,initializedcheck=False,cdivision=True,embedsignature=True \
    _fastfeat/_kernel.pyx -o "$3/made/_kernel.c"
numpy=$3/prefix/drive_c/py311/Lib/site-packages/numpy/_core/include
x86_64-w64-mingw32-gcc -shared -O3 -fno-math-errno -fno-trapping-math -ffp-contract=off -DMS_WIN64 \
    -I"$3/downloads/source/Include" -I"$3/downloads/source/PC" -I_fastfeat -I"$numpy" \
    -o "$2/_kernel.pyd" "$3/made/_kernel.c" -L"$3/prefix/drive_c/py311/libs" -lpython311
x86_64-w64-mingw32-gcc -shared -O2 -Wall -s -o agent/host/windows/steadyhand_hook.dll \
    packaging/windows/hook.c packaging/windows/raw_input.c
