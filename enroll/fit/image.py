"""Fitting of `agent.engine.detectors.image`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf

from agent.engine.detectors.image import CONTEXT, embedded, in_blocks, windows
from agent.engine.sketch import Sketches
from enroll.fit.deep import halves, library, on_one_thread, unseen

CHANNELS: Final = (8, 16, 24)
MOST_PICTURES: Final = 3_000
ROUNDS: Final = 3

_BATCH: Final = 64
_STEP: Final = CONTEXT // 2
_WAYS: Final = 8
# Of as many pictures as are learnt from: with so many, those for the templates are others.
_ENOUGH: Final = 1.5

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float32]


def fit(folds: Sequence[Sketches], people: Sequence[Sketches] | None, *, seed: int = 0) -> Arrays:
    """An embedding and the owner's template in it.

    With a cohort the network learns to tell its people apart. Without, it learns from the owner's own pictures which
    way they were turned and mirrored (Golan & El-Yaniv 2018), twice: a fold takes the network that never saw it.

    Parameters
    ----------
    folds : sequence of ndarray of float32, shape (n_s, WIDTH)
        The enrolment's sketches in order of time, fold after fold.
    people : sequence of ndarray of float32, or None
        Other people's sketches, person by person.
    seed : int

    Returns
    -------
    dict
        ``kernel0`` …, ``bias0`` …, ``net``, ``mean``, ``root``; with a cohort ``others``, ``others_root``.

    Raises
    ------
    LibraryMissing
        Without PyTorch.
    """
    crowd: tuple[Floats, ...] = ()
    if people and len(people) > 1:
        network, crowd = _shared_network(tuple(p.tobytes() for p in people), people[0].shape[1], seed)
        weights = [network]
        net = np.zeros(len(folds), np.int32)
    else:
        weights = [_by_turning(half, seed) for half in halves(folds)]
        net = unseen(folds)
    arrays: Arrays = {name: np.stack([w[name] for w in weights]) for name in weights[0]} | {"net": net}
    arrays["mean"] = np.zeros((len(folds), CHANNELS[-1]))
    return arrays | _templates(arrays, folds, crowd)


def _templates(arrays: Arrays, folds: Sequence[Sketches], crowd: Sequence[Floats]) -> Arrays:
    """The owner's place in the embedding without each fold, and with a cohort (its embeddings) everybody's."""
    mean, root, others, others_root = [], [], [], []
    embeddings = [[embedded(arrays, f, n) for f in folds] for n in range(len(arrays["kernel0"]))]
    everybody = LedoitWolf().fit(np.concatenate(crowd).astype(np.float64)) if len(crowd) else None
    for s, net in enumerate(arrays["net"].tolist()):
        own = np.concatenate([t for i, t in enumerate(embeddings[net]) if i != s]).astype(np.float64)
        mean.append(own.mean(axis=0))
        within = [own - mean[-1], *(p - p.mean(axis=0) for p in crowd)]
        spread = LedoitWolf(assume_centered=True).fit(np.concatenate(within))
        root.append(_root(spread.precision_))
        if everybody is not None:
            others.append(everybody.location_)
            others_root.append(_root(everybody.precision_))
    out: Arrays = {"mean": np.stack(mean), "root": np.stack(root)}
    return out | ({"others": np.stack(others), "others_root": np.stack(others_root)} if others else {})


def _root(precision: NDArray[np.float64]) -> NDArray[np.float64]:
    root: NDArray[np.float64] = np.asarray(
        np.linalg.cholesky(precision + 1e-9 * np.eye(len(precision))), np.float64
    )
    return root


@lru_cache(maxsize=2)
def _shared_network(people: tuple[bytes, ...], width: int, seed: int) -> tuple[Arrays, tuple[Floats, ...]]:
    """The network that tells people apart, and their embeddings, of pictures that it did not learn from where there are
    enough. Kept from call to call: the members of a group are enrolled against one and the same cohort.
    """
    each = MOST_PICTURES // len(people)
    rng = np.random.default_rng(seed)
    learnt, shown = [], []
    for person in people:
        drawn = windows(np.frombuffer(person, np.float32).reshape(-1, width))[_STEP - 1 :: _STEP]
        order = rng.permutation(len(drawn))
        learnt.append(drawn[np.sort(order[:each])])
        shown.append(drawn[np.sort(order[each : 2 * each])] if len(drawn) > _ENOUGH * each else learnt[-1])
    arrays = _trained(np.concatenate(learnt), np.repeat(np.arange(len(learnt)), list(map(len, learnt))), seed)
    single = {name: array[None] for name, array in arrays.items()}
    return arrays, tuple(in_blocks(single, sketches, 0) for sketches in shown if len(sketches))


def _by_turning(folds: Sequence[Sketches], seed: int) -> Arrays:
    drawn = np.concatenate([windows(f)[::_STEP] for f in folds])
    rng = np.random.default_rng(seed)
    chosen = drawn[np.sort(rng.permutation(len(drawn))[: MOST_PICTURES // 2])]
    way = rng.integers(0, _WAYS, len(chosen))
    turned = [np.rot90(p[:, ::-1] if w >= 4 else p, w % 4) for p, w in zip(chosen, way.tolist(), strict=True)]
    return _trained(np.stack(turned), way, seed)


def _trained(pictures: Floats, classes: NDArray[Any], seed: int) -> Arrays:
    """Train from scratch with batch normalisation; return the convolutions with it folded in."""
    torch = library("torch", "image")
    torch.manual_seed(seed)
    body = network(torch, pictures.shape[3])
    head = torch.nn.Linear(CHANNELS[-1], int(classes.max(initial=0)) + 1)
    images = torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))
    labels = torch.from_numpy(classes.astype(np.int64))
    optimiser = torch.optim.Adam([*body.parameters(), *head.parameters()], lr=3e-3)
    with on_one_thread(torch):
        for _ in range(ROUNDS):
            for at in torch.randperm(len(images)).split(_BATCH):
                if len(at) < 2:
                    continue
                optimiser.zero_grad()
                logits = head(body(images[at]).mean(dim=(2, 3)))
                torch.nn.functional.cross_entropy(logits, labels[at]).backward()
                optimiser.step()
    return folded(body.eval())


def network(torch: Any, channels: int) -> Any:
    """The convolutions, each with batch normalisation, a rectifier, and all but the last a halving."""
    parts: list[Any] = []
    for i, wider in enumerate(CHANNELS):
        parts += [
            torch.nn.Conv2d(channels, wider, 3, padding=1),
            torch.nn.BatchNorm2d(wider),
            torch.nn.ReLU(),
        ]
        parts += [torch.nn.MaxPool2d(2)] if i < len(CHANNELS) - 1 else []
        channels = wider
    return torch.nn.Sequential(*parts)


def folded(body: Any) -> Arrays:
    """Kernels as (9 x channels, out), the normalisation's scale and shift in them."""
    out: Arrays = {}
    convolutions = [m for m in body if hasattr(m, "kernel_size") and hasattr(m, "weight")]
    norms = [m for m in body if hasattr(m, "running_var")]
    for i, (convolution, norm) in enumerate(zip(convolutions, norms, strict=True)):
        scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().numpy()
        kernel = convolution.weight.detach().numpy().transpose(2, 3, 1, 0)
        bias = convolution.bias.detach().numpy() - norm.running_mean.numpy()
        out[f"kernel{i}"] = (kernel.reshape(-1, kernel.shape[3]) * scale).astype(np.float32)
        out[f"bias{i}"] = (bias * scale + norm.bias.detach().numpy()).astype(np.float32)
    return out
