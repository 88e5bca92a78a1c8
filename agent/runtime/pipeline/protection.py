"""Protection: judges the stream by one profile and decides the reaction to each judgement. No threads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from agent.engine.day_baseline import DayBaseline, Proof
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, OnWindow, StreamItem
from agent.engine.profile import Profile
from agent.engine.sequential_test import TrustState, Verdict, carried
from agent.engine.signature import SignatureCheck, enrolled_signature
from agent.engine.sketch import WIDTH
from agent.engine.verifier import Judgement, Verifier, window_stream
from agent.engine.windowing import WINDOW, Window
from agent.runtime.pipeline.decision import Excursion, Reaction, ReactionRules, after_lock, react


class Protection:
    """Kernel, detectors, evidence, sequential test and reaction in a row.

    Parameters
    ----------
    profile : Profile
        The profile of the owner.
    rules : ReactionRules
        What policy allows.
    known_mouse : bool
        False where the profile was made under another mouse configuration: it alerts and never locks.
    before : Protection, optional
        What protected until now, under any profile and mouse: its trust and excursion continue.

    Raises
    ------
    SteadyhandError
        If the profile cannot be put to work: its parts do not fit together, or it needs what this version
        does not have.
    """

    def __init__(
        self,
        profile: Profile,
        rules: ReactionRules,
        *,
        known_mouse: bool = True,
        before: Protection | None = None,
    ) -> None:
        self._profile = profile
        self._rules = rules
        self._known_mouse = known_mouse
        self._locks_suspended = False
        self.verdict: Verdict = before.verdict if before else Verdict.NO_EVIDENCE
        self._excursion: Excursion = before._excursion if before else Excursion()
        state = carried(before.trust_state, before._profile.limits, profile.limits) if before else None
        self._last_ns = 0
        self._windows = window_stream(profile)
        self._check_fits()
        self._verifier = self._new_verifier(state)
        self._signature = SignatureCheck(enrolled_signature(profile))

    @property
    def trust_state(self) -> TrustState:
        """Where the sequential test stands."""
        return self._verifier.state

    @property
    def baseline(self) -> DayBaseline:
        """Baseline of the owner's day: by which proof it was opened, and whether it is taken."""
        return self._verifier.baseline

    @property
    def contradictions(self) -> tuple[str, ...]:
        """Differences between the measured signature and the enrolled one, a sentence each."""
        return self._signature.contradictions

    def take_over(self, before: Protection) -> None:
        """Continue from the trust and excursion of another protection."""
        self.verdict, self._excursion = before.verdict, before._excursion
        self._verifier = self._new_verifier(
            carried(before.trust_state, before._profile.limits, self._profile.limits)
        )
        self._windows = window_stream(self._profile)
        self._signature.restart()

    def feed(self, item: StreamItem) -> Iterator[tuple[Judgement, Reaction]]:
        """Judgements that follow from a batch or boundary, in order, each with its reaction."""
        if isinstance(item, Boundary) and item.cause is Cause.LOCKED_BY_VERDICT:
            self._excursion = after_lock(self._excursion)
        if isinstance(item, Boundary) and item.cause.on_window is OnWindow.RESTARTS:
            self._signature.restart()
        if isinstance(item, Boundary) and item.cause is Cause.PROVEN and Proof.named(item.detail):
            self._excursion, self.verdict = Excursion(), Verdict.NO_EVIDENCE
        self._last_ns = item.t_ns if isinstance(item, Boundary) else _end_ns(item, self._last_ns)
        for window in self._windows.feed(item):
            if isinstance(window, Window):
                self._check_signature(window)
            judgement = self._verifier.feed(window)
            if judgement is not None:
                self.verdict = judgement.verdict
                effective = self._reacts_to(judgement.verdict)
                self._excursion, reaction = react(
                    self._excursion, effective, judgement.t_ns, self._effective_rules()
                )
                yield judgement, reaction

    def suspend_locks(self, *, suspended: bool) -> None:
        """Alert in the place of locking for as long as `suspended`."""
        self._locks_suspended = suspended

    def restore_trust(self) -> None:
        """Take "that was me", with a proof of identity, as of the last item."""
        list(self.feed(Boundary(self._last_ns, Cause.PROVEN, Proof.CONFIRMED.value)))

    def _effective_rules(self) -> ReactionRules:
        return replace(self._rules, may_lock=False) if self._locks_suspended else self._rules

    def _reacts_to(self, verdict: Verdict) -> Verdict:
        """The verdict to react to: the profile of another mouse alerts and never locks."""
        departed = self.trust_state.verdict is not Verdict.GENUINE
        return Verdict.SUSPICIOUS if verdict is Verdict.UNKNOWN_MOUSE and departed else verdict

    def _check_signature(self, window: Window) -> None:
        """Compare the measured signature with the enrolled one: the name a mouse reports proves nothing."""
        if window.evidence:
            self._signature.feed(window.device)
        self._verifier.knows_mouse(self._known_mouse and not self.contradictions)

    def _new_verifier(self, state: TrustState | None) -> Verifier:
        return Verifier(self._profile, known_mouse=self._known_mouse, state=state)

    def _check_fits(self) -> None:
        """Judge a window of zeros: the signature of a profile proves its author, not that its parts fit together."""
        rows = np.zeros((WINDOW, len(self._profile.features)))
        kinds = np.full(WINDOW, self._profile.kinds[0], np.uint8)
        sketch = np.zeros(WIDTH, np.float32)
        try:
            verifier = self._new_verifier(None)
            for n in range(1, WINDOW + 1):
                verifier.feed(Window(rows[:n], kinds[:n], 0, n, n - 1, n - 1, evidence=True, sketch=sketch))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise SteadyhandError(
                f"the profile of {self._profile.user} does not fit together ({error})", "have it made again"
            ) from error


def _end_ns(events: EventBatch, before_ns: int) -> int:
    return int(events.t_ns[-1]) if len(events) else before_ns
