"""What works on this computer, and how to mend what doesn't."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus

from agent.config.loading import load_configuration
from agent.config.schema import CentralSettings
from agent.config.signed_policy import MOST_POLICY_BYTES, POLICY_NAME
from agent.doctor_alerts import look_at_alerts
from agent.doctor_mends import mends
from agent.engine.errors import SteadyhandError
from agent.files.devices import Declared, declared_devices
from agent.files.documents import document_path
from agent.files.keys import load_trust, recording_key
from agent.files.paths import Paths
from agent.files.published_index import INDEX_NAME, MOST_INDEX_BYTES
from agent.findings import Finding, Health
from agent.host.api import CannotSee, HostServices, LockResult
from agent.host.ring import Ring
from agent.host.select import services
from agent.runtime.central.folder import Folder, FolderClient
from agent.ui.controls import desktop_facilities, tray_finding

_SESSIONS = {"win32": "Windows", "darwin": "macOS"}


def examine(paths: Paths, *, test_lock: bool, test_alert: bool = False) -> list[Finding]:
    """Look at every part. Locks the screen only with `test_lock`, sends an alert only with `test_alert`.

    Parameters
    ----------
    paths : Paths
    test_lock : bool
        Really lock, and see whether it locked.
    test_alert : bool
        Really send an alert to every destination.
    """
    try:
        configuration = load_configuration(paths)
    except SteadyhandError as error:
        return [Finding("settings", Health.BROKEN, error.what, error.mend)]
    declared = declared_devices(paths)
    host = services(configuration.settings.response.lockers, declared=lambda: declared, only_looks=True)
    findings = [Finding("settings", Health.OK, str(paths.settings_file))]
    findings += [
        Finding("policy", Health.BROKEN, problem, mends().policy) for problem in configuration.problems
    ]
    findings.append(_capture(host))
    findings += _mice(host, declared, paths)
    findings += [look(host) for look in (_idle, _tray)]
    findings.append(_lock(host, test_lock))
    findings.append(_reauthentication(host))
    findings += _keys(paths, local=configuration.settings.enrolment.local)
    findings += _folders(configuration.settings.central)
    findings += look_at_alerts(configuration.settings.alerts, paths, send=test_alert)
    return findings + [Finding("desktop", Health.DEGRADED, note) for note in host.notes]


def _capture(host: HostServices) -> Finding:
    session = os.environ.get("XDG_SESSION_TYPE", _SESSIONS.get(sys.platform, "unknown session type"))
    source = host.pointer()
    try:
        source.start(Ring())
    except CannotSee as why:
        return Finding("capture", Health.BROKEN, f"cannot see the mouse ({session})", str(why))
    source.stop()
    return Finding("capture", Health.OK, f"the mouse can be seen ({session})")


def _mice(host: HostServices, declared: Declared, paths: Paths) -> Iterator[Finding]:
    """A finding for each mouse, each of its values with who told it."""
    for problem in declared.problems:
        yield Finding("mouse", Health.BROKEN, problem, f"see {document_path('mouse.md')}")
    mice = host.mice.connected()
    if not mice:
        yield Finding(
            "mouse", Health.DEGRADED, "no mouse is connected, or none can be described", "plug one in"
        )
    for mouse in mice:
        mend = f"see {document_path('mouse.md')} on what is doubtful" if mouse.doubts else ""
        if not mouse.cpi:
            mend = f"declare its CPI in {paths.devices_dir}: {document_path('mouse.md')}"
        health = Health.DEGRADED if mend else Health.OK
        yield Finding("mouse", health, mouse.name or "unnamed", mend, mouse.lines())


def _idle(host: HostServices) -> Finding:
    problem = host.idle.problem()
    if problem:
        return Finding("idle", Health.DEGRADED, problem, mends().idle)
    idle_ms = host.idle.idle_ms()
    if idle_ms is None:
        return Finding("idle", Health.OK, "the desktop tells when input comes; none came since it was asked")
    return Finding("idle", Health.OK, f"last input {idle_ms} ms ago")


def _tray(host: HostServices) -> Finding:
    if not sys.platform.startswith("linux"):
        return Finding("tray", Health.OK, "the icon is the system's own")
    offers = desktop_facilities(os.environ, has_buttons=host.notifier.has_buttons())
    return tray_finding(offers, mends().tray)


def _lock(host: HostServices, test_lock: bool) -> Finding:
    names = ", ".join(host.lock.names())
    if not names:
        return Finding("lock", Health.BROKEN, "no locker answers here", mends().no_locker)
    if not test_lock:
        return Finding("lock", Health.OK, f"would try: {names}", "")
    report = host.lock.lock()
    if report.result is LockResult.LOCKED:
        return Finding("lock", Health.OK, f"locked and seen locked by {report.locker}")
    return Finding("lock", Health.BROKEN, "; ".join(report.tried), mends().lock)


def _reauthentication(host: HostServices) -> Finding:
    if host.reauthentication.available():
        return Finding("identity", Health.OK, "this computer can ask who you are")
    return Finding("identity", Health.DEGRADED, "this computer cannot ask who you are", mends().identity)


def _keys(paths: Paths, *, local: bool) -> Iterator[Finding]:
    trust = load_trust(paths, local=local)
    for problem in trust.problems:
        yield Finding("keys", Health.BROKEN, problem, f"see {document_path('files.md')}")
    yield _guarded("keys", lambda: f"recording key of {len(recording_key(paths))} bytes in a 0600 file")


def _folders(central: CentralSettings) -> Iterator[Finding]:
    """Whether the administrator's folders answer; nothing where policy names none."""
    for folder in (Folder.of_profiles(central), Folder.of_recordings(central)):
        if not folder.url:
            continue
        try:
            headers = folder.headers()
            with folder.client() as client:
                trouble = client.check().detail
                if not trouble and folder == Folder.of_profiles(central):
                    trouble = _index_trouble(client, folder, headers)
        except SteadyhandError as error:
            trouble = str(error)
        if trouble:
            yield Finding("folder", Health.DEGRADED, trouble, "what was fetched before goes on holding")
        else:
            yield Finding("folder", Health.OK, f"{folder.setting} {folder.url} can be reached")


def _index_trouble(client: FolderClient, folder: Folder, headers: dict[str, str]) -> str:
    """Why nothing can be fetched from a folder that answers; empty where there is an index, or a folder without one."""
    answer = client.get(f"/{INDEX_NAME}", headers, MOST_INDEX_BYTES)
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return answer.detail
    if answer.status != HTTPStatus.NOT_FOUND:
        return ""
    if client.get(f"/{POLICY_NAME}", headers, MOST_POLICY_BYTES).status != HTTPStatus.NOT_FOUND:
        return ""  # published before there was an index
    return f"{folder.setting} {folder.url} holds neither {INDEX_NAME} nor {POLICY_NAME}: the address may be wrong"


def _guarded(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part, Health.OK, look())
    except SteadyhandError as error:
        return Finding(part, Health.BROKEN, error.what, error.mend)
