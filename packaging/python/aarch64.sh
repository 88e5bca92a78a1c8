#!/bin/sh
# Builds dist/*aarch64.whl with a cross compiler, and shows that its kernel gives the rows of this computer's kernel to the
# bit: CPython for arm64 (unpacked from Debian's packages) runs it under qemu-user. Real arm64 hardware was never used.
# Usage: packaging/python/aarch64.sh PYTHON, from the repository's root. Needs gcc-aarch64-linux-gnu and qemu-user-static.
set -eu
. packaging/reproducible.sh
python=$(realpath -s "$1")
work=build/aarch64
mkdir -p "$work" dist
rm -rf build/lib.* build/temp.* build/bdist.* dist/*aarch64.whl
before=$(ls _fastfeat/*.so 2>/dev/null || true)
CC=aarch64-linux-gnu-gcc LDSHARED="aarch64-linux-gnu-gcc -shared" _PYTHON_HOST_PLATFORM=linux-aarch64 FASTFEAT_ABI3=1 \
    "$python" -m build --no-isolation --wheel --outdir dist . >"$work/wheel.log"
rm -rf build/lib.* build/temp.* build/bdist.*
[ "$before" = "$(ls _fastfeat/*.so 2>/dev/null || true)" ] || echo "aarch64: the build left a library in _fastfeat" >&2
sh packaging/python/manylinux.sh "$python" dist/*linux_aarch64.whl
wheel=$(ls dist/*manylinux*aarch64.whl)

root=$work/root
if [ ! -x "$root/usr/bin/python3.11" ]; then
    rm -rf "$root" "$work/apt"
    mkdir -p "$root" "$work/apt/lists/partial" "$work/apt/archives/partial"
    touch "$work/apt/status"
    apt="-o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State=$(pwd)/$work/apt -o Dir::State::status=$(pwd)/$work/apt/status
        -o Dir::State::lists=$(pwd)/$work/apt/lists -o Dir::Cache=$(pwd)/$work/apt"
    # shellcheck disable=SC2086
    apt-get $apt update -q >"$work/apt.log" 2>&1 || true
    # shellcheck disable=SC2086
    (cd "$work/apt/archives" && apt-get $apt download -q libc6 libgcc-s1 libstdc++6 zlib1g libexpat1 libffi8 libssl3 libbz2-1.0 \
        liblzma5 libsqlite3-0 libuuid1 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib >>../../apt.log)
    for package in "$work"/apt/archives/*.deb; do dpkg -x "$package" "$root"; done
fi
site=$work/site
rm -rf "$site"
numpy=$(sed -n 's/^\(numpy==[0-9.]*\).*/\1/p' packaging/locks/runtime.txt | head -n 1)
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --target "$site" --python-version 3.11 \
    --implementation cp --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 --platform manylinux2014_aarch64 "$numpy" 2>"$work/pip.log"
"$python" -m zipfile -e "$wheel" "$site"

# The events of two made-up people, made here; their rows as bytes, there and here: the same or the wheel is not shipped.
"$python" - "$work/events.npz" <<'PYTHON'
import sys
from dataclasses import fields

import numpy as np

from agent.demo.people import generated

people = generated()
batches = [*people.enrolment, people.owner, people.intruder]
columns = {
    f"{number}_{field.name}": getattr(batch, field.name) for number, batch in enumerate(batches) for field in fields(batch)
}
np.savez(sys.argv[1], count=len(batches), **columns)
PYTHON
cat >"$work/rows.py" <<'PYTHON'
import hashlib
import platform
import sys
from dataclasses import fields

import numpy as np

from _fastfeat import ActionRows
from agent.engine.events import EventBatch
from agent.engine.row_stream import GAP_NS, RowStream

stored = np.load(sys.argv[1])
names = [field.name for field in fields(EventBatch)]
digest, count = hashlib.sha256(), 0
for number in range(int(stored["count"])):
    stream = RowStream(GAP_NS, sketched=True)
    batch = EventBatch(**{name: stored[f"{number}_{name}"] for name in names})
    rows = ActionRows.concat([*(part for part in stream.feed(batch) if isinstance(part, ActionRows)), stream.flush()])
    count += len(rows.kind)
    for field in fields(rows):
        digest.update(np.ascontiguousarray(getattr(rows, field.name)).tobytes())
print(platform.machine(), count, "rows", file=sys.stderr)
print(digest.hexdigest())
PYTHON
here=$(PYTHONPATH=. "$python" "$work/rows.py" "$work/events.npz")
there=$(PYTHONPATH=$site PYTHONHOME=$root/usr PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 \
    qemu-aarch64-static -L "$root" "$root/usr/bin/python3.11" "$work/rows.py" "$work/events.npz")
[ "$here" = "$there" ] || {
    echo "aarch64: the rows differ from this computer's: $there instead of $here" >&2
    exit 1
}
echo "aarch64: the same rows to the bit ($here)"
ls "$wheel"
