"""Training listener: who hears what became of a training, and the refusal of a renewal."""

from __future__ import annotations

from typing import Protocol

from agent.engine.disagreement import Disagreement


class TrainingListener(Protocol):
    """Receives the outcome of training. In the agent: `agent.runtime.learning.trained_profile.TrainedProfile`."""

    def trained(self, message: str, disagreements: tuple[Disagreement, ...]) -> None:
        """A new profile is in place.

        Parameters
        ----------
        message : str
            One sentence for the alert.
        disagreements : tuple of Disagreement
            Whom the recordings disagree with.
        """

    def renewal_refused(self, disagreements: tuple[Disagreement, ...]) -> None:
        """A renewed profile disagrees with the one that it would replace, which stays. Training thread."""

    def training_failed(self, line: str) -> None:
        """No profile could be made, and why. Training thread."""


class RenewalRefused(Exception):
    """A renewed profile disagrees with the one on file, or within itself.

    Attributes
    ----------
    disagreements : tuple of Disagreement
    """

    def __init__(self, disagreements: tuple[Disagreement, ...]) -> None:
        super().__init__(", ".join(disagreement.value for disagreement in disagreements))
        self.disagreements = disagreements
