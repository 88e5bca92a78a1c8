#!/bin/sh
# Rehearses a release's signatures: signs a copy of dist/ with keys made for it, checks everything with the tools that
# everybody has, then changes a byte in every package and has each tool refuse it.
# Usage: packaging/release/rehearse.sh PYTHON, from the repository's root, after `make package`. Leaves build/rehearsal (the
# signed copy and its keys) and says on every line what was checked; exit code 1 where something is not as it must be.
set -eu
[ $# -eq 1 ] || { echo "usage: rehearse.sh PYTHON" >&2; exit 2; }
python=$(realpath -s "$1")
ls dist/*.deb dist/*.whl >/dev/null 2>&1 || { echo "rehearse: dist has no .deb or no wheel: make package" >&2; exit 2; }
top=$(pwd)/build/rehearsal
keys=$top/keys
rm -rf "$top"
mkdir -p "$keys" "$top/apt/lists/partial" "$top/apt/cache/archives/partial"
cp -r dist "$top/dist"

# gpg leaves an agent behind for each of the two.
trap 'for home in maintainer anybody; do gpgconf --homedir "$keys/$home" --kill gpg-agent || true; done' EXIT
GNUPGHOME=$keys/maintainer
export GNUPGHOME
mkdir -m 700 "$GNUPGHOME" "$keys/anybody"
gpg --quiet --batch --passphrase '' --quick-generate-key 'Rehearsal <release@localhost>' ed25519 sign
gpg --batch --export >"$keys/release.gpg"
gpg --batch --export --armor >"$keys/release.asc"
openssl genpkey -algorithm ed25519 -out "$keys/provenance.pem"
openssl pkey -in "$keys/provenance.pem" -pubout -out "$keys/provenance.pub.pem"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$keys/code.key" -out "$keys/code.pem" -days 30 -subj /CN=Rehearsal \
    -addext extendedKeyUsage=codeSigning 2>/dev/null
GPG_KEY=$(gpg --batch --with-colons --list-keys | sed -n 's/^fpr:*\([0-9A-F]*\):/\1/p' | head -n 1) \
    PROVENANCE_KEY=$keys/provenance.pem AUTHENTICODE_CERT=$keys/code.pem AUTHENTICODE_KEY=$keys/code.key \
    DIST=$top/dist sh packaging/release/sign.sh "$python" >"$top/sign.log" 2>&1 || { cat "$top/sign.log" >&2; exit 1; }

# From here on as somebody else, who has the public keys alone.
GNUPGHOME=$keys/anybody
gpg --quiet --batch --import "$keys/release.asc"
rpm --dbpath "$top/rpm" --initdb
rpm --dbpath "$top/rpm" --import "$keys/release.asc"
status=0
# must WORD FILE COMMAND...: the command passes (WORD is "accepts") or fails ("refuses"), and which is said.
must() {
    expected=$1
    named=$(basename "$2")
    shift 2
    happened=accepts
    "$@" >"$top/last.log" 2>&1 || happened=refuses
    echo "$(basename "$1") $happened $named"
    [ "$happened" = "$expected" ] || {
        echo "rehearse: $(basename "$1") should have said otherwise of $named:" >&2
        cat "$top/last.log" >&2
        status=1
    }
}
provenance() { "$python" packaging/release/provenance.py verify "$1" --key "$keys/provenance.pub.pem"; }
apt_update() {
    rm -rf "$top/apt/lists"
    mkdir -p "$top/apt/lists/partial"
    echo "deb [arch=amd64 signed-by=$keys/release.gpg] file:$1/apt stable main" >"$top/apt/sources.list"
    apt-get -o Dir::Etc::sourcelist="$top/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Cache="$top/apt/cache" \
        -o Dir::State::lists="$top/apt/lists" -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any update
}
checked() {
    for signature in "$2"/*.asc; do must "$1" "${signature%.asc}" gpg --batch --verify "$signature" "${signature%.asc}"; done
    for package in "$2"/*.rpm; do [ ! -e "$package" ] || must "$1" "$package" rpm --dbpath "$top/rpm" --checksig "$package"; done
    for package in "$2"/*.msi; do
        [ ! -e "$package" ] || must "$1" "$package" osslsigncode verify -CAfile "$keys/code.pem" -in "$package"
    done
    must "$1" "$2" provenance "$2"
    must "$1" "$2/apt" apt_update "$2"
}
checked accepts "$top/dist"
cp -r "$top/dist" "$top/forged"
# One byte in the middle of everything that is signed, and in the repository's list.
for file in "$top"/forged/*.* "$top/forged/apt/dists/stable/InRelease"; do
    case $file in *.asc) continue ;; esac
    middle=$(($(stat -c %s "$file") / 2))
    byte=$(dd if="$file" bs=1 skip="$middle" count=1 status=none | tr '\000-\377' '\001-\377\000')
    printf '%s' "${byte:-X}" | dd of="$file" bs=1 seek="$middle" count=1 conv=notrunc status=none
done
checked refuses "$top/forged"
rm -rf "$top/forged"
[ "$status" -eq 0 ] && echo "rehearse: every signature holds, and nothing that was changed passes"
exit "$status"
