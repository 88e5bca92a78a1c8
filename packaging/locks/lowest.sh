#!/bin/sh
# The lowest versions that pyproject.toml allows, really used: an environment of them, and the tests of kernel, judgement and enrolment.
# Usage: packaging/locks/lowest.sh PYTHON, from the repository's root. Ranges stay for users of the wheel; this shows their lower end.
set -eu
python=$(realpath -s "$1")
tools=$(dirname "$python")
"$python" -m pip install --quiet --disable-pip-version-check uv
home=build/lowest
rm -rf "$home"
mkdir -p build
"$tools/uv" pip compile --quiet pyproject.toml --extra enroll --extra signals --resolution lowest-direct --python-version 3.11 \
    --no-header --no-annotate -o build/lowest.txt
"$python" -m venv "$home"
# The tools of the tests are not under test: those that are pinned.
"$home/bin/python" -m pip install --quiet --disable-pip-version-check -r build/lowest.txt
grep -vE '^ ' packaging/locks/dev.txt | sed -n 's/^\(pytest\|pytest-timeout\|pytest-randomly\|hypothesis\|cython\|setuptools\|jsonschema\|mpmath\)==\([^ ;]*\).*/\1==\2/p' >build/lowest-tools.txt
"$home/bin/python" -m pip install --quiet --disable-pip-version-check --constraint build/lowest.txt -r build/lowest-tools.txt
sh packaging/debian/link_gi.sh "$home"
copy=build/lowest-tree
rm -rf "$copy"
git clone --quiet . "$copy"
(cd "$copy" && ../lowest/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable . &&
    OMP_NUM_THREADS=1 ../lowest/bin/python -m pytest -q tests/fastfeat tests/agent/engine tests/agent/files tests/enroll/test_training.py)
sed -n '/^[a-z]/p' build/lowest.txt | tr '\n' ' '
