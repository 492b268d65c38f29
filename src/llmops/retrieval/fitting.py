"""Fitting on held-out questions: the weights of the second look, the refusal, the operating point.

Two small convex problems, solved by Adam in numpy. Knows features, not texts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from llmops.retrieval.head import softmax

Row = NDArray[np.float32]
_STEPS = 600
_MAX_FALSE_REFUSALS = 0.015


def _adam(weights: NDArray[np.float64], gradient_of: object, rate: float) -> NDArray[np.float64]:
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        gradient = gradient_of(weights)  # type: ignore[operator]
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights = weights - rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-9)
    return weights


def fit_look(questions: Sequence[tuple[Row, int]], start: Row, *, penalty: float = 2e-3) -> Row:
    """Return weights w for which softmax(features · w) puts the right candidate first.

    Args:
        questions: For each: the candidates' features (candidates, features) and the place of the right one.
        start: The weights to stay near.
    """
    usable = [(features.astype(np.float64), right) for features, right in questions if right >= 0]
    if not usable:
        return start
    widest = max(len(features) for features, _ in usable)
    padded = np.zeros((len(usable), widest, usable[0][0].shape[1]))
    mask = np.full((len(usable), widest), -1e9)
    for number, (features, _) in enumerate(usable):
        padded[number, : len(features)] = features
        mask[number, : len(features)] = 0
    rights = np.array([right for _, right in usable])
    rows = np.arange(len(usable))

    def gradient(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        error = softmax((padded @ weights + mask).astype(np.float32)).astype(np.float64)
        error[rows, rights] -= 1
        return np.asarray(np.einsum("nc,ncf->f", error, padded) / len(rows) + penalty * (weights - start))

    return _adam(start.astype(np.float64), gradient, 0.05).astype(np.float32)


def fit_scope(features: Row, inside: NDArray[np.bool_], *, penalty: float = 1e-3) -> Row:
    """Return logistic weights with the intercept last; both kinds of questions weigh the same in all.

    Args:
        features: Shape (n, features).
        inside: Whether each question should be answered, shape (n,).
    """
    padded = np.hstack([features, np.ones((len(features), 1), np.float32)]).astype(np.float64)
    share = np.where(inside, 0.5 / max(inside.sum(), 1), 0.5 / max((~inside).sum(), 1))

    def gradient(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        estimate = 1 / (1 + np.exp(-np.clip(padded @ weights, -30, 30)))
        return np.asarray(((estimate - inside) * share) @ padded + penalty * np.append(weights[:-1], 0))

    return _adam(np.zeros(padded.shape[1]), gradient, 0.1).astype(np.float32)


def operating_point(inside: Row, outside: Row) -> tuple[float, float, float]:
    """Return the threshold with the fewest errors in all, of those that refuse at most 1.5 % of good questions.

    Returns:
        The threshold, the share of good questions refused, the share of foreign ones answered.
    """
    best = (0.0, 0.0, float((outside >= 0).mean()) if len(outside) else 0.0)
    lowest = best[1] + best[2]
    for threshold in np.unique(np.concatenate([inside, outside])):
        refused, answered = (
            float((inside < threshold).mean()),
            float((outside >= threshold).mean()) if len(outside) else 0.0,
        )
        if refused <= _MAX_FALSE_REFUSALS and refused + answered < lowest:
            best, lowest = (float(threshold), refused, answered), refused + answered
    return best
