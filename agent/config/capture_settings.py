"""Settings of capture: which input counts as a hand's, and what follows where it is not seen."""

from __future__ import annotations

from dataclasses import dataclass

from agent.files.options import setting


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """What is taken in."""

    trust_synthetic: bool = setting(
        False, "judge synthetic input like a hand's: for test displays only, never by default"
    )
    synthetic_grace_min: float = setting(
        10.0,
        "minutes that a program may move the mouse, or spoil what a hand does, before policy's answer follows; judged "
        "use of a hand counts against them",
        least=0.25,
        most=480.0,
    )
    synthetic_answer: str = setting(
        "alert", "what follows when synthetic input goes on for longer", choices=("alert", "lock")
    )
    synthetic_allowed_for: tuple[str, ...] = setting(
        (),
        "accounts whose synthetic input is expected, such as that of assistive technology or remote support: it is not "
        "judged, and neither alerts nor locks; * for everybody",
    )
    mouse_service: bool = setting(
        True,
        "Linux: the mouse service may read the mice for the agents of people at Wayland desktops; taken up when the "
        "service starts",
    )
    restarts_most_per_hour: int = setting(
        6, "interruptions of capture in an hour before policy's answer follows", least=1, most=1000
    )
    restarts_answer: str = setting(
        "alert", "what follows when capture is interrupted more often", choices=("alert", "lock")
    )
    elevated_alert_s: float = setting(
        60.0,
        "Windows: seconds that the mouse may move over administrators' windows, where nobody can be recognised, before "
        "an alert; seconds in which it is seen count against them",
        least=5.0,
        most=3600.0,
    )
