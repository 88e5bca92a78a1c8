#!/bin/sh
# The wheel on another Python: installed with what it needs, without the sources beside it, and the tests of the kernel and of
# the judgement run on it.
# Usage: packaging/python/wheel_test.sh PYTHON [WHEEL], from the repository's root: wheel_test.sh python3.14. Needs PyPI.
set -eu
[ $# -ge 1 ] || { echo "usage: wheel_test.sh PYTHON [WHEEL]" >&2; exit 2; }
python=$1
wheel=$(ls "${2:-dist/steadyhand-}"*abi3*"$(uname -m)".whl 2>/dev/null || ls "${2:-/nonexistent}" 2>/dev/null) || {
    echo "wheel_test: no wheel ${2:-in dist}: make package" >&2
    exit 2
}
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
home=$(pwd)/build/wheel-test/$version
rm -rf "$home"
mkdir -p "$home/tree"
"$python" -m venv "$home/env"
tools=$(sed -n 's/^\(pytest\|pytest-timeout\|pytest-randomly\|hypothesis\|jsonschema\|mpmath\)==\([^ ;]*\).*/\1==\2/p' packaging/locks/dev.txt)
# shellcheck disable=SC2086
"$home/env/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel[enroll]" $tools
# The tests alone: what they import is what the wheel brought.
cp -r tests pyproject.toml "$home/tree"
cd "$home/tree"
"$home/env/bin/python" -c 'import _fastfeat, agent; print(f"wheel_test: {_fastfeat.__file__}, {agent.__file__}")' | grep -v "$home/tree" ||
    { echo "wheel_test: the sources were imported" >&2; exit 1; }
"$home/env/bin/steadyhand" --version
# One test compares files of the source tree.
OMP_NUM_THREADS=1 "$home/env/bin/python" -m pytest -p no:cacheprovider tests/fastfeat tests/agent/engine \
    --deselect tests/fastfeat/test_schema.py::test_files_written_from_the_schema_are_up_to_date
