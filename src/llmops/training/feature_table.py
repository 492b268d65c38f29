"""The feature table: vectors of hashed features, trained to tell entries apart.

A text is the sum of its features' vectors and of its projected embedding; a linear layer names the entry. Only the
table and the projection ship: `build-index` fits the layer anew for whatever entries it is given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from llmops.retrieval.features import BUCKETS, Features

DIM = 128
_EPOCHS, _BATCH, _RATE = 8, 256, 5e-3
_DROPPED_FEATURES, _DROPPED_UNITS, _SMOOTHING = 0.3, 0.2, 0.05


class _Net(nn.Module):  # type: ignore[misc,unused-ignore] # torch is absent where the base install is checked
    def __init__(self, embedding_dim: int, classes: int) -> None:
        super().__init__()
        self.rows = nn.EmbeddingBag(BUCKETS, DIM, mode="sum", sparse=True)
        nn.init.normal_(self.rows.weight, 0, DIM**-0.5)
        self.projection = nn.Linear(embedding_dim, DIM, bias=False)
        self.drop = nn.Dropout(_DROPPED_UNITS)
        self.head = nn.Linear(DIM, classes)

    def forward(
        self, buckets: torch.Tensor, offsets: torch.Tensor, weights: torch.Tensor, embeddings: torch.Tensor
    ) -> torch.Tensor:
        summed = self.rows(buckets, offsets, per_sample_weights=weights) + self.projection(embeddings)
        return torch.as_tensor(self.head(self.drop(summed)))


def _batch(rows: Sequence[Features], rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    kept = [rng.random(len(buckets)) > _DROPPED_FEATURES for buckets, _ in rows]
    lengths = [int(keep.sum()) for keep in kept]
    buckets = np.concatenate([row[0][keep] for row, keep in zip(rows, kept, strict=True)]).astype(np.int64)
    weights = np.concatenate([row[1][keep] for row, keep in zip(rows, kept, strict=True)])
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    return torch.from_numpy(buckets), torch.from_numpy(offsets), torch.from_numpy(weights)


def train(
    rows: Sequence[Features],
    embeddings: NDArray[np.float32],
    labels: NDArray[np.int32],
    weights: NDArray[np.float32],
    *,
    seed: int = 0,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the table (BUCKETS, DIM) and the projection (embedding dim, DIM).

    Args:
        rows: Features of each text.
        embeddings: The static embedder's vectors, shape (n, embedding dim).
        labels: The class of each text, shape (n,).
        weights: How much each text counts, shape (n,).
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = _Net(embeddings.shape[1], int(labels.max()) + 1)
    sparse = torch.optim.SparseAdam(list(net.rows.parameters()), lr=_RATE)
    dense = torch.optim.AdamW([*net.projection.parameters(), *net.head.parameters()], lr=_RATE / 2, weight_decay=1e-3)
    steps, step = _EPOCHS * -(-len(rows) // _BATCH), 0
    for _ in range(_EPOCHS):
        order = rng.permutation(len(rows))
        for at in range(0, len(order), _BATCH):
            picked = order[at : at + _BATCH]
            share = min(1.0, step / (0.1 * steps)) * max(0.02, 1 - step / steps)
            step += 1
            for optimizer, rate in ((sparse, _RATE), (dense, _RATE / 2)):
                optimizer.param_groups[0]["lr"] = rate * share
            logits = net(*_batch([rows[i] for i in picked], rng), torch.from_numpy(embeddings[picked]))
            targets = torch.from_numpy(labels[picked].astype(np.int64))
            losses = functional.cross_entropy(logits, targets, reduction="none", label_smoothing=_SMOOTHING)
            loss = (losses * torch.from_numpy(weights[picked])).mean()
            sparse.zero_grad()
            dense.zero_grad()
            loss.backward()
            sparse.step()
            dense.step()
    return net.rows.weight.detach().numpy(), net.projection.weight.detach().numpy().T.copy()
