"""Second step: asks for a further proof, such as a fingerprint, while the countdown before a lock runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol


class ProofBeforeLock(Protocol):
    """Proves who somebody is, where the system can. In the agent: `agent.host.api.SecondStep`."""

    def available(self) -> bool:
        """True where it can be asked for. May block 2 s."""

    def confirm(self, ended: threading.Event) -> bool:
        """Ask until `ended`; True only on a proof. May block 2 s longer."""


class SecondStepQuestion:
    """Asks on a thread of its own, so that the countdown never waits for it: it runs out as it would without.

    `begin` and `end` are for the responder's thread.

    Parameters
    ----------
    proof : ProofBeforeLock
    asked : callable
        Told True once it is asked for and False afterwards; any thread, must not block.
    proven : callable
        Called once where the proof succeeded in time; thread of the question.
    """

    def __init__(
        self, proof: ProofBeforeLock, asked: Callable[[bool], None], proven: Callable[[], None]
    ) -> None:
        self._proof = proof
        self._asked = asked
        self._proven = proven
        self._ended = threading.Event()

    def begin(self) -> None:
        """A countdown begins."""
        self._ended = threading.Event()
        threading.Thread(
            target=self._ask, args=(self._ended,), name="steadyhand-second-step", daemon=True
        ).start()

    def end(self) -> None:
        """The countdown is over: what is proved later counts no more."""
        self._ended.set()

    def _ask(self, ended: threading.Event) -> None:
        if not self._proof.available():
            return
        self._asked(True)
        try:
            if self._proof.confirm(ended) and not ended.is_set():
                self._proven()
        finally:
            self._asked(False)
