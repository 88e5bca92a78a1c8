"""LSTM detector: language model of movement tokens.

After Mastrotto et al. 2020, section 6: tokens of eight directions and of magnitude bins in turn, boundary tokens, a
network that tells the next token, and its head replaced by a classifier. Without a cohort the score is the owner's
perplexity; with one, the classifier's log-odds of owner against cohort. Only the network's arithmetic is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.detectors.hmm import STILL, symbols_of
from agent.engine.sketch import STEPS, Column, Sketches, steps_of

NOTHING, BEGIN, END, CLICK, REST = range(5)
FIRST_DIRECTION: Final = 5
FIRST_MAGNITUDE: Final = 13
# Upper bounds of a 50 ms step, px; what is longer is in the last bin.
MAGNITUDES_PX: Final = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0)
TOKENS: Final = FIRST_MAGNITUDE + len(MAGNITUDES_PX) + 1
LENGTH: Final = 2 * STEPS + 3
MOST: Final = 20.0

_BLOCK: Final = 1_024

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float32]


def tokens_of(sketches: Sketches) -> NDArray[np.int64]:
    """Each action as a sentence, shape (n, LENGTH), NOTHING after its end.

    BEGIN; for each step its direction, then its magnitude, or REST for a stretch without movement; CLICK where a
    button was pressed; END.
    """
    symbols, there = symbols_of(sketches)
    dx, dy, _ = steps_of(sketches)
    still = (symbols == STILL) & there
    rested = np.pad(still, ((0, 0), (1, 0)))[:, :-1]
    moving = there & ~still
    ways = np.where(moving, FIRST_DIRECTION + symbols, np.where(still & ~rested, REST, NOTHING))
    sizes = np.where(moving, FIRST_MAGNITUDE + np.searchsorted(MAGNITUDES_PX, np.hypot(dx, dy)), NOTHING)
    n = len(sketches)
    clicked = np.where(sketches[:, Column.BUTTON] > 0, CLICK, NOTHING)
    steps = np.stack((ways, sizes), axis=2).reshape(n, 2 * STEPS)
    tokens = np.column_stack((np.full(n, BEGIN), steps, clicked, np.full(n, END)))
    order = np.argsort(tokens == NOTHING, axis=1, kind="stable")
    return np.take_along_axis(tokens, order, axis=1)


def fold_scores(arrays: Arrays, rows: Sketches) -> NDArray[np.float64]:
    """By each fold's model: mean log-probability of a token, or log-odds of owner against cohort within ±20.

    Parameters
    ----------
    arrays : mapping
        ``embedding`` (nets, tokens, e), ``from_input`` (nets, e, 4 h), ``from_state`` (nets, h, 4 h), ``bias``
        (nets, 4 h): the memory, its gates in the order input, forget, cell, output; ``net`` (folds,): whose network a
        fold takes; ``head`` (nets, h, tokens) and ``head_bias``: the next token; with a cohort ``weights`` (folds,
        2 h) and ``offset`` (folds,): the classifier.
    rows : ndarray of float32, shape (n, WIDTH)

    Returns
    -------
    ndarray of float64, shape (n, folds)

    Raises
    ------
    ValueError
        If the model is of another version's language.
    """
    if arrays["embedding"].shape[1] != TOKENS:
        raise ValueError(f"lstm: a language of {arrays['embedding'].shape[1]} tokens, not of {TOKENS}")
    out = np.empty((len(rows), len(arrays["net"])))
    for first in range(0, len(rows), _BLOCK):
        tokens = tokens_of(rows[first : first + _BLOCK])
        states = [hidden(arrays, tokens, net) for net in range(len(arrays["embedding"]))]
        part = out[first : first + len(tokens)]
        if "weights" in arrays:
            odds = summary(states[0], tokens) @ arrays["weights"].T + arrays["offset"]
            part[:] = np.clip(odds, -MOST, MOST)
        else:
            fluencies = np.stack([_fluency(arrays, s, tokens, net) for net, s in enumerate(states)], axis=1)
            part[:] = fluencies[:, arrays["net"]]
    return out


def hidden(arrays: Arrays, tokens: NDArray[np.int64], net: int) -> Floats:
    """The memory's state after each token but the last, shape (n, longest - 1, h)."""
    longest = max(int((tokens != NOTHING).sum(axis=1).max(initial=2)), 2)
    inputs = arrays["embedding"][net] @ arrays["from_input"][net] + arrays["bias"][net]
    recurrent = arrays["from_state"][net]
    width = len(recurrent)
    state, cell = (np.zeros((len(tokens), width), np.float32) for _ in range(2))
    out = np.empty((len(tokens), longest - 1, width), np.float32)
    for at in range(longest - 1):
        gates = inputs[tokens[:, at]] + state @ recurrent
        enter, forget, leave = (_sigmoid(gates[:, k * width : (k + 1) * width]) for k in (0, 1, 3))
        cell = forget * cell + enter * np.tanh(gates[:, 2 * width : 3 * width])
        state = leave * np.tanh(cell)
        out[:, at] = state
    return out


def log_shares(arrays: Arrays, states: Floats, net: int) -> Floats:
    """Log-probabilities of the next token, shape (n, longest - 1, tokens)."""
    logits = states @ arrays["head"][net] + arrays["head_bias"][net]
    logits = logits - logits.max(axis=2, keepdims=True)
    shares: Floats = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    return shares


def summary(states: Floats, tokens: NDArray[np.int64]) -> Floats:
    """The mean state and the last one of each sentence, shape (n, 2 h)."""
    is_token = (tokens[:, 1 : states.shape[1] + 1] != NOTHING)[..., None]
    count = np.maximum(is_token.sum(axis=1), 1)
    mean = (states * is_token).sum(axis=1) / count
    last = np.take_along_axis(states, count[:, None, :] - 1, axis=1)[:, 0]
    return np.concatenate((mean, last), axis=1).astype(np.float32)


def _fluency(arrays: Arrays, states: Floats, tokens: NDArray[np.int64], net: int) -> NDArray[np.float64]:
    nexts = tokens[:, 1 : states.shape[1] + 1]
    is_token = nexts != NOTHING
    log_share = np.take_along_axis(log_shares(arrays, states, net), nexts[..., None], axis=2)[..., 0]
    mean: NDArray[np.float64] = np.where(is_token, log_share, 0.0).sum(axis=1) / np.maximum(
        is_token.sum(axis=1), 1
    )
    return mean


def _sigmoid(logits: Floats) -> Floats:
    sigmoid: Floats = np.float32(0.5) * (np.tanh(np.float32(0.5) * logits) + np.float32(1.0))
    return sigmoid
