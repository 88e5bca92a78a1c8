#!/bin/sh
# Pins what each kind of installation gets, with the hash of every file: packaging/locks/*.txt.
# Usage: packaging/locks/renew.sh PYTHON, from the repository's root. Versions that are pinned already stay;
# `UPGRADE=1` takes the newest that the ranges in pyproject.toml allow.
#
# The extra `deep` has no lock: its torch comes from different places for different computers, and no package ships it.
set -eu
python=$1
"$python" -m pip install --quiet --disable-pip-version-check uv
uv=$(dirname "$python")/uv

# pin NAME EXTRA...: packaging/locks/NAME.txt, for every platform and every Python from 3.11 on.
pin() {
    lock=packaging/locks/$1.txt
    shift
    extras=""
    for extra in "$@"; do extras="$extras --extra $extra"; done
    # shellcheck disable=SC2086
    "$uv" pip compile --quiet pyproject.toml --universal --generate-hashes --python-version 3.11 \
        ${UPGRADE:+--upgrade} --no-header --no-emit-index-url --no-emit-find-links ${constraint:-} $extras -o "$lock"
}

# What is tested is what is shipped: the other locks keep to the versions of the largest one.
pin package enroll dev package signals
constraint="--constraint packaging/locks/package.txt"
pin dev enroll dev
pin enroll enroll signals
pin runtime
# What packs a program lives beside what it packs, and brings nothing else along.
printf 'pyinstaller\npyinstaller-hooks-contrib\naltgraph\npackaging\nsetuptools\n' |
    "$uv" pip compile --quiet - --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
        --no-emit-index-url $constraint -o packaging/locks/pyinstaller.txt
