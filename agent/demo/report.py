"""What the demonstration prints at its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agent.demo.observer import SeenAlert
from agent.demo.outcome import DemoOutcome
from agent.demo.people import DemoPeople
from agent.demo.scenario import POLICY
from agent.engine.sentence import quantity


def report(people: DemoPeople, outcome: DemoOutcome, alerts_file: Path) -> Iterator[str]:
    """Line by line, for people."""
    yield from ("", "The policy that was used", "")
    yield from (f"    {line}" for line in POLICY.strip().splitlines())
    yield from ("", "What happened", "")
    for name, text in _rows(people, outcome, alerts_file):
        yield f"    {name:<18}{text}"
    yield from _why(outcome.intruder)
    yield from ("", "Screenshots", "", *(f"    {path}" for path in outcome.screenshots), "")
    if not outcome.punctual:
        yield "Without root the input could not be played on time; a hand that is late is another hand."
    yield _conclusion(outcome)


def _rows(people: DemoPeople, outcome: DemoOutcome, alerts_file: Path) -> Iterator[tuple[str, str]]:
    lowest, last = outcome.owner_trust
    yield "people", people.source
    yield (
        "enrolment",
        f"{quantity(len(people.enrolment), 'session')}, learnt "
        f"and protecting {outcome.enrolled_s:.1f} s after the start",
    )
    yield (
        "owner",
        f"{quantity(outcome.owner_actions, 'action')} in {outcome.owner_s:.0f} "
        f"s, trust {lowest} at the lowest, {last} at the end, " + _done_to_the_owner(outcome),
    )
    yield "captured", f"{outcome.events_seen:,} of {outcome.events_sent:,} events that were played"
    yield "suspicious", _after(outcome.suspicious, outcome.took_over_unix_s, "never")
    yield "intruder", _after(outcome.intruder, outcome.took_over_unix_s, "never found")
    yield "lock", _locked(outcome)
    yield "alert", f"{_arrived(outcome)} in {alerts_file}"


def _done_to_the_owner(outcome: DemoOutcome) -> str:
    if outcome.owner_left_alone:
        return "not locked out, no alert"
    kinds = ", ".join(outcome.owner_alerts)
    return f"LOCKED OUT ({kinds})" if outcome.owner_locked_out else f"not locked out, FALSE ALERT ({kinds})"


def _after(alert: SeenAlert | None, took_over_unix_s: float, never: str) -> str:
    if alert is None:
        return never
    seconds = alert.time_s - took_over_unix_s
    when = f"{seconds:.1f} s after the mouse changed hands"
    if seconds < 0:
        when = f"against the OWNER, {-seconds:.1f} s before the mouse changed hands"
    return f"{when}, {quantity(alert.fields['actions'], 'action')} into the departure, trust {alert.fields['trust']}"


def _locked(outcome: DemoOutcome) -> str:
    if outcome.lock is None or outcome.intruder is None:
        return "no lock"
    seconds = outcome.lock.time_s - outcome.intruder.time_s
    grabbed = "input is grabbed" if outcome.grabbed else "but input is NOT grabbed"
    return f"{outcome.lock.message}, {seconds:.1f} s after the verdict (countdown included); {grabbed}"


def _arrived(outcome: DemoOutcome) -> str:
    if outcome.intruder is None or outcome.lock is None:
        return "incomplete"
    same = outcome.intruder.finding_id == outcome.lock.finding_id
    return "two records under one finding" if same else "records that do not belong together"


def _why(alert: SeenAlert | None) -> Iterator[str]:
    if alert is None:
        return
    yield from ("", "Why the agent said so", "")
    yield from (f"    {reason}" for reason in alert.reasons)


def _conclusion(outcome: DemoOutcome) -> str:
    if outcome.went_well and outcome.owner_left_alone:
        return "The owner was left alone, the intruder was locked out, and the alert arrived."
    if outcome.went_well:
        return (
            "The intruder was locked out and the alert arrived. The owner was not locked out, but "
            f"{len(outcome.owner_alerts)} false alert(s) were raised against the owner."
        )
    failures = []
    if outcome.owner_locked_out:
        failures.append("the owner was locked out")
    if not outcome.intruder_locked_out:
        failures.append("the intruder was not locked out")
    return f"The demonstration FAILED: {' and '.join(failures)}."
