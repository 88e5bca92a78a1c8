#!/bin/sh
# Builds what needs no Python to run: build/frozen/steadyhand and build/frozen/steadyhand-enroll, a folder each;
# beside them the list of what is in them (dist/*.cdx.json) and the licences of others (build/frozen/notices.txt).
# Usage: packaging/frozen/build.sh PYTHON, from the repository's root. PYTHON needs the extra `package`.
#
# As root the Python inside is one that was compiled in a Debian 11 (old_python.sh; kept in the user's cache), so that the
# programs start wherever the C library is 2.31 or newer. Without root, or with STEADYHAND_OLD_PYTHON=no, it is PYTHON itself,
# and the result needs this system's C library.
set -eu
. packaging/reproducible.sh
tools=$(dirname "$1")
runtime=build/runtime
# An environment of its own: nothing that only tests and tools need gets in, neither into the list.
rm -rf "$runtime" build/frozen
inside=$1
libraries=/nonexistent
first=""
if [ "$(id -u)" -eq 0 ] && [ "${STEADYHAND_OLD_PYTHON:-}" != no ]; then
    old=${STEADYHAND_OLD_PYTHON:-${XDG_CACHE_HOME:-$HOME/.cache}/steadyhand/old-python}
    sh packaging/frozen/old_python.sh "$old"
    inside=$old/bin/python3
    libraries=$old/libraries.txt
    # PyInstaller looks there first for what wheels need of the system.
    first="LD_LIBRARY_PATH=$old/lib"
fi
"$inside" -m venv --without-pip "$runtime"
pip="-m pip --python $runtime/bin/python install --quiet --disable-pip-version-check"
# shellcheck disable=SC2086
"$1" $pip --require-hashes -r packaging/locks/enroll.txt
# What builds the kernel stays with the tools: the kernel comes as the wheel that is released.
[ -e dist/steadyhand-*-abi3-*"$(uname -m)".whl ] || sh packaging/python/build.sh "$1" >/dev/null
# shellcheck disable=SC2086
"$1" $pip --no-deps dist/steadyhand-*-abi3-*"$(uname -m)".whl
mkdir -p build/frozen dist
"$tools/cyclonedx-py" environment "$runtime/bin/python" --pyproject pyproject.toml --mc-type application \
    --output-reproducible --of JSON -o dist/steadyhand.cdx.json
sh packaging/frozen/notices.sh "$tools/pip-licenses" "$runtime/bin/python" >build/frozen/notices.txt
# PyInstaller has to live beside what it packs, and comes after the list was made.
# shellcheck disable=SC2086
"$1" $pip --no-deps --require-hashes -r packaging/locks/pyinstaller.txt
# shellcheck disable=SC2086
env $first "$runtime/bin/pyinstaller" --noconfirm --log-level WARN --distpath build/frozen --workpath build/frozen/work \
    packaging/frozen/steadyhand.spec
rm -rf build/frozen/work
"$1" packaging/frozen/bundled.py dist/steadyhand.cdx.json "$runtime/bin/python" "$libraries" \
    build/frozen/steadyhand build/frozen/steadyhand-enroll
du -sh build/frozen/steadyhand build/frozen/steadyhand-enroll
