#!/bin/sh
# What must hold before a release is made; says everything that does not, and ends with exit code 1.
# Usage: packaging/release/check.sh PYTHON ADVISORIES, from the repository's root, after `make package`. ADVISORIES is a
# file of OSV advisories that somebody fetched today; nothing here asks a network.
set -eu
python=$1
advisories=${2:-}
version=$("$python" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
status=0
no() {
    echo "release: $*" >&2
    status=1
}

[ -z "$(git status --porcelain)" ] || no "there are changes that are not committed: commit or remove them"
grep -q "^## $version" CHANGELOG.md || no "CHANGELOG.md has no section '## $version'"
[ "$(git tag --points-at HEAD)" = "v$version" ] || no "this commit is not tagged v$version"
expires=$(sed -n 's/^Expires: //p' packaging/security.txt)
[ "$(date -d "$expires" +%s)" -gt "$(date +%s)" ] || no "packaging/security.txt expired on $expires"
! grep -q '@steadyhand\.example' packaging/security.txt || no "packaging/security.txt names no real contact"
for kind in whl tar.gz deb cdx.json; do
    ls dist/*."$kind" >/dev/null 2>&1 || no "dist/ has no *.$kind: make package"
done
if [ -z "$advisories" ]; then
    no "no file of advisories was given: ADVISORIES=FILE"
elif [ -e dist/steadyhand.cdx.json ]; then
    "$python" packaging/release/advisories.py dist/steadyhand.cdx.json "$advisories" packaging/release/vex.json ||
        no "a component that is packed has an advisory"
fi
grep -q "commit $(git rev-parse HEAD)" build/ci.log 2>/dev/null || no "build/ci.log does not say that this commit passed"
[ "$status" -eq 0 ] && echo "release: $version is ready to be signed and published"
exit "$status"
