"""What is recorded, in words for the person whose movements they are."""

from __future__ import annotations

from dataclasses import dataclass

from agent.language.language import ENGLISH, Language, mark
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.privacy_notice import contact_lines, privacy_lines
from agent.runtime.status.snapshot import State
from agent.ui.page import bullets, page, paragraph, section

RECORDED = (
    mark("when the mouse moves, and where the pointer then is on the screen"),
    mark("when a mouse button is pressed or released, and which one"),
    mark("when and how far the wheel is turned"),
    mark("which mouse it is and how it is set: model, resolution, pointer speed"),
)

NOT_RECORDED = (
    mark("no key that you press and nothing that you type"),
    mark("no picture of the screen, no window title, no program, no web address"),
    mark("no sound, no camera, no location"),
    mark("nothing that says what you work on"),
)

SENT = (
    mark(
        "An alert, to the security team of your organisation: that the movement departed from yours, when, how "
        "strongly, in which group (speed, path, rhythm, clicking, scrolling) and with which mouse. It holds no "
        "path of the pointer."
    ),
    mark(
        "A sign of life every minute, when the agent starts and ends, and when the computer sleeps: these show "
        "when the computer was on."
    ),
)
ACTIVITY = mark(
    "With the sign of life, because your organisation has switched it on: how many mouse events there were, how "
    "busy the agent was and what it was doing. These follow how you work minute by minute."
)
SIGNALS = mark(
    "A signal, to your organisation's identity provider at `{host}`: that your account is suspected or was locked, and "
    "when. It holds no reasons and not which computer. The provider may then ask you to sign in again."
)
NO_ACTIVITY = mark("Nothing that says how much you work or how busy you are.")


@dataclass(frozen=True, slots=True)
class Storage:
    """Where things lie on this computer, and how they are erased.

    Attributes
    ----------
    recordings, profiles, alerts : str
        Folders or files as the person can open them.
    erase_command : str
        What erases the recordings.
    """

    recordings: str
    profiles: str
    alerts: str
    erase_command: str = ""


def recorded_page(storage: Storage, facts: PrivacyFacts, language: Language = ENGLISH) -> str:
    """What is recorded, what is not, where it is, who sees it, how it is erased: a self-contained HTML document."""
    text = language.text
    recorded = (
        (section(text("Recorded while it learns"), bullets(tuple(map(text, RECORDED)))),)
        if facts.records
        else ()
    )
    contact = contact_lines(facts, language)
    body = "\n".join(
        (
            section(text("In three sentences"), *map(paragraph, privacy_lines(facts, language))),
            *recorded,
            section(text("Never recorded"), bullets(tuple(map(text, NOT_RECORDED)))),
            section(text("Where it is"), *_places(storage, facts, language)),
            section(text("What is sent, and to whom"), *_sent(facts, language)),
            section(text("How to erase it"), *_erasing(storage, facts, language)),
            *((section(text("Whom to ask"), bullets(contact)),) if contact else ()),
        )
    )
    foot = text("This page is a file on your computer. It loads nothing and reports nothing.")
    title, subtitle = text("What is recorded"), text("Steadyhand and your data")
    return page(title, subtitle, State.STARTING, body, foot, language.code)


def _places(storage: Storage, facts: PrivacyFacts, language: Language) -> tuple[str, ...]:
    text = language.text
    if facts.handed_to:
        retention = text("They are deleted here once they have been handed over.")
    elif facts.keeps_recordings:
        retention = text("They are kept after learning, because your organisation's policy asks for it.")
    else:
        retention = text("They are deleted as soon as learning is complete.")
    where = text("Recordings: `{folder}`, encrypted (AES-256-GCM).", folder=storage.recordings)
    profiles = text(
        "Profiles: `{folder}`. A profile holds figures about how you move, such as speeds and curvatures; no path "
        "of the pointer can be drawn from it.",
        folder=storage.profiles,
    )
    return (
        *((paragraph(f"{where} {retention}"),) if facts.records else ()),
        paragraph(profiles),
        paragraph(text("Alerts: `{file}`.", file=storage.alerts)),
    )


def _sent(facts: PrivacyFacts, language: Language) -> tuple[str, ...]:
    text = language.text
    activity = ACTIVITY if facts.reports_activity else NO_ACTIVITY
    if facts.handed_to:
        recordings = text(
            "Your recordings, to `{host}`, because your organisation's policy asks for them: sealed so that only "
            "your administrator can open them, until there is enough for a profile.",
            host=facts.handed_to,
        )
    elif facts.records:
        recordings = text(
            "Recordings do not leave this computer: your organisation's policy does not ask for them."
        )
    else:
        recordings = text("There are no recordings that could be sent.")
    signals = (paragraph(text(SIGNALS, host=facts.signals_to)),) if facts.signals_to else ()
    return (*(paragraph(text(line)) for line in (*SENT, activity)), *signals, paragraph(recordings))


def _erasing(storage: Storage, facts: PrivacyFacts, language: Language) -> tuple[str, ...]:
    text = language.text
    if not facts.records:
        return (paragraph(text("Nothing is recorded. Your administrator can erase your profile.")),)
    if storage.erase_command:
        how = text("`{command}` erases your recordings at once.", command=storage.erase_command)
    else:
        how = text("Ask your administrator: erasing is not set up on this computer.")
    after = text("Without a profile Steadyhand has nothing to compare with, and it begins to learn again.")
    return paragraph(how), paragraph(after)
