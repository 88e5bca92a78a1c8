"""Writes golden.npz: small networks of PyTorch with what they say, for tests where it is not installed.

Run `python tests/deep/make_golden.py` after a change of a network's form.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from agent.engine.detectors.image import SIZE
from agent.engine.detectors.lstm import BEGIN, END, NOTHING, TOKENS
from enroll.fit import image, lstm

GOLDEN = Path(__file__).with_name("golden.npz")


def sentences(rng: np.random.Generator) -> np.ndarray:
    """Token rows of many lengths; the first has the least there can be, the last has every token."""
    out = np.full((12, TOKENS + 2), NOTHING)
    for i, row in enumerate(out):
        length = i * (TOKENS - 1) // 11
        row[0], row[length + 1] = BEGIN, END
        row[1 : length + 1] = rng.permutation(np.arange(1, TOKENS))[:length]
    return out


def told_by_torch() -> dict[str, Any]:
    """Arrays of a memory and of a picture network, what went in, and what PyTorch made of it."""
    import torch

    torch.manual_seed(3)
    rng = np.random.default_rng(3)
    parts = (torch.nn.Embedding(TOKENS, 4), torch.nn.LSTM(4, 6, batch_first=True), torch.nn.Linear(6, TOKENS))
    tokens = sentences(rng)
    body = image.network(torch, 3)
    with torch.no_grad():
        body(torch.rand(32, 3, SIZE, SIZE))  # so that the running means are not those of the beginning
        body.eval()
        pictures = rng.random((3, SIZE, SIZE, 3)).astype(np.float32)
        states, _ = parts[1](parts[0](torch.from_numpy(tokens[:, :-1])))
        shares = torch.log_softmax(parts[2](states), dim=2)
        embedded = body(torch.from_numpy(pictures.transpose(0, 3, 1, 2))).mean(dim=(2, 3))
    arrays = {f"lstm/{k}": v[None] for k, v in lstm.exported(*parts).items()}
    arrays |= {f"image/{k}": v[None] for k, v in image.folded(body).items()}
    told = {"states": states.numpy(), "shares": shares.numpy(), "embedded": embedded.numpy()}
    return arrays | told | {"tokens": tokens, "pictures": pictures}


if __name__ == "__main__":
    np.savez_compressed(GOLDEN, **told_by_torch())
