#!/bin/sh
# Builds dist/*.whl (one abi3 wheel for CPython 3.11 and later) and dist/*.tar.gz (the sources).
# Usage: packaging/python/build.sh PYTHON, from the repository's root. PYTHON needs the extra `package`.
set -eu
python=$1
mkdir -p build dist
rm -f dist/*.whl dist/*.tar.gz
# What another build left there would travel in the wheel: it once carried a kernel for one Python as well.
rm -rf build/lib.* build/bdist.* build/temp.*
"$python" -m build --no-isolation --sdist --outdir dist . >build/sdist.log
FASTFEAT_ABI3=1 "$python" -m build --no-isolation --wheel --outdir dist . >build/wheel.log
rm -rf build/lib.* build/bdist.* build/temp.* ./*.egg-info
ls dist/*.whl dist/*.tar.gz
