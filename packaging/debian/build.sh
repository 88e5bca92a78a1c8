#!/bin/sh
# Builds dist/steadyhand_VERSION_ARCH.deb (the agent) and dist/steadyhand-enroll_VERSION_ARCH.deb (makes profiles, with
# scikit-learn) from what packaging/frozen/build.sh packed.
# Usage: packaging/debian/build.sh PYTHON, from the repository's root. PYTHON has Steadyhand installed.
set -eu
. packaging/reproducible.sh
python=$1
version=$("$python" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
architecture=$(dpkg --print-architecture)
top=build/debian
rm -rf "$top" dist/*.deb
mkdir -p dist

# libc NAME: the newest version of the C library that anything in the folder asks for.
libc() {
    find "$1" -type f \( -name '*.so*' -o -perm -u+x \) -exec grep -aoh 'GLIBC_2\.[0-9]*' {} + |
        sed 's/GLIBC_//' | sort -uV | tail -n 1
}

# finish PACKAGE CONTROL: the notices, the control file, the archive.
finish() {
    root=$top/$1
    doc=$root/usr/share/doc/$1
    mkdir -p "$doc" "$root/DEBIAN"
    install -m 644 packaging/debian/copyright "$doc/copyright"
    gzip -9nc build/frozen/notices.txt >"$doc/THIRD-PARTY-NOTICES.gz"
    gzip -9nc dist/steadyhand.cdx.json >"$doc/sbom.cdx.json.gz"
    size=$(du -sk --exclude=DEBIAN "$root" | cut -f 1)
    sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" \
        -e "s/@LIBC@/$(libc "$root/usr/lib/$1")/" "packaging/debian/$2" >"$root/DEBIAN/control"
    (cd "$root" && find etc -type f 2>/dev/null | sed 's,^,/,') >"$root/DEBIAN/conffiles" || true
    [ -s "$root/DEBIAN/conffiles" ] || rm "$root/DEBIAN/conffiles"
    # A quarter larger than with xz, but made in a second, and unpacked in less.
    dpkg-deb --root-owner-group -Zzstd --build "$root" dist >/dev/null
}

agent=$top/steadyhand
mkdir -p "$agent/usr/lib" "$agent/usr/bin" "$agent/etc/xdg/autostart" "$agent/etc/steadyhand/keys" \
    "$agent/etc/steadyhand/policies/managed" "$agent/etc/steadyhand/policies/recommended"
cp -a build/frozen/steadyhand "$agent/usr/lib/steadyhand"
ln -s ../lib/steadyhand/steadyhand "$agent/usr/bin/steadyhand"
# The tray's menu and notifications come from Debian's PyGObject, where it is installed; else the link leads nowhere.
ln -s /usr/lib/python3/dist-packages/gi "$agent/usr/lib/steadyhand/_internal/gi"
# Where the agent looks for it: it ends there only with the other package.
ln -s ../steadyhand-enroll/steadyhand-enroll "$agent/usr/lib/steadyhand/steadyhand-enroll"
install -Dm 644 -t "$agent/usr/lib/systemd/user" packaging/systemd/user/steadyhand.service
install -Dm 755 -t "$agent/usr/lib/systemd/user-generators" packaging/systemd/user-generators/steadyhand-generator
# Optional: an administrator enables it.
install -Dm 644 -t "$agent/usr/lib/systemd/system" packaging/systemd/system/steadyhand-relay.service
# On by default: without it a Wayland session shows its mouse to nobody.
install -Dm 644 -t "$agent/usr/lib/systemd/system" packaging/systemd/system/steadyhand-mouse.service \
    packaging/systemd/system/steadyhand-program-check.socket packaging/systemd/system/steadyhand-program-check.service \
    packaging/systemd/system/steadyhand-own-program-check.socket packaging/systemd/system/steadyhand-own-program-check.service
install -Dm 644 -t "$agent/usr/lib/sysusers.d" packaging/systemd/sysusers.d/steadyhand-relay.conf \
    packaging/systemd/sysusers.d/steadyhand-mouse.conf
mkdir -p "$agent/usr/lib/systemd/user/graphical-session.target.wants"
ln -s ../steadyhand.service "$agent/usr/lib/systemd/user/graphical-session.target.wants/steadyhand.service"
install -m 644 packaging/linux/steadyhand-autostart.desktop "$agent/etc/xdg/autostart/steadyhand.desktop"
install -Dm 644 -t "$agent/usr/share/applications" packaging/linux/steadyhand.desktop packaging/linux/steadyhand-was-me.desktop
install -Dm 644 -t "$agent/usr/share/metainfo" packaging/linux/org.steadyhand.Steadyhand.metainfo.xml
install -Dm 644 -t "$agent/etc/apparmor.d" packaging/apparmor/steadyhand-mouse packaging/apparmor/steadyhand-program-check \
    packaging/apparmor/steadyhand-own-program-check packaging/apparmor/steadyhand-relay
install -Dm 644 -t "$agent/usr/share/polkit-1/actions" packaging/linux/org.steadyhand.policy
install -Dm 644 -t "$agent/usr/share/polkit-1/rules.d" packaging/linux/50-steadyhand-relay.rules
install -Dm 755 -t "$agent/usr/lib/steadyhand" packaging/linux/steadyhand-proof packaging/linux/steadyhand-session
install -Dm 644 packaging/linux/sway.conf "$agent/etc/sway/config.d/50-steadyhand.conf"
install -Dm 644 -t "$agent/usr/share/steadyhand" packaging/policy/steadyhand.schema.json
"$python" - "$agent/usr/share/icons/hicolor" <<'PYTHON'
import sys
from pathlib import Path

from agent.runtime.status.snapshot import State
from agent.ui.icons import icon

for side_px in (16, 24, 32, 48, 64, 128, 256):
    folder = Path(sys.argv[1], f"{side_px}x{side_px}", "apps")
    folder.mkdir(parents=True)
    icon(State.PROTECTING, side_px).save(folder / "steadyhand.png")
PYTHON
for shell in bash:bash-completion/completions/steadyhand zsh:zsh/vendor-completions/_steadyhand \
    fish:fish/vendor_completions.d/steadyhand.fish; do
    mkdir -p "$(dirname "$agent/usr/share/${shell#*:}")"
    "$python" -m agent completion "${shell%%:*}" >"$agent/usr/share/${shell#*:}"
done
# What hints name.
for package in steadyhand steadyhand-enroll; do
    install -Dm 644 -t "$top/$package/usr/share/doc/$package/docs" docs/*.md
    install -Dm 644 -t "$top/$package/usr/share/doc/$package/docs/images" docs/images/*.png
done
"$python" -m docs.make_man build/man
mkdir -p "$agent/usr/share/man/man1" "$top/steadyhand-enroll/usr/share/man/man1"
gzip -9nc build/man/steadyhand.1 >"$agent/usr/share/man/man1/steadyhand.1.gz"
gzip -9nc build/man/steadyhand-enroll.1 >"$top/steadyhand-enroll/usr/share/man/man1/steadyhand-enroll.1.gz"
mkdir -p "$agent/DEBIAN"
install -m 755 packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm "$agent/DEBIAN"
finish steadyhand control.agent

enroll=$top/steadyhand-enroll
mkdir -p "$enroll/usr/lib" "$enroll/usr/bin"
cp -a build/frozen/steadyhand-enroll "$enroll/usr/lib/steadyhand-enroll"
ln -s ../lib/steadyhand-enroll/steadyhand-enroll "$enroll/usr/bin/steadyhand-enroll"
for shell in bash:bash-completion/completions/steadyhand-enroll zsh:zsh/vendor-completions/_steadyhand-enroll \
    fish:fish/vendor_completions.d/steadyhand-enroll.fish; do
    mkdir -p "$(dirname "$enroll/usr/share/${shell#*:}")"
    "$python" -m enroll completion "${shell%%:*}" >"$enroll/usr/share/${shell#*:}"
done
finish steadyhand-enroll control.enroll
ls -sh dist/*.deb
