"""What a release is signed with, checked by the tools that everybody has: gpg, apt, osslsigncode, and provenance.

The artefacts are small ones made here; `make package` and `make sign` put the real ones through the same script.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("gpg", "apt-ftparchive", "osslsigncode", "wixl", "dpkg-deb", "openssl")
pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS if tool != "wixl"),
    reason="needs " + ", ".join(TOOLS) + ": packaging/debian/prerequisites.sh",
)
CONTROL = """Package: steadyhand
Version: 9.9.9
Architecture: amd64
Maintainer: nobody <nobody@localhost>
Description: made for a test
"""


@dataclass(frozen=True)
class Release:
    """A signed folder, and the environment and keys that it was signed with.

    Attributes
    ----------
    dist, keys : Path
    environ : dict
    """

    dist: Path
    keys: Path
    environ: dict[str, str]

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in command],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def make_keys(folder: Path, environ: dict[str, str]) -> str:
    """An OpenPGP key, an Ed25519 key and a certificate; the fingerprint of the first."""
    home = Path(environ["GNUPGHOME"])
    home.mkdir(mode=0o700)
    kind = ["--batch", "--passphrase", "", "--quick-generate-key", "Test <test@localhost>", "ed25519", "sign"]
    subprocess.run(["gpg", *kind], env=environ, check=True, capture_output=True, timeout=120)
    shown = subprocess.run(
        ["gpg", "--batch", "--with-colons", "--list-keys"],
        env=environ,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    with (folder / "release.gpg").open("wb") as file:
        subprocess.run(["gpg", "--batch", "--export"], env=environ, check=True, stdout=file)
    for command in (
        ["genpkey", "-algorithm", "ed25519", "-out", "provenance.pem"],
        ["pkey", "-in", "provenance.pem", "-pubout", "-out", "provenance.pub.pem"],
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "code.key", "-out", "code.pem", "-days", "30",
         "-subj", "/CN=Test", "-addext", "extendedKeyUsage=codeSigning"],
    ):  # fmt: skip
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True, timeout=120)
    return next(line.split(":")[9] for line in shown.splitlines() if line.startswith("fpr"))


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    top = tmp_path_factory.mktemp("release")
    clone, dist, keys = top / "clone", top / "dist", top / "keys"
    subprocess.run(["git", "clone", "--quiet", "--shared", str(ROOT), str(clone)], check=True)
    (top / "deb" / "DEBIAN").mkdir(parents=True)
    (top / "deb" / "DEBIAN" / "control").write_text(CONTROL)
    dist.mkdir()
    keys.mkdir()
    subprocess.run(["dpkg-deb", "--build", str(top / "deb"), str(dist)], check=True, capture_output=True)
    (dist / "steadyhand-9.9.9-cp311-abi3-manylinux_2_17_x86_64.whl").write_bytes(b"wheel")
    environ = {**os.environ, "GNUPGHOME": f"/tmp/steadyhand-gpg-{os.getpid()}", "DIST": str(dist)}
    try:
        environ["GPG_KEY"] = make_keys(keys, environ)
        environ["PROVENANCE_KEY"] = str(keys / "provenance.pem")
        signed = subprocess.run(
            ["sh", "packaging/release/sign.sh", sys.executable],
            cwd=clone, env=environ, capture_output=True, text=True, check=False, timeout=240,
        )  # fmt: skip
        assert signed.returncode == 0, signed.stderr
        yield Release(dist, keys, environ)
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], env=environ, check=False)
        shutil.rmtree(environ["GNUPGHOME"], ignore_errors=True)


def test_every_file_has_a_signature_that_gpg_accepts_until_it_is_changed(
    release: Release, tmp_path: Path
) -> None:
    files = [path for path in release.dist.iterdir() if path.is_file() and path.suffix != ".asc"]
    assert len(files) == 3
    for path in files:
        assert release.run("gpg", "--verify", f"{path}.asc", path).returncode == 0
    changed = tmp_path / files[0].name
    changed.write_bytes(files[0].read_bytes() + b"!")
    assert release.run("gpg", "--verify", f"{files[0]}.asc", changed).returncode != 0


def apt(release: Release, folder: Path, repository: Path) -> subprocess.CompletedProcess[str]:
    """`apt-get update` and the download of the package, with lists and caches of its own."""
    for name in ("lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    source = folder / "steadyhand.list"
    source.write_text(
        f"deb [arch=amd64 signed-by={release.keys / 'release.gpg'}] file:{repository} stable main\n"
    )
    options = [
        f"Dir::Etc::sourcelist={source}", "Dir::Etc::sourceparts=/dev/null", f"Dir::State::lists={folder}/lists",
        f"Dir::State::status={folder}/status", f"Dir::Cache={folder}", "APT::Sandbox::User=root",
        "APT::Architecture=amd64", "APT::Architectures=amd64",
    ]  # fmt: skip
    words = [word for option in options for word in ("-o", option)]
    updated = release.run("apt-get", *words, "update", "--error-on=any")
    if updated.returncode != 0:
        return updated
    return release.run("apt-get", *words, "download", "--print-uris", "steadyhand")


def test_apt_takes_the_repository_and_refuses_it_once_a_list_was_changed(
    release: Release, tmp_path: Path
) -> None:
    shown = apt(release, tmp_path / "good", release.dist / "apt")
    assert shown.returncode == 0, shown.stderr
    assert "steadyhand_9.9.9_amd64.deb" in shown.stdout
    changed = tmp_path / "repository"
    shutil.copytree(release.dist / "apt", changed)
    lists = changed / "dists" / "stable" / "main" / "binary-amd64"
    (lists / "Packages").write_text((lists / "Packages").read_text().replace("9.9.9", "9.9.8"))
    (lists / "Packages.gz").unlink()
    refused = apt(release, tmp_path / "changed", changed)
    assert refused.returncode != 0
    assert "Hash Sum mismatch" in refused.stderr or "unexpected size" in refused.stderr


def test_the_provenance_names_every_file(release: Release) -> None:
    tool = ROOT / "packaging" / "release" / "provenance.py"
    checked = release.run(
        sys.executable, tool, "verify", release.dist, "--key", release.keys / "provenance.pub.pem"
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.skipif(
    shutil.which("wixl") is None, reason="needs wixl: packaging/debian/prerequisites.sh --package"
)
def test_authenticode_on_an_msi_verifies_with_its_own_authority_alone(
    release: Release, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "a.wxs").write_text(
        '<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">'
        '<Product Name="a" Id="*" Language="1033" Version="1.0.0" '
        'UpgradeCode="12345678-1234-1234-1234-123456789012" Manufacturer="a"><Package InstallerVersion="200"/>'
        '<Media Id="1" Cabinet="a.cab" EmbedCab="yes"/>'
        '<Directory Id="TARGETDIR" Name="SourceDir"><Component Id="a" '
        'Guid="12345678-1234-1234-1234-123456789013">'
        '<File Id="a" Source="a.txt" KeyPath="yes"/></Component></Directory>'
        '<Feature Id="a" Level="1"><ComponentRef Id="a"/></Feature></Product></Wix>'
    )
    subprocess.run(["wixl", "-o", "a.msi", "a.wxs"], cwd=tmp_path, check=True)
    code = release.keys
    signed = release.run(
        "osslsigncode", "sign", "-certs", code / "code.pem", "-key", code / "code.key", "-h", "sha256",
        "-in", tmp_path / "a.msi", "-out", tmp_path / "signed.msi",
    )  # fmt: skip
    assert signed.returncode == 0, signed.stdout
    trusted = release.run(
        "osslsigncode", "verify", "-CAfile", code / "code.pem", "-in", tmp_path / "signed.msi"
    )
    assert trusted.returncode == 0, trusted.stdout
    system = release.run("osslsigncode", "verify", "-in", tmp_path / "signed.msi")
    assert system.returncode != 0


@pytest.mark.parametrize("missing", ["GPG_KEY", "PROVENANCE_KEY"])
def test_without_a_key_nothing_is_signed_and_one_line_says_which(release: Release, missing: str) -> None:
    environ = {name: text for name, text in release.environ.items() if name != missing}
    refused = subprocess.run(
        ["sh", "packaging/release/sign.sh", sys.executable],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1].startswith(f"sign: {missing} is not set")
