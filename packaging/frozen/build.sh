#!/bin/sh
# Builds what needs no Python to run: build/frozen/steadyhand and build/frozen/steadyhand-enroll, a folder each;
# beside them the list of what is in them (dist/*.cdx.json) and the licences of others (build/frozen/notices.txt).
# Usage: packaging/frozen/build.sh PYTHON, from the repository's root. PYTHON needs the extra `package`.
#
# Build on the oldest system that is supported: the result needs its C library or a newer one.
set -eu
. packaging/reproducible.sh
tools=$(dirname "$1")
runtime=build/runtime
# An environment of its own: nothing that only tests and tools need gets in, neither into the list.
rm -rf "$runtime" build/frozen
"$1" -m venv "$runtime"
pip="-m pip install --quiet --disable-pip-version-check"
# shellcheck disable=SC2086
"$runtime/bin/python" $pip --require-hashes -r packaging/locks/enroll.txt
# What builds the kernel stays with the tools: the kernel comes as the wheel that is released.
[ -e dist/steadyhand-*-abi3-*.whl ] || sh packaging/python/build.sh "$1" >/dev/null
# shellcheck disable=SC2086
"$runtime/bin/python" $pip --no-deps dist/steadyhand-*-abi3-*.whl
mkdir -p build/frozen dist
"$runtime/bin/python" -m pip uninstall --quiet --yes --disable-pip-version-check pip setuptools
"$tools/cyclonedx-py" environment "$runtime/bin/python" --pyproject pyproject.toml --mc-type application \
    --output-reproducible --of JSON -o dist/steadyhand.cdx.json
sh packaging/frozen/notices.sh "$tools/pip-licenses" "$runtime/bin/python" >build/frozen/notices.txt
# PyInstaller has to live beside what it packs, and comes after the list was made.
"$1" -m pip --python "$runtime/bin/python" install --quiet --disable-pip-version-check --no-deps --require-hashes \
    -r packaging/locks/pyinstaller.txt
"$runtime/bin/pyinstaller" --noconfirm --log-level WARN --distpath build/frozen --workpath build/frozen/work \
    packaging/frozen/steadyhand.spec
rm -rf build/frozen/work
du -sh build/frozen/steadyhand build/frozen/steadyhand-enroll
