#!/bin/sh
# Signs what `make package` left in dist/, with the maintainer's own keys; no file that was built is
# changed but the MSI and the .rpm, which carry their signatures.
# Usage: packaging/release/sign.sh PYTHON, from the repository's root, with
#   GPG_KEY                        the OpenPGP key's fingerprint (in the maintainer's own keyring): every artefact, apt repository
#   PROVENANCE_KEY                 Ed25519 private key in PEM: the in-toto statement
#   AUTHENTICODE_CERT, _KEY        certificate and key in PEM: the MSI (optional; without them it stays unsigned and is said so)
# DIST is another folder than dist. Leaves dist/*.asc, dist/apt (a repository), dist/steadyhand.intoto.jsonl. docs/packages.md says how each is checked.
set -eu
. packaging/reproducible.sh
python=$1
dist=${DIST:-dist}
no() {
    echo "sign: $*" >&2
    exit 2
}
[ -n "${GPG_KEY:-}" ] || no "GPG_KEY is not set: give the fingerprint of the OpenPGP key"
[ -n "${PROVENANCE_KEY:-}" ] || no "PROVENANCE_KEY is not set: give an Ed25519 private key in PEM"
gpg --batch --list-secret-keys "$GPG_KEY" >/dev/null 2>&1 || no "gpg has no secret key $GPG_KEY"
[ -z "$(git status --porcelain)" ] || no "there are changes that are not committed: what was built has no commit"
ls "$dist"/*.deb "$dist"/*.whl >/dev/null 2>&1 || no "$dist has no .deb or no wheel: make package"
sign="gpg --batch --yes --local-user $GPG_KEY --armor"
rm -rf "$dist"/*.asc "$dist/apt" "$dist"/*.intoto.jsonl

# Windows checks signatures inside the file itself.
for file in "$dist"/*.msi; do
    [ -e "$file" ] || continue
    if [ -n "${AUTHENTICODE_CERT:-}" ]; then
        osslsigncode sign -certs "$AUTHENTICODE_CERT" -key "$AUTHENTICODE_KEY" -h sha256 -time "$SOURCE_DATE_EPOCH" -n Steadyhand \
            -in "$file" -out "$file.signed" >/dev/null
        mv "$file.signed" "$file"
    else
        echo "sign: $file stays without Authenticode: AUTHENTICODE_CERT is not set"
    fi
done

# rpm reads signatures inside the file as well.
for file in "$dist"/*.rpm; do
    [ ! -e "$file" ] || rpmsign --define "__gpg $(command -v gpg)" --define "_gpg_name $GPG_KEY" --addsign "$file" >/dev/null
done

# An apt repository: what is signed is the list of lists of digests.
mkdir -p "$dist/apt/pool" "$dist/apt/dists/stable/main/binary-amd64"
cp "$dist"/*.deb "$dist/apt/pool"
(
    cd "$dist/apt"
    apt-ftparchive packages pool >dists/stable/main/binary-amd64/Packages
    gzip -9nk dists/stable/main/binary-amd64/Packages
    apt-ftparchive -o APT::FTPArchive::Release::Suite=stable -o APT::FTPArchive::Release::Codename=stable \
        -o APT::FTPArchive::Release::Components=main -o APT::FTPArchive::Release::Architectures=amd64 \
        -o APT::FTPArchive::Release::Label=Steadyhand release dists/stable |
        sed "s/^Date: .*/Date: $(date -u -R -d "@$SOURCE_DATE_EPOCH" | sed 's/+0000/UTC/')/" >release
    mv release dists/stable/Release
    $sign --clear-sign --output dists/stable/InRelease dists/stable/Release
    $sign --detach-sign --output dists/stable/Release.gpg dists/stable/Release
)
"$python" packaging/release/provenance.py make "$dist" --key "$PROVENANCE_KEY" --commit "$(git rev-parse HEAD)"
for file in "$dist"/*; do
    [ ! -f "$file" ] || $sign --detach-sign "$file"
done
ls "$dist"
