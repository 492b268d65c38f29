"""What the legs say of one question: the raw material of the second look and of the refusal.

Classes are numbered: entries first, then policy rules, the last one is «out of scope».
Knows no files and no fitted weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmops.language.analysis import analyse
from llmops.language.lexicon import Lexicon
from llmops.protocols import Embedder
from llmops.retrieval.feature_table import FeatureTable
from llmops.retrieval.head import softmax
from llmops.retrieval.lexical import LexicalLeg
from llmops.retrieval.vectors import VectorLeg

Row = NDArray[np.float32]
_NEIGHBOURS = 96
LOOK_FEATURES = (
    "class",
    "wording",
    "document",
    "vector",
    "class_gap",
    "wording_gap",
    "document_gap",
    "vector_gap",
    "votes",
)
SCOPE_FEATURES = (
    "top",
    "gap",
    "foreign",
    "policy",
    "wording",
    "document",
    "vector",
    "known",
    "covered",
    "logit",
    "length",
    "agreement",
)


class Owners:
    """Which class each wording belongs to.

    Args:
        labels: The class of each wording, ascending, shape (wordings,).
    """

    def __init__(self, labels: NDArray[np.int32], classes: int) -> None:
        self.labels, self._classes = labels, classes
        self._present, self._starts = np.unique(labels, return_index=True)

    def best(self, scores: Row) -> Row:
        """Return the best score among the wordings of each class, shape (classes,)."""
        best = np.zeros(self._classes, np.float32)
        best[self._present] = np.maximum.reduceat(scores, self._starts)
        return best


@dataclass(frozen=True, slots=True)
class Legs:
    """The legs with the owners of their documents.

    Args:
        wordings: Lexical leg over single wordings; `owners` gives the class of each.
        documents: Lexical leg over whole classes: all wordings, patterns, title and answer.
        head: Classifier weights, shape (classes + 1, dim + 1).
    """

    lexicon: Lexicon
    embedder: Embedder
    table: FeatureTable
    head: Row
    wordings: LexicalLeg
    owners: Owners
    documents: LexicalLeg
    vectors: VectorLeg

    @property
    def classes(self) -> int:
        """Entries and policy rules, without «out of scope»."""
        return self.documents.size


@dataclass(frozen=True, slots=True)
class Signals:
    """Candidates with their features, and the features of the question as a whole."""

    candidates: NDArray[np.int64]
    look: Row
    logits: Row
    probabilities: Row
    terms: tuple[str, ...]
    known: float
    idf_sum: float


def _top(scores: Row, count: int) -> NDArray[np.int64]:
    count = min(count, len(scores))
    return np.argpartition(-scores, count - 1)[:count]


def read_signals(text: str, legs: Legs) -> Signals | None:
    """Ask every leg; None when the text has no words."""
    analysis = analyse(text, legs.lexicon)
    query = analysis.terms
    if not query:
        return None
    vector = legs.embedder.embed([text], "query")
    logits = np.append(legs.table.inputs([analysis], vector)[0], np.float32(1.0)) @ legs.head.T
    probabilities = softmax(logits)
    known_ids = legs.documents.ids(query)
    idf_sum = float(legs.documents.idf[known_ids].sum()) + 1e-6
    unknown = sum(1 for part in analysis.stems if not legs.documents.ids([part]))
    highest = float(np.log1p(legs.documents.size / 0.5))
    wording = legs.owners.best(legs.wordings.scores(query)) / idf_sum
    document = legs.documents.scores(query) / idf_sum
    numbers, cosines = legs.vectors.nearest(vector[0], _NEIGHBOURS)
    near = np.full(legs.classes, cosines.min() if len(cosines) else 0.0, np.float32)
    nearest = legs.owners.labels[numbers]
    np.maximum.at(near, nearest, cosines)
    votes = np.bincount(nearest[:10], minlength=legs.classes).astype(np.float32) / 10
    inside = np.log(probabilities[: legs.classes] + 1e-6)
    candidates = np.unique(np.concatenate([_top(inside, 8), _top(wording, 4), _top(near, 4), _top(document, 4)]))
    columns = [inside, wording, document, near]
    look = np.stack(
        [column[candidates] for column in columns]
        + [column[candidates] - column.max() for column in columns]
        + [votes[candidates]],
        axis=1,
    )
    known = idf_sum / (idf_sum + unknown * highest)
    return Signals(candidates, look.astype(np.float32), logits, probabilities, tuple(query), known, idf_sum)


def scope_features(signals: Signals, scores: Row, legs: Legs, policy_from: int) -> Row:
    """Return the features of the in-scope estimate, in the order of `SCOPE_FEATURES`.

    Args:
        scores: Probabilities of the candidates after the second look.
        policy_from: The first class that is a policy rule.
    """
    order = np.argsort(-scores)
    best = order[0]
    second = scores[order[1]] if len(order) > 1 else 0.0
    winner = int(signals.candidates[best])
    classes = legs.classes
    covered = _covered(signals, winner, legs)
    agreement = np.mean([signals.look[best, column] >= -1e-6 for column in (4, 5, 6, 7)])
    return np.array(
        [
            scores[best],
            scores[best] - second,
            np.log(signals.probabilities[classes] + 1e-4) / 5,
            signals.probabilities[policy_from:classes].sum(),
            signals.look[:, 1].max(),
            signals.look[:, 2].max(),
            signals.look[:, 3].max(),
            signals.known,
            covered,
            float(signals.logits[:classes].max()) / 5,
            np.log1p(len(signals.terms)),
            agreement,
        ],
        dtype=np.float32,
    )


def scope_chance(features: Row, weights: Row) -> float:
    """Return the in-scope probability that logistic weights, the intercept last, give to scope features."""
    return float(1 / (1 + np.exp(-(np.append(features, 1.0) @ weights))))


def _covered(signals: Signals, winner: int, legs: Legs) -> float:
    """Return the share of the question's idf that occurs anywhere in the winning class."""
    ids = legs.documents.ids(signals.terms)
    if not ids:
        return 0.0
    held = [legs.documents.contains(winner, number) for number in ids]
    idf = legs.documents.idf[ids]
    return float((idf * held).sum() / idf.sum()) * signals.known
