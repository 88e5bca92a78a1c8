#!/bin/sh
# Runs the portable and the Windows part of the test suite under the rig's Windows Python, on a display of its own, and
# says at the end of which commit, how many passed, and how long it took. The log stays as build/windows-show/tests.txt.
# The POSIX part is left out: whole folders that are Linux's (host, relay, mouse_service, runtime, demo, e2e, packaging ...),
# and what tests/posix_only.toml names with a reason. Enrolment is left out for its time, but for its metrics;
# tests/agent/files/test_hostile.py too, whose thousands of files take minutes under Wine.
# Usage: packaging/windows/rig/test.sh, from the repository's root.
set -eu
show=build/windows-show
counts=$show/counts.txt
mkdir -p "$show"
rm -f "$counts"
export WINEPREFIX="$(pwd)/build/windows-rig/prefix" WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES="mscoree=d;mshtml=d" DISPLAY=:432
export LIMIT_S="${LIMIT_S:-2400}"
windows="tests/agent/files/test_windows_acl.py tests/agent/files/test_administrators_dir.py
    tests/agent/alerts/transports/test_eventlog.py tests/agent/config/test_policy_native.py"
left_out=$(for path in $windows tests/agent/files/test_hostile.py; do echo "--ignore $path"; done)

desktop() {
    sh packaging/windows/rig/kernel.sh "${PYTHON:-.venv/bin/python}" _fastfeat "$(pwd)/build/windows-rig"
    /usr/lib/wine/wineserver64 -k || true # a desktop of another display would stay
    Xvfb $DISPLAY -screen 0 1280x800x24 -nolisten tcp >/dev/null 2>&1 &
    display=$!
    trap '/usr/lib/wine/wineserver64 -k; kill $display' EXIT
    sleep 1
    # One desktop for all programs; a program stays on it, so that it does.
    timeout 3600 /usr/lib/wine/wine64 explorer /desktop=shell,1280x800 winemine.exe </dev/null >/dev/null 2>&1 &
    sleep 15
}

# part NAME ARGUMENT...: runs pytest; its last line, the counts, is kept. Fails where it fails.
part() {
    name=$1
    shift
    echo "windows-test: the $name part"
    code=0
    { packaging/windows/rig/run.sh python -m pytest -p no:cacheprovider --timeout 600 -rsfE -o console_output_style=count "$@" || echo $? >"$show/failed"; } |
        tee "$show/part.txt"
    [ ! -e "$show/failed" ] || code=$(cat "$show/failed")
    echo "windows-test: $name: $(tail -n 1 "$show/part.txt" | tr -d '\r=')" >>"$counts"
    rm -f "$show/part.txt" "$show/failed"
    return "$code"
}

parts() {
    failed=0
    # shellcheck disable=SC2086
    part Windows tests/windows tests/agent/host/test_windows*.py tests/agent/host/test_tray_notifier.py tests/agent/host/test_dialogue.py \
        tests/agent/relay/test_contract.py tests/agent/relay/test_pipe_transport.py \
        tests/agent/runtime/learning/test_training_child.py $windows || failed=1
    # shellcheck disable=SC2086
    part portable tests/fastfeat tests/agent/engine tests/agent/config tests/agent/commands tests/agent/language tests/agent/ui \
        tests/agent/alerts tests/agent/files tests/agent/test_*.py tests/enroll/test_metrics.py $left_out \
        -m "not slow and not display and not data and not deep" || failed=1
    return $failed
}

{
    began_s=$(date +%s)
    desktop
    code=0
    parts || code=$?
    echo "windows-test: commit $(git rev-parse HEAD)$(git diff --quiet HEAD || echo ', with changes'), $(date -u +%FT%TZ)"
    cat "$counts"
    echo "windows-test: $(($(date +%s) - began_s)) s, exit code $code"
} 2>&1 | tee "$show/tests.txt"
rm -f "$counts"
grep -q ', exit code 0$' "$show/tests.txt"
