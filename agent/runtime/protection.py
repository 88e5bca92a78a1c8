"""One profile put to work: from the stream to judgements and what they call for. No threads."""

from __future__ import annotations

from collections.abc import Iterator

from agent.engine.events import Boundary, Cause, StreamItem
from agent.engine.profile import Profile
from agent.engine.trust import Verdict
from agent.engine.verifier import Judgement, Verifier, window_stream
from agent.runtime.decision import Excursion, Reaction, Rules, after_lock, react


class Protection:
    """Kernel, detectors, evidence, trust and reaction in a row.

    Parameters
    ----------
    profile : Profile
        Whom the mouse should belong to.
    rules : Rules
        What policy allows.
    known_mouse : bool
        False where the profile was made under another mouse configuration and only keeps watching.
    """

    def __init__(self, profile: Profile, rules: Rules, *, known_mouse: bool = True) -> None:
        self._profile = profile
        self._rules = rules
        self._known_mouse = known_mouse
        self.verdict = Verdict.NO_EVIDENCE
        self._windows = window_stream(profile)
        self._verifier = Verifier(profile, known_mouse=known_mouse)
        self._excursion = Excursion()

    def feed(self, item: StreamItem) -> Iterator[tuple[Judgement, Reaction]]:
        """Judgements that follow from a batch or boundary, in order, each with its reaction."""
        if isinstance(item, Boundary) and item.cause is Cause.LOCKED_BY_VERDICT:
            self._excursion = after_lock(self._excursion)
        for window in self._windows.feed(item):
            judgement = self._verifier.feed(window)
            if judgement is not None:
                self.verdict = judgement.verdict
                self._excursion, reaction = react(
                    self._excursion, judgement.verdict, judgement.t_ns, self._rules
                )
                yield judgement, reaction

    def trust_again(self) -> None:
        """Start from the state after a login: the owner has proved who they are."""
        self._verifier = Verifier(self._profile, known_mouse=self._known_mouse)
        self._excursion = Excursion()
        self.verdict = Verdict.NO_EVIDENCE
