"""The discriminative leg: softmax regression that tells the classes apart, in numpy.

A class is an entry, a policy rule, or «out of scope». The inputs are dense: feature bags and text vectors.
Knows no texts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_EPOCHS, _MORE_EPOCHS, _BATCH, _RATE, _DECAY, _SMOOTHING = 8, 2, 512, 0.02, 1e-4, 0.05
MANY_CLASSES = 4096

Matrix = NDArray[np.float32]


def softmax(logits: Matrix) -> Matrix:
    """Return row-wise probabilities."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


def centroids(inputs: Matrix, labels: NDArray[np.int32], classes: int) -> Matrix:
    """Return unit class means, shape (classes, dim)."""
    order = np.argsort(labels, kind="stable")
    present, starts = np.unique(labels[order], return_index=True)
    means = np.zeros((classes, inputs.shape[1]), dtype=np.float32)
    means[present] = np.add.reduceat(inputs[order], starts, axis=0)
    return np.asarray(means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def fit(
    inputs: Matrix,
    labels: NDArray[np.int32],
    weights: NDArray[np.float32],
    classes: int,
    *,
    start: Matrix | None = None,
    seed: int = 0,
) -> Matrix:
    """Fit by Adam with label smoothing; return weights with the bias in the last column, shape (classes, dim + 1).

    With very many classes the centroids serve as they are: telling tens of thousands apart is the other legs' work.

    Args:
        inputs: Shape (n, dim).
        weights: How much each row counts, shape (n,).
        start: Weights to go on from for a few epochs.
    """
    if classes > MANY_CLASSES:
        return np.hstack([centroids(inputs, labels, classes) * 8, np.zeros((classes, 1), np.float32)])
    rng = np.random.default_rng(seed)
    padded = np.hstack([inputs, np.ones((len(inputs), 1), np.float32)])
    matrix = np.zeros((classes, padded.shape[1]), np.float32) if start is None else start.copy()
    first, second = np.zeros_like(matrix), np.zeros_like(matrix)
    epochs = _EPOCHS if start is None else _MORE_EPOCHS
    steps = epochs * (-(-len(padded) // _BATCH))
    step = 0
    for _ in range(epochs):
        order = rng.permutation(len(padded))
        for at in range(0, len(order), _BATCH):
            step += 1
            rows = order[at : at + _BATCH]
            batch, share = padded[rows], weights[rows, None] / weights[rows].sum()
            error = softmax(batch @ matrix.T)
            error -= _SMOOTHING / classes
            error[np.arange(len(rows)), labels[rows]] -= 1 - _SMOOTHING
            gradient = (error * share).T @ batch
            first = 0.9 * first + 0.1 * gradient
            second = 0.99 * second + 0.01 * gradient * gradient
            rate = _RATE * min(1.0, step / (0.05 * steps)) * max(0.02, 1 - step / steps)
            update = (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
            matrix -= rate * (update + _DECAY * matrix)
    return matrix
