"""The disk of the virtual machine: Debian 12 with sway, a kernel and the agent's packages, made without loop mounts."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

import numpy

from tests.desktop.suites import MIRROR, ROOT
from tests.vm.layout import install

PACKAGES = (
    *("systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd", "polkitd", "udev", "kmod", "zstd"),
    *("linux-image-amd64", "initramfs-tools", "openssh-server", "iproute2", "procps", "psmisc"),
    *("python3", "python3-gi", "sway", "swaylock", "foot", "mako-notifier", "libnotify-bin", "evtest"),
    *("fonts-dejavu-core", "libgl1-mesa-dri", "libegl1", "libevdev2", "libx11-6", "libx11-xcb1"),
    *("apparmor", "apparmor-utils", "grim"),
)
SITE = "opt/steadyhand-packages"
SOURCE = "opt/src"
# What the machine gets of the checkout, as an archive on a second disk: a shared folder does not outlive a suspension.
CARGO = ("agent", "enroll", "_fastfeat", "packaging", "tests/vm", "pyproject.toml")
_NOT_CARGO = ("build", ".git", "node_modules")
# What only developers need, and what is large.
_LEFT_OUT = (
    "mypy*",
    "babel*",
    "libcst*",
    "dask*",
    "Cython*",
    "pip*",
    "ocsf*",
    "*mypyc*",
    "pytest*",
    "hypothesis*",
)
_SIZE = "5G"
_ACCOUNTS = """\
for user in anna bert; do id $user 2>/dev/null || useradd -m -s /bin/bash $user; done
echo anna:hare | chpasswd; echo bert:hound | chpasswd
systemctl enable systemd-networkd ssh serial-getty@ttyS0 checkout
systemctl set-default multi-user.target
"""
_SLOW = "[Service]\nTimeoutStartSec=600\n"
_FILES = {
    "etc/hostname": "steadyhand-vm\n",
    "etc/hosts": "127.0.0.1 localhost steadyhand-vm\n",
    "etc/fstab": "/dev/vda / ext4 defaults,noatime 0 0\n",
    "etc/systemd/system/checkout.service": (
        "[Unit]\nBefore=getty@tty1.service ssh.service\n[Service]\nType=oneshot\n"
        f"ExecStart=/bin/tar --no-same-owner -C /{SOURCE} -xf /dev/vdb\n[Install]\nWantedBy=multi-user.target\n"
    ),
    # A machine without the hardware's help starts an interpreter in half a minute.
    "etc/systemd/system/steadyhand-relay.service.d/slow.conf": _SLOW,
    "etc/systemd/system/steadyhand-mouse.service.d/slow.conf": _SLOW,
    "etc/systemd/user/steadyhand.service.d/slow.conf": _SLOW,
    "etc/systemd/network/ethernet.network": "[Match]\nName=e*\n[Network]\nDHCP=yes\n",
    "etc/systemd/system/getty@tty1.service.d/auto.conf": (
        "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin anna --noclear tty1 linux\n"
    ),
    "home/anna/.bash_profile": (
        'if [ "$(tty)" = /dev/tty1 ]; then\n'
        "    export WLR_RENDERER=pixman XDG_CURRENT_DESKTOP=sway\n    exec sway > ~/sway.log 2>&1\nfi\n"
    ),
    # The shipped configuration asks for a picture that is not there, and shows a button that ends sway.
    "home/anna/.config/sway/config": "include /etc/sway/config.d/*\n",
    "etc/systemd/journald.conf.d/volatile.conf": "[Journal]\nStorage=volatile\nRateLimitBurst=0\n",
}


def build(folder: Path) -> None:
    """Make the tree, the disk, the kernel and the key in `folder`, whatever of it is missing: ten minutes, 3 GB."""
    tree = folder / "tree"
    if not (tree / "usr/bin/sway").exists():
        _bootstrap(tree)
    if not (folder / "key").exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
    if disk(folder).exists():
        return
    _customise(tree, (folder / "key.pub").read_text(encoding="ascii"))
    _copy_packages(tree)
    _make_disk(folder, tree)


def disk(folder: Path) -> Path:
    """The disk in `folder`, named by how it is made: one that was made otherwise is not taken for it."""
    recipe = b"".join((Path(__file__).parent / name).read_bytes() for name in ("image.py", "layout.py"))
    return folder / f"disk-{hashlib.sha256(recipe).hexdigest()[:12]}.qcow2"


def pack(folder: Path) -> Path:
    """The archive of the checkout, and of the Debian package where one was built; its path."""
    archive = folder / "checkout.tar"
    with tarfile.open(archive, "w") as made:
        for name in CARGO:
            made.add(ROOT / name, name, filter=_is_cargo)
        for package in sorted((ROOT / "dist").glob("steadyhand_*.deb")):
            made.add(package, f"dist/{package.name}")
    return archive


def _is_cargo(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if Path(member.name).name in _NOT_CARGO else member


def _bootstrap(tree: Path) -> None:
    command = ["nice", "-n", "19", "mmdebstrap", "--variant=minbase", "--mode=root"]
    command += [f"--include={','.join(PACKAGES)}", "--aptopt=APT::Install-Recommends false"]
    command += ["--dpkgopt=force-unsafe-io", "bookworm", str(tree), MIRROR]
    subprocess.run(command, check=True)


def _customise(tree: Path, key: str) -> None:
    for name, text in _FILES.items():
        file = tree / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (tree / SOURCE).mkdir(parents=True, exist_ok=True)
    subprocess.run(["chroot", str(tree), "sh", "-c", _ACCOUNTS], check=True)
    for home in ("root", "home/anna", "home/bert"):
        place = tree / home / ".ssh"
        place.mkdir(mode=0o700, exist_ok=True)
        (place / "authorized_keys").write_text(key, encoding="ascii")
    for user in ("anna", "bert"):
        subprocess.run(["chroot", str(tree), "chown", "-R", f"{user}:", f"/home/{user}"], check=True)
    install(tree, f"/{SOURCE}", f"/{SITE}")


def _copy_packages(tree: Path) -> None:
    """This environment's packages, since the machine reaches no registry."""
    source, target = Path(numpy.__file__).parents[1], tree / SITE
    left_out = shutil.ignore_patterns(*_LEFT_OUT, "gi", "a_tree.pth")
    shutil.rmtree(target, ignore_errors=True)
    # Of the packages themselves alone: what they have inside may be called alike (sklearn's pipeline).
    shutil.copytree(
        source, target, ignore=lambda at, names: left_out(at, names) if Path(at) == source else set()
    )


def _make_disk(folder: Path, tree: Path) -> None:
    raw, fresh = folder / "disk.raw", folder / "disk.new"
    for old in folder.glob("disk*.qcow2"):
        old.unlink()
    raw.unlink(missing_ok=True)
    subprocess.run(["truncate", "-s", _SIZE, str(raw)], check=True)
    options = ["-E", "lazy_itable_init=1,nodiscard", "-O", "^has_journal"]
    subprocess.run(
        ["nice", "-n", "19", "mkfs.ext4", "-q", "-F", "-d", str(tree), *options, str(raw)], check=True
    )
    subprocess.run(
        ["nice", "-n", "19", "qemu-img", "convert", "-O", "qcow2", str(raw), str(fresh)], check=True
    )
    raw.unlink()
    for name in ("vmlinuz", "initrd.img"):
        newest = max((tree / "boot").glob(f"{name}-*"))
        shutil.copy(newest, folder / name)
    fresh.rename(disk(folder))
