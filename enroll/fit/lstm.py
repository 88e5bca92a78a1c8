"""Fitting of `agent.engine.detectors.lstm`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from agent.engine.detectors.lstm import NOTHING, TOKENS, hidden, summary, tokens_of
from agent.engine.sketch import Sketches
from enroll.fit.deep import halves, library, on_one_thread, unseen

EMBEDDING: Final = 12
WIDTH: Final = 40
MOST_SENTENCES: Final = 6_000
ROUNDS: Final = 5

_BATCH: Final = 64
_LEAST_SPREAD: Final = 1e-3

Arrays = dict[str, NDArray[Any]]


def fit(folds: Sequence[Sketches], people: Sequence[Sketches] | None, *, seed: int = 0) -> Arrays:
    """A language model, and with a cohort a classifier in the place of its head.

    Without a cohort there are two models of the owner: a fold takes the one that never saw it. With one, the model
    is the cohort's, and each fold has a classifier of the other folds against the cohort.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, WIDTH)
        The enrolment's sketches, fold after fold.
    people : sequence of ndarray of float32, or None
        Other people's sketches, person by person.
    seed : int

    Returns
    -------
    dict
        ``embedding``, ``from_input``, ``from_state``, ``bias``, ``head``, ``head_bias``, ``net``; with a cohort
        ``weights``, ``offset``.

    Raises
    ------
    LibraryMissing
        Without PyTorch.
    """
    if people and len(people) > 1:
        each = MOST_SENTENCES // len(people)
        rng = np.random.default_rng(seed)
        crowd = np.concatenate([tokens_of(p[np.sort(rng.permutation(len(p))[:each])]) for p in people])
        network = _shared_network(crowd.tobytes(), crowd.shape[1], seed)
        arrays = {name: array[None] for name, array in network.items()}
        return arrays | {"net": np.zeros(len(folds), np.int32)} | _classifiers(arrays, folds, crowd, seed)
    models = []
    for half in halves(folds):
        sentences = tokens_of(np.concatenate(half))
        chosen = np.random.default_rng(seed).permutation(len(sentences))[: MOST_SENTENCES // 2]
        models.append(trained(sentences[np.sort(chosen)], seed))
    arrays = {name: np.stack([m[name] for m in models]) for name in models[0]}
    return arrays | {"net": unseen(folds)}


@lru_cache(maxsize=2)
def _shared_network(crowd: bytes, length: int, seed: int) -> Arrays:
    """Kept from call to call: the members of a group are enrolled against one and the same cohort."""
    return trained(np.frombuffer(crowd, np.int64).reshape(-1, length), seed)


def trained(sentences: NDArray[np.int64], seed: int, rounds: int = ROUNDS) -> Arrays:
    """A next-token model by cross-entropy; padding costs nothing."""
    torch = library("torch", "lstm")
    torch.manual_seed(seed)
    embedding = torch.nn.Embedding(TOKENS, EMBEDDING)
    memory = torch.nn.LSTM(EMBEDDING, WIDTH, batch_first=True)
    head = torch.nn.Linear(WIDTH, TOKENS)
    parameters = [p for part in (embedding, memory, head) for p in part.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=5e-3)
    tokens = torch.from_numpy(sentences.copy())
    lengths = (tokens != NOTHING).sum(dim=1)
    with on_one_thread(torch):
        for _ in range(rounds):
            for at in torch.randperm(len(tokens)).split(_BATCH):
                batch = tokens[at, : int(lengths[at].max())]
                optimiser.zero_grad()
                states, _last = memory(embedding(batch[:, :-1]))
                guesses = head(states).flatten(0, 1)
                loss = torch.nn.functional.cross_entropy(
                    guesses, batch[:, 1:].flatten(), ignore_index=NOTHING
                )
                loss.backward()
                optimiser.step()
    return exported(embedding, memory, head)


def exported(embedding: Any, memory: Any, head: Any) -> Arrays:
    """PyTorch's parts as the arrays that the detector takes, of one network."""

    def plain(tensor: Any) -> NDArray[np.float32]:
        return np.ascontiguousarray(tensor.detach().numpy(), np.float32)

    return {
        "embedding": plain(embedding.weight),
        "from_input": plain(memory.weight_ih_l0.T),
        "from_state": plain(memory.weight_hh_l0.T),
        "bias": plain(memory.bias_ih_l0 + memory.bias_hh_l0),
        "head": plain(head.weight.T),
        "head_bias": plain(head.bias),
    }


def _classifiers(arrays: Arrays, folds: Sequence[Sketches], crowd: NDArray[np.int64], seed: int) -> Arrays:
    """The head replaced: logistic regressions on the memory's states, one for each fold left out."""

    def states(tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        return summary(hidden(arrays, tokens, 0), tokens)

    others, own = states(crowd), [states(tokens_of(fold)) for fold in folds]
    centre, spread = others.mean(axis=0), np.maximum(others.std(axis=0), _LEAST_SPREAD)
    weights, offset = [], []
    for s in range(len(own)):
        rows = np.concatenate([o for i, o in enumerate(own) if i != s])
        classes = np.repeat([0, 1], [len(others), len(rows)])
        model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=200, random_state=seed)
        with warnings.catch_warnings():
            # People who never say the same are told apart long before the weights stand still.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit((np.concatenate((others, rows)) - centre) / spread, classes)
        weights.append(model.coef_[0] / spread)
        offset.append(model.intercept_[0] - model.coef_[0] @ (centre / spread))
    return {"weights": np.stack(weights), "offset": np.array(offset)}
