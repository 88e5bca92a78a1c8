#!/bin/sh
# Builds dist/*.whl (one abi3 wheel for CPython 3.11 and later) and dist/*.tar.gz (the sources): the same to the bit
# from the same commit, wherever and whenever it is built (packaging/twice.sh compares).
# Usage: packaging/python/build.sh PYTHON, from the repository's root. PYTHON needs the extra `package`.
set -eu
python=$1
. packaging/reproducible.sh
mkdir -p build dist
rm -f dist/*.whl dist/*.tar.gz
# What another build left there would travel in the wheel: it once carried a kernel for one Python as well.
rm -rf build/lib.* build/bdist.* build/temp.*
"$python" -m build --no-isolation --sdist --outdir dist . >build/sdist.log
FASTFEAT_ABI3=1 "$python" -m build --no-isolation --wheel --outdir dist . >build/wheel.log
rm -rf build/lib.* build/bdist.* build/temp.* ./*.egg-info
sh packaging/python/manylinux.sh "$python" dist/*linux_"$(uname -m)".whl
# setuptools writes owners, times and an order of its own into the archive of sources.
for archive in dist/*.tar.gz; do
    "$python" - "$archive" <<'PYTHON'
import gzip
import io
import os
import sys
import tarfile

path, epoch = sys.argv[1], int(os.environ["SOURCE_DATE_EPOCH"])
with tarfile.open(path) as before:
    members = sorted(before.getmembers(), key=lambda member: member.name)
    contents = {m.name: before.extractfile(m).read() for m in members if m.isfile()}
packed = io.BytesIO()
with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as after:
    for member in members:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = epoch
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        member.pax_headers = {}
        after.addfile(member, io.BytesIO(contents[member.name]) if member.isfile() else None)
with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=epoch) as zipped:
    zipped.write(packed.getvalue())
PYTHON
done
ls dist/*.whl dist/*.tar.gz
