"""Version numbers of what is signed: the key's epoch and a count within it, as one integer."""

from __future__ import annotations

from typing import Final

EPOCH_BITS: Final = 32


def epoch_sequence(epoch: int, number: int) -> int:
    """One number for both: any version of a later epoch is newer than every version of an earlier one."""
    return (epoch << EPOCH_BITS) | number


def version_text(sequence: int) -> str:
    """A sequence for people: ``3`` before there were epochs, else ``epoch 2, version 3``."""
    epoch, number = sequence >> EPOCH_BITS, sequence & ((1 << EPOCH_BITS) - 1)
    return f"epoch {epoch}, version {number}" if epoch else str(number)


def next_version(sequence: int, epoch: int) -> int:
    """The version after `sequence` by a key of `epoch`: the next number, or the first of a later epoch."""
    return max(sequence + 1, epoch_sequence(epoch, 1))
