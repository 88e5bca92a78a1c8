#!/bin/sh
# Sourced by every build, from the repository's root: what makes two builds of one commit the same to the bit.
# The commit's own time stands in for today's, names are read as the same bytes everywhere, folders leave no trace.
set -eu
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
PYTHONHASHSEED=0
LC_ALL=C.UTF-8
TZ=UTC
CFLAGS="${CFLAGS:-} -ffile-prefix-map=$(pwd)=."
# What the programs say that they were packed from.
STEADYHAND_COMMIT=${STEADYHAND_COMMIT-$(git describe --always --abbrev=40 --dirty --exclude='*')}
export STEADYHAND_COMMIT SOURCE_DATE_EPOCH PYTHONHASHSEED LC_ALL TZ CFLAGS
umask 022
