#!/bin/sh
# Builds what needs no Python to run: build/frozen/steadyhand and build/frozen/steadyhand-enroll, a folder each;
# beside them the list of what is in them (dist/*.cdx.json) and the licences of others (build/frozen/notices.txt).
# Usage: packaging/frozen/build.sh PYTHON, from the repository's root. PYTHON needs the extra `package`.
#
# Build on the oldest system that is supported: the result needs its C library or a newer one.
set -eu
tools=$(dirname "$1")
runtime=build/runtime
# An environment of its own: nothing that only tests and tools need gets in, neither into the list.
rm -rf "$runtime" build/frozen
"$1" -m venv "$runtime"
"$runtime/bin/python" -m pip install --quiet --disable-pip-version-check '.[enroll]'
mkdir -p build/frozen dist
"$runtime/bin/python" -m pip uninstall --quiet --yes --disable-pip-version-check pip setuptools
"$tools/cyclonedx-py" environment "$runtime/bin/python" --pyproject pyproject.toml --mc-type application \
    --output-reproducible --of JSON -o dist/steadyhand.cdx.json
sh packaging/frozen/notices.sh "$tools/pip-licenses" "$runtime/bin/python" >build/frozen/notices.txt
# PyInstaller has to live beside what it packs, and comes after the list was made.
"$1" -m pip --python "$runtime/bin/python" install --quiet --disable-pip-version-check pyinstaller
"$runtime/bin/pyinstaller" --noconfirm --log-level WARN --distpath build/frozen --workpath build/frozen/work \
    packaging/frozen/steadyhand.spec
rm -rf build/frozen/work
du -sh build/frozen/steadyhand build/frozen/steadyhand-enroll
