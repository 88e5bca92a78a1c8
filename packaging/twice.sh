#!/bin/sh
# Builds the packages of one commit twice, in two clones in two folders on two days, and compares them to the bit.
# Usage: packaging/twice.sh PYTHON STEP..., from the repository's root; STEP is a build script, such as
# packaging/python/build.sh. Needs faketime for the second day. Exit code 1 where two files differ.
set -eu
python=$(realpath -s "$1")
shift
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
mkdir -p "$top/one" "$top/another/folder"
first=$top/one/clone
second=$top/another/folder/deeper-clone

# build FOLDER [COMMAND...]: a clean clone, the steps in it.
build() {
    clone=$1
    shift
    git clone --quiet --no-checkout . "$clone"
    # Both of the commit that it began with, whatever is committed here meanwhile.
    git -C "$clone" checkout --quiet --detach "$commit"
    for step in $steps; do (cd "$clone" && "$@" sh "$step" "$python" >/dev/null); done
}

steps=$*
commit=$(git rev-parse HEAD)
build "$first" env
build "$second" faketime '+1 day'
status=0
for file in "$first"/dist/*; do
    name=$(basename "$file")
    if cmp -s "$file" "$second/dist/$name"; then
        echo "the same: $name $(sha256sum "$file" | cut -c 1-16)"
    else
        echo "DIFFERENT: $name"
        status=1
        command -v diffoscope >/dev/null && diffoscope --max-report-size 4000 "$file" "$second/dist/$name" || true
    fi
done
exit $status
