#!/bin/sh
# Lets a virtual environment see Debian's PyGObject (package python3-gi), and nothing else of Debian's Python.
# It is compiled for one minor version of Python; with another one the tray falls back to its xorg back-end.
set -eu
venv=$1
tag=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
debian=/usr/lib/python3/dist-packages/gi
if [ -e "$debian/_gi$tag" ]; then
    ln -sfn "$debian" "$site/gi"
    echo "tray: GTK and application indicator through Debian's python3-gi"
else
    echo "tray: no python3-gi for this Python ($tag); the tray will use its xorg back-end, without a menu"
fi
