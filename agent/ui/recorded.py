"""What is recorded, in words for the person whose movements they are."""

from __future__ import annotations

from dataclasses import dataclass

from agent.runtime.status.snapshot import State
from agent.ui.page import bullets, page, paragraph, section

RECORDED = (
    "when the mouse moves, and where the pointer then is on the screen",
    "when a mouse button is pressed or released, and which one",
    "when and how far the wheel is turned",
    "which mouse it is and how it is set: model, resolution, pointer speed",
)

NOT_RECORDED = (
    "no key that you press and nothing that you type",
    "no picture of the screen, no window title, no program, no web address",
    "no sound, no camera, no place",
    "nothing that says what you work on or how much you get done",
)


@dataclass(frozen=True, slots=True)
class Storage:
    """Where it is kept on this computer, and what policy says about it.

    Attributes
    ----------
    recordings, profiles, alerts : str
        Folders or files as the person can open them.
    keep_recordings : bool
        True where policy keeps recordings after training.
    erase_command : str
        What erases the recordings.
    handed_to : str
        The receiver of recordings, where policy asks for training by the administrator; empty elsewhere.
    """

    recordings: str
    profiles: str
    alerts: str
    keep_recordings: bool = False
    erase_command: str = ""
    handed_to: str = ""


def recorded_page(storage: Storage) -> str:
    """What is recorded, what is not, where it lies and how it is erased: a self-contained HTML document."""
    body = "\n".join(
        (
            section(
                "In three sentences",
                paragraph(
                    "Steadyhand looks at how the mouse moves, to notice when somebody else sits at your "
                    "unlocked computer. While it learns, it keeps the mouse's movements encrypted on this "
                    "computer. From then on it compares each movement with what it learnt and keeps none."
                ),
            ),
            section("Recorded while it learns", bullets(RECORDED)),
            section("Never recorded", bullets(NOT_RECORDED)),
            section("Where it lies", *_places(storage)),
            section("Who gets to see it", *_readers(storage)),
            section("How to erase it", *_erasing(storage)),
        )
    )
    foot = "This page is a file on your computer. It loads nothing and reports nothing."
    return page("What is recorded", "Steadyhand and your data", State.STARTING, body, foot)


def _places(storage: Storage) -> tuple[str, ...]:
    retention = (
        "They are kept after learning, because policy asks for it."
        if storage.keep_recordings
        else "They are deleted here once they have been handed over."
        if storage.handed_to
        else "They are deleted as soon as learning is complete."
    )
    return (
        paragraph(f"Recordings: `{storage.recordings}`, encrypted (AES-256-GCM). {retention}"),
        paragraph(
            f"Profiles: `{storage.profiles}`. A profile holds figures about how you move, such as speeds and "
            "curvatures; no path of the pointer can be drawn from it."
        ),
        paragraph(f"Alerts: `{storage.alerts}`."),
    )


def _readers(storage: Storage) -> tuple[str, ...]:
    return (
        paragraph(
            "An alert goes to the security team of your organisation. It says that the movement departed "
            "from yours, when, how strongly and in which respects, under which mouse. It holds no path of "
            "the pointer."
        ),
        paragraph(
            f"Your organisation's policy asks for your recordings: they are handed to `{storage.handed_to}`, sealed "
            "so that only your administrator can open them, until there is enough for a profile."
            if storage.handed_to
            else "Recordings do not leave this computer: your organisation's policy does not ask for them."
        ),
    )


def _erasing(storage: Storage) -> tuple[str, ...]:
    if storage.erase_command:
        how = f"`{storage.erase_command}` erases your recordings at once."
    else:
        how = "Ask your administrator: erasing is not set up on this computer."
    return (
        paragraph(how),
        paragraph("Without a profile Steadyhand has nothing to compare with, and it begins to learn again."),
    )
