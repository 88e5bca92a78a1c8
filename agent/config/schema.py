"""Every setting: its default, its meaning and its bounds. TOML and policy files have the same sections."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.alerts.settings import AlertSettings
from agent.config.absence_settings import AbsenceSettings
from agent.config.capture_settings import CaptureSettings as CaptureSettings
from agent.config.sensitivity import SENSITIVITIES
from agent.files.options import ADDRESS, PROXY, setting

LOCKERS = (
    *("logind", "gnome", "freedesktop", "xfce", "xss-lock", "i3lock", "xsecurelock", "xscreensaver"),
    *("swaylock", "gtklock", "waylock"),
)


@dataclass(frozen=True, slots=True)
class JudgementSettings:
    """How evidence becomes a verdict."""

    mode: str = setting(
        "shadow", "shadow alerts and never locks; enforce locks as well", choices=("shadow", "enforce")
    )
    sensitivity: str = setting(
        "balanced",
        "how readily it alerts and locks: sets the two figures below where they are not set beside it",
        choices=tuple(SENSITIVITIES),
    )
    false_locks_per_40h: float = setting(
        1.0, "false locks that the owner may suffer per 40 hours of mouse use", least=0.05, most=20.0
    )
    false_alerts_per_40h: float = setting(
        5.0, "false alerts that may reach the security team per 40 hours of mouse use", least=0.05, most=100.0
    )
    intrusions_per_1000h: float = setting(
        0.5,
        "how often somebody else begins to use the owner's session, per 1,000 hours of mouse use: the prior of the "
        "probability that alerts state; 0.5 is about once in a year of full-time work, more than most offices see",
        least=0.001,
        most=100.0,
    )
    lock_on_estimate: bool = setting(
        False, "lock also while the profile's error rates are estimated and not yet observed"
    )
    no_evidence_alert_min: float = setting(
        10.0, "minutes of mouse use without evidence after which an alert is raised", least=1.0, most=480.0
    )
    unknown_mouse_grace_min: float = setting(
        60.0,
        "minutes that an unknown mouse may be used before policy's answer follows",
        least=1.0,
        most=10_080.0,
    )
    several_mice: str = setting(
        "unknown",
        "where several mice are connected and capture does not say which one moves (macOS, and Windows without raw "
        "input): together they are an unknown mouse, to be enrolled as such (unknown), or are taken for the first one "
        "(main)",
        choices=("unknown", "main"),
    )
    unknown_mouse_answer: str = setting(
        "alert", "what follows when an unknown mouse is not enrolled in time", choices=("alert", "lock")
    )


@dataclass(frozen=True, slots=True)
class ResponseSettings:
    """What happens after a verdict."""

    countdown_s: float = setting(
        10.0,
        "seconds of warning between the intruder verdict and the lock",
        least=0.0,
        most=60.0,
        comfort=True,
    )
    defer_while_presenting: float = setting(
        0.0,
        "seconds that a lock is put off, once per finding, while a program says that somebody presents; said in the "
        "alert; 0 to put nothing off",
        least=0.0,
        most=120.0,
    )
    false_locks_most_per_day: int = setting(
        2,
        "false locks in a day, each confirmed by the owner with a proof, after which the agent only alerts until the "
        "next day",
        least=1,
        most=50,
    )
    second_step: str = setting(
        "none",
        "what is asked for by itself while the countdown before a lock runs: a fingerprint, where fprintd has a reader "
        "and a finger of the user; a match ends the countdown like a password, and nothing prolongs it",
        choices=("none", "fingerprint"),
    )
    lockers: tuple[str, ...] = setting(
        LOCKERS, "lockers in the order in which they are tried", choices=LOCKERS
    )
    pause_allowed: bool = setting(True, "the employee may pause, after re-authentication", comfort=True)
    pause_most_min: float = setting(
        30.0, "minutes after which a pause ends by itself", least=1.0, most=480.0, comfort=True
    )

    @property
    def pause_min(self) -> float:
        """Minutes that one pause lasts."""
        return min(15.0, self.pause_most_min)


@dataclass(frozen=True, slots=True)
class EnrolmentSettings:
    """How the owner is learnt."""

    local: bool = setting(True, "this computer may enrol its user and sign the profile with its local key")
    actions: int = setting(1500, "mouse actions that make an enrolment", least=100, most=100_000)
    sessions: int = setting(3, "sessions of use over which they must be spread", least=2, most=100)
    until: str = setting(
        "enough",
        "when the profile is made: with the actions and sessions above (counts), or not before the data suffice and at "
        "the latest with four times the actions (enough)",
        choices=("enough", "counts"),
    )
    enough_error: float = setting(
        0.15,
        "the data suffice from this expected error of a stretch of 50 actions on, or where another hour would lower "
        "it by less than 0.02",
        least=0.01,
        most=0.5,
    )
    keep_recordings: bool = setting(False, "keep recordings after training instead of deleting them")
    background: str = setting("shipped", "how people differ: none, shipped, folder, or a signed file")
    renew_days_before: float = setting(
        0.0,
        "days before a local profile's term ends from which proven sessions are recorded for a new one, which replaces "
        "it where it agrees with it; 0 for no renewal",
        least=0.0,
        most=180.0,
    )


@dataclass(frozen=True, slots=True)
class CentralSettings:
    """Where signed profiles and policy come from, and where recordings go that an administrator learns from."""

    folder_url: str = setting(
        "",
        "HTTPS folder of signed profiles and policy that the agent asks by itself; empty for none",
        **ADDRESS,
    )
    every_min: float = setting(
        60.0,
        "minutes between two looks at the most; each is drawn from the last third",
        least=0.05,
        most=10_080.0,
    )
    recordings_url: str = setting(
        "",
        "HTTPS folder that recordings are handed to for central training, after the person was told; used only "
        "where enrolment.local is false; empty for none",
        **ADDRESS,
    )
    recordings_key: str = setting(
        "",
        "public key that recordings are sealed with, as steadyhand-enroll key --recordings prints it",
        pattern=r"([A-Za-z0-9+/]{43}=)?",
        shape="32 bytes in base64, or empty",
    )
    recordings_most_mb: float = setting(
        50.0, "megabytes of recordings that are handed over for one mouse at the most", least=1.0, most=1000.0
    )
    ca_file: str = setting("", "PEM file with the authorities of both folders; empty for those of the system")
    cert_file: str = setting("", "PEM file with this computer's certificate for them; empty for none")
    key_file: str = setting("", "PEM file with its private key")
    token_file: str = setting("", "file with mode 0600 that holds a bearer token for both; empty for none")
    proxy: str = setting(
        "",
        "HTTP proxy that both folders are reached through, such as http://proxy.example:3128; empty for none: the "
        "environment's is never used",
        **PROXY,
    )


@dataclass(frozen=True, slots=True)
class PeopleSettings:
    """Whom the people at the computers can turn to."""

    contact: str = setting(
        "",
        "who answers questions about Steadyhand (a name, telephone, mail); shown wherever it says what is recorded",
    )
    objection_url: str = setting(
        "", "page on which a person can object to being recorded; empty for none", **ADDRESS
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, one section an attribute."""

    judgement: JudgementSettings = JudgementSettings()
    response: ResponseSettings = ResponseSettings()
    enrolment: EnrolmentSettings = EnrolmentSettings()
    capture: CaptureSettings = field(default_factory=CaptureSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    central: CentralSettings = CentralSettings()
    people: PeopleSettings = PeopleSettings()
    absence: AbsenceSettings = field(default_factory=AbsenceSettings)

    @property
    def hands_over(self) -> bool:
        """True where an administrator learns from this computer's recordings, and the computer does not."""
        central = self.central
        return bool(central.recordings_url and central.recordings_key) and not self.enrolment.local
