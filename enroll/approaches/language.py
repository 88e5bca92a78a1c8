"""Evaluation of the movement language model: next-token accuracy and classification of people.

What Mastrotto et al. 2020 report of theirs (64 % and 90 %) is accuracy; so it is here, on sessions that nothing learnt
from. Every other account of Balabit teaches the language; the rest are owners whom it has never heard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors import lstm
from agent.engine.sketch import SketchedRows
from enroll.datasets.balabit import accounts, training_sessions
from enroll.fit import lstm as lstm_fit
from enroll.onethread import one_thread
from enroll.protocols.rows import RowReader

HELD_OUT: Final = 2
WINDOW: Final = 30
# What the paper has; its model tells valid surveys from invalid ones, as its autoencoder labelled them.
PAPER_NEXT_TOKEN, PAPER_CLASSIFIER = 0.64, 0.90

_SEED: Final = 0
_BLOCK: Final = 1_024

Sketches = NDArray[np.float32]
Tokens = NDArray[np.int64]
Arrays = Mapping[str, NDArray[Any]]


@one_thread
def measured_language(folder: Path, cache: Path | None = None) -> dict[str, Any]:
    """Accuracies on the last two training sessions of each account of a Balabit folder; no test label is opened.

    Parameters
    ----------
    folder : Path
    cache : Path, optional
        Where feature rows and sketches are kept.

    Returns
    -------
    dict
        ``next_token``: of people whose other sessions were learnt from (``known``) and of strangers, each ``model``,
        ``pairs`` (the commonest token after the one before) and the model's by kind of token; ``classifier``: the
        balanced accuracy against known people and strangers, for actions, windows of 30 and sessions.

    Raises
    ------
    LibraryMissing
        Without PyTorch.
    SteadyhandError
        If the folder is not as it must be.
    """
    read = RowReader(cache, sketched=True)
    sessions = {
        name: [_sketches(read(session).rows) for session in training_sessions(folder, name)]
        for name in accounts(folder)
    }
    known, strangers = list(sessions)[0::2], list(sessions)[1::2]
    people = [np.concatenate(sessions[name][:-HELD_OUT]) for name in known]
    held_out = {name: of_person[-HELD_OUT:] for name, of_person in sessions.items()}
    models = {name: lstm_fit.fit(sessions[name][:-HELD_OUT], people, seed=_SEED) for name in strangers}
    pairs = commonest_next(lstm.tokens_of(np.concatenate(people)))
    language = models[strangers[0]]
    return {
        "next_token": {
            who: next_token(
                language, pairs, lstm.tokens_of(np.concatenate([s for n in names for s in held_out[n]]))
            )
            for who, names in (("known", known), ("strangers", strangers))
        },
        "classifier": _classifier(models, held_out, known, strangers),
        "accounts": {"known": known, "strangers": strangers},
    }


def commonest_next(sentences: Tokens) -> NDArray[np.int64]:
    """By token, which one follows it most often, shape (TOKENS,)."""
    count = np.zeros((lstm.TOKENS, lstm.TOKENS), np.int64)
    np.add.at(count, (sentences[:, :-1].ravel(), sentences[:, 1:].ravel()), 1)
    count[:, lstm.NOTHING] = 0
    commonest: NDArray[np.int64] = count.argmax(axis=1)
    return commonest


def next_token(arrays: Arrays, pairs: NDArray[np.int64], sentences: Tokens) -> dict[str, float]:
    """Shares of next tokens that are told: by the model, by pairs of tokens, and by the model in each kind of token."""
    guesses, nexts, plain = [], [], []
    for first in range(0, len(sentences), _BLOCK):
        part = sentences[first : first + _BLOCK]
        guessed = lstm.log_shares(arrays, lstm.hidden(arrays, part, 0), 0).argmax(axis=2)
        after = part[:, 1 : guessed.shape[1] + 1]
        is_token = after != lstm.NOTHING
        guesses.append(guessed[is_token])
        nexts.append(after[is_token])
        plain.append(pairs[part[:, : guessed.shape[1]]][is_token])
    guess, truth = np.concatenate(guesses), np.concatenate(nexts)
    kinds = {
        "directions": (truth >= lstm.FIRST_DIRECTION) & (truth < lstm.FIRST_MAGNITUDE),
        "magnitudes": truth >= lstm.FIRST_MAGNITUDE,
        "boundaries": truth < lstm.FIRST_DIRECTION,
    }
    right = guess == truth
    return {
        "tokens": len(truth),
        "model": _share(right),
        "pairs": _share(np.concatenate(plain) == truth),
        **{kind: _share(right[which]) for kind, which in kinds.items()},
    }


def balanced_accuracy(genuine: Sequence[NDArray[Any]], others: Sequence[NDArray[Any]]) -> dict[str, float]:
    """Mean of the shares of both classes that are told right by the sign of log-odds, in pieces of each length."""
    pieces = {"actions": _each, "windows": _windows, "sessions": _whole}
    return {
        name: round((_share(cut(genuine) > 0.0) + _share(cut(others) <= 0.0)) / 2.0, 4)
        for name, cut in pieces.items()
    }


def _classifier(
    models: Mapping[str, Arrays],
    held_out: Mapping[str, Sequence[Sketches]],
    known: Sequence[str],
    strangers: Sequence[str],
) -> dict[str, Any]:
    by_group: dict[str, list[dict[str, float]]] = {"known": [], "strangers": []}
    for name, arrays in models.items():
        odds = {who: [lstm.fold_scores(arrays, s).mean(axis=1) for s in held_out[who]] for who in held_out}
        for group, names in (("known", known), ("strangers", [n for n in strangers if n != name])):
            by_group[group].append(balanced_accuracy(odds[name], [o for n in names for o in odds[n]]))
    return {
        group: {key: round(float(np.mean([accuracies[key] for accuracies in parts])), 4) for key in parts[0]}
        for group, parts in by_group.items()
    }


def _each(odds: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(odds)


def _windows(odds: Sequence[NDArray[Any]]) -> NDArray[Any]:
    whole = [o[: len(o) // WINDOW * WINDOW].reshape(-1, WINDOW).mean(axis=1) for o in odds]
    return np.concatenate(whole)


def _whole(odds: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.array([o.mean() for o in odds if len(o)])


def _sketches(rows: Any) -> Sketches:
    if not isinstance(rows, SketchedRows):
        raise TypeError("rows without sketches")
    return rows.sketches


def _share(right: NDArray[Any]) -> float:
    return round(float(np.mean(right)), 4) if len(right) else float("nan")
