#!/bin/sh
# Prints the licences of everything that is packed, and what the LGPL asks us to say.
# Usage: packaging/frozen/notices.sh PIP-LICENSES PYTHON
set -eu
cat <<'TEXT'
Third-party notices
===================

Steadyhand contains the libraries below, unchanged. pynput, pystray and python-xlib are under the GNU Lesser
General Public License, version 3 (python-xlib: 2.1 or later): they are plain Python files in the folder
_internal, and whoever has this package may change or replace them there. Their source is on PyPI under the
versions named here. The Python interpreter itself is under the Python Software Foundation's license.

TEXT
exec "$1" --python "$2" --format=plain-vertical --with-license-file --with-notice-file --no-license-path \
    --with-urls --ignore-packages steadyhand
