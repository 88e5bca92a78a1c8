#!/bin/sh
# Installs the Debian packages that Steadyhand's build, tests and demonstration need; with --package also those that
# making and trying packages takes. Idempotent; says what it does.
# Without root it changes nothing and prints the line to run.
set -eu

build="gcc make python3-dev python3-venv"
# A display of its own: X server, window manager, panels with a tray, notifications, a session bus, a terminal to work in.
display="xvfb openbox tint2 xfce4-panel dunst notification-daemon x11vnc dbus dbus-x11 x11-utils xdotool xterm fonts-dejavu-core"
# The tray's menu and notifications come through GTK and the application indicator.
tray="python3-gi gir1.2-gtk-3.0 gir1.2-ayatanaappindicator3-0.1 gir1.2-notify-0.7"
# Lockers to lock with, a syslog receiver with TLS to deliver to, a web server to fetch from.
services="i3lock xsecurelock rsyslog rsyslog-openssl lnav nginx python3-dbusmock libevdev2"
# An X server with mice that tests plug in and move, and udev trees to read.
mice="xserver-xorg-core xserver-xorg-video-dummy xinput udev umockdev"
# Packages: an MSI is made and looked into, a clean Debian is made to install into, metadata is checked.
packages="wixl msitools debootstrap appstream desktop-file-utils faketime rpm diffoscope-minimal qemu-user-static gcc-aarch64-linux-gnu
    libc6-dev-arm64-cross"
# The pages and the report are looked at in a real browser.
browser="chromium"
# What is released is signed, and checked with the tools that everybody has.
signing="gnupg apt-utils osslsigncode"
wanted="$build $display $tray $services $mice $browser $signing"
[ "${1:-}" != --package ] || wanted="$wanted $packages"

command -v dpkg-query >/dev/null || {
    echo "prerequisites: this is not Debian or a relative of it: install what provides: $wanted" >&2
    exit 2
}

missing=""
for package in $wanted; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] ||
        missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "prerequisites: all Debian packages are there"
    exit 0
fi

line="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -ne 0 ]; then
    echo "prerequisites: Debian packages are missing; run: sudo apt-get update && sudo $line" >&2
    exit 2
fi
echo "prerequisites: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# The test runs receivers of its own: the machine's syslog service must not start because of us.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
$line
