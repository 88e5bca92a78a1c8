#!/bin/sh
# Packs the programs, builds two versions of the MSI and uses them under Wine: installed, a person learnt, a stranger found,
# upgraded while it runs, removed; then the keeper's service over scripted sessions. Pictures, measurements and the log with
# the commit stay in build/windows-show.
# Usage: packaging/windows/rig/installed.sh PYTHON, from the repository's root, as root, after build.sh. A quarter of an hour
# where sources have changed; a quiet computer: a hand whose events come late is another hand.
set -eu
rig=build/windows-rig
show=build/windows-show
packaging/windows/rig/freeze.sh "$1"
rm -f "$rig"/steadyhand-*.msi
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
for number in "$version" "${version%.*}.$((${version##*.} + 1))"; do
    sh packaging/windows/build.sh "$rig/frozen/steadyhand" "$number" | tail -1
    mv "dist/steadyhand-$number.msi" "$rig"
done
mkdir -p "$show"
find "$show" -type f ! -name tests.txt -delete # that is the other part's log
{
    echo "commit $(git rev-parse HEAD)$(git diff --quiet HEAD || echo ', with changes'), $(date -u +%FT%TZ)"
    code=0
    STEADYHAND_WINDOWS_TEST=1 "$1" -m pytest -v -o console_output_style=classic \
        tests/packaging/test_msi_under_wine.py tests/packaging/test_keeper_under_wine.py -m slow --timeout 1200 || code=$?
    cat "$show/measured.json" || true
    printf '\nexit code %s\n' "$code"
} 2>&1 | tee "$show/log.txt"
grep -qx 'exit code 0' "$show/log.txt"
