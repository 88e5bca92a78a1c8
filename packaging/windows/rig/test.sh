#!/bin/sh
# Runs under the rig's Windows Python what does not need Linux: the kernel against its reference, the engine, languages,
# access lists, and what only Windows does. Usage: packaging/windows/rig/test.sh, from the repository's root.
set -eu
sh packaging/windows/rig/kernel.sh "${PYTHON:-.venv/bin/python}" _fastfeat "$(pwd)/build/windows-rig"
exec packaging/windows/rig/run.sh python -m pytest -q -p no:cacheprovider --timeout 600 -o console_output_style=count \
    tests/windows tests/fastfeat tests/agent/engine tests/agent/files/test_windows_acl.py \
    tests/agent/test_standard_streams.py tests/enroll/test_metrics.py
