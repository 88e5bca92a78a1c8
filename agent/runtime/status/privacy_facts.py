"""Privacy facts: what the settings that hold mean for the person, the one place that every screen asks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from agent.config.schema import Settings


@dataclass(frozen=True, slots=True)
class PrivacyFacts:
    """What is recorded, kept and sent under some settings.

    Attributes
    ----------
    learns_here : bool
        True where this computer makes the profile.
    keeps_recordings : bool
        True where recordings stay on this computer after learning.
    handed_to : str
        Host that recordings are handed to for central training; empty where they do not leave this computer.
    reports_activity : bool
        True where the sign of life tells how much the mouse is used.
    contact, objection_url : str
        Whom the person can turn to; empty where nobody was named.
    renews : bool
        True where movements are recorded again before a profile's term ends.
    signals_to : str
        Host of the identity provider that is told of suspicions and locks; empty for none.
    """

    learns_here: bool = True
    keeps_recordings: bool = False
    handed_to: str = ""
    reports_activity: bool = False
    contact: str = ""
    objection_url: str = ""
    renews: bool = False
    signals_to: str = ""

    @classmethod
    def under(cls, settings: Settings) -> PrivacyFacts:
        """The facts under `settings`."""
        return cls(
            learns_here=settings.enrolment.local,
            keeps_recordings=settings.enrolment.keep_recordings and settings.enrolment.local,
            renews=settings.enrolment.local and settings.enrolment.renew_days_before > 0,
            handed_to=urlsplit(settings.central.recordings_url).netloc if settings.hands_over else "",
            reports_activity=settings.alerts.heartbeat_rate,
            contact=settings.people.contact,
            objection_url=settings.people.objection_url,
            signals_to=urlsplit(settings.alerts.setting("ssf_receiver_url")).netloc,
        )

    @property
    def records(self) -> bool:
        """True where movements are recorded at all."""
        return self.learns_here or bool(self.handed_to)
