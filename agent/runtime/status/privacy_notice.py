"""Privacy notice: three sentences shown once, before anything is recorded, and the same everywhere."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.private import read_private, write_private
from agent.host.dialogue import ShowDialogue
from agent.host.notifier import Notifier
from agent.language.language import ENGLISH, Language, mark
from agent.runtime.status.privacy_facts import PrivacyFacts

_MOST_BYTES: Final = 1 << 16

LOG: Final = logging.getLogger(__name__)
TITLE: Final = mark("What Steadyhand records")
# First, since banners show some 45 characters of a notification.
WHERE_ALL_IS: Final = mark("All of it: steadyhand open.")

PURPOSE: Final = mark(
    "Steadyhand looks at how the mouse moves (when, where, its buttons and its wheel) to notice when somebody "
    "else uses your unlocked computer."
)
NEVER: Final = mark(
    "It sees no key, no text, no window and no program, and it reports nothing about how much you work."
)
REPORTS_ACTIVITY: Final = mark(
    "It sees no key, no text, no window and no program, but your organisation has switched on that it reports once a "
    "minute how much the mouse is used."
)
LEARNS: Final = mark(
    "Until it knows how you move the mouse, after a few hours of normal work, the movements are kept encrypted on "
    "this computer; then they are deleted, and the tray shows you everything that is kept."
)
RENEWS: Final = mark(
    "Until it knows how you move the mouse, after a few hours of normal work, and again before your profile's term "
    "ends, the movements are kept encrypted on this computer; then they are deleted, and the tray shows you "
    "everything that is kept."
)
KEEPS: Final = mark(
    "The movements are kept encrypted on this computer until it knows how you move the mouse, after a few hours "
    "of normal work, and also afterwards, because your organisation's policy asks for it; the tray shows you "
    "everything that is kept."
)
HANDS_OVER: Final = mark(
    "Your administrator makes your profile: until it is there, after a few hours of normal work, the movements "
    "are kept encrypted on this computer, handed over so that only your administrator can open them, and then "
    "deleted here; the tray shows you everything that is kept."
)
RECORDS_NOTHING: Final = mark(
    "It compares with a profile that your administrator has made and keeps no movements on this computer; "
    "the tray shows you everything that is kept."
)


def sentences(facts: PrivacyFacts) -> tuple[str, str, str]:
    """The three sentences in English, as the catalogue has them."""
    never = REPORTS_ACTIVITY if facts.reports_activity else NEVER
    if facts.learns_here:
        learns = RENEWS if facts.renews else LEARNS
        return PURPOSE, never, KEEPS if facts.keeps_recordings else learns
    return PURPOSE, never, HANDS_OVER if facts.handed_to else RECORDS_NOTHING


def contact_lines(facts: PrivacyFacts, language: Language) -> tuple[str, ...]:
    """Whom the person can ask, and where they can object; a line each, where policy names any."""
    lines = []
    if facts.contact:
        lines.append(language.text("Questions: {contact}", contact=facts.contact))
    if facts.objection_url:
        lines.append(language.text("To object: {address}", address=facts.objection_url))
    return tuple(lines)


def notice_lines(facts: PrivacyFacts, language: Language = ENGLISH) -> tuple[str, ...]:
    """What the person reads: the three sentences in their language, and whom to ask."""
    return (*privacy_lines(facts, language), *contact_lines(facts, language))


def privacy_lines(facts: PrivacyFacts, language: Language) -> tuple[str, ...]:
    """The three sentences in the person's language.

    Beside a translation that nobody has reviewed stands the English, which is what was agreed.
    """
    english = sentences(facts)
    beside = () if language.is_reviewed else tuple(f"(English) {line}" for line in english)
    return (*map(language.text, english), *beside)


def was_told(marker: Path, sentence: str) -> bool:
    """True if the person has been told this very sentence, in whatever language: without it, nothing is handed over."""
    try:
        return sentence in read_private(marker, _MOST_BYTES).decode()
    except (OSError, SteadyhandError, ValueError):
        return False


@dataclass(frozen=True, slots=True)
class Receipt:
    """How the notice is given, and what stands above it in the file that says it was.

    Attributes
    ----------
    version : str
        The agent's.
    language : Language
    window : callable or None
        Shows the notice in a window, where notifications are too short for it and nobody reads a terminal: then it was
        given when somebody has closed that window, and not before.
    """

    version: str
    language: Language = ENGLISH
    window: ShowDialogue | None = None


def introduce(
    marker: Path, facts: PrivacyFacts, notifier: Notifier, say: Callable[[str], None], receipt: Receipt
) -> bool:
    """Say the three sentences, on the terminal and as a notification, once and whenever they change. May block 200 ms.

    Parameters
    ----------
    marker : Path
        Holds what was told last; written here: version and language, then the sentences in English.
    facts : PrivacyFacts
    notifier : Notifier
    say : callable
        Takes each line for the terminal.
    receipt : Receipt

    Returns
    -------
    bool
        True if they were said, or are in a window of their own.
    """
    english = sentences(facts)
    if all(was_told(marker, sentence) for sentence in english):
        return False
    language = receipt.language
    lines = notice_lines(facts, language)
    say(language.text(TITLE) + ":")
    for line in lines:
        say(line)
    if receipt.window is not None:
        threading.Thread(
            target=_show_and_note,
            args=(receipt.window, marker, lines, receipt, english),
            name="steadyhand-notice",
            daemon=True,
        ).start()
        return True
    # A desktop without notifications has the terminal and the status page. What is no emergency goes away by itself.
    notifier.show(language.text(TITLE), " ".join((language.text(WHERE_ALL_IS), *lines)))
    _note(marker, receipt, english)
    return True


def _show_and_note(
    window: ShowDialogue, marker: Path, lines: Sequence[str], receipt: Receipt, english: Sequence[str]
) -> None:
    """Note that the notice was given once somebody has closed its window."""
    if window(receipt.language.text(TITLE), "\n\n".join(lines)):
        _note(marker, receipt, english)
    else:
        LOG.warning("the privacy notice could not be shown, and will be shown again")


def _note(marker: Path, receipt: Receipt, english: Sequence[str]) -> None:
    language = receipt.language
    try:
        text = "\n".join((f"steadyhand {receipt.version}, {language.code}", *english))
        write_private(marker, text.encode())
    except SteadyhandError as error:
        LOG.warning("the privacy notice will be shown again: %s", error)
