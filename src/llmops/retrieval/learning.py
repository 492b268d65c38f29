"""What the legs learn from: wordings, expanded patterns, titles and answers, with their classes and weights.

Knows a corpus; knows no legs and no files.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmops.language.patterns import expand
from llmops.language.text import sentences
from llmops.schemas import Corpus, Entry

PATTERN_LIMIT = 12
QUESTION, PATTERN, SENTENCE = 1.0, 0.4, 0.3
_HELD_SHARE = 4


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything that is learnt from, with the class and the weight of each text; classes ascend."""

    texts: list[str]
    labels: NDArray[np.int32]
    weights: NDArray[np.float32]


def is_held(text: str) -> bool:
    """Tell whether a policy or foreign message is kept from learning, to fit and tell the refusal: one in four."""
    return zlib.crc32(("held:" + text).encode()) % _HELD_SHARE == 0


def learning_texts(corpus: Corpus) -> Texts:
    """Return wordings, expanded patterns, titles and sentences of answers of all classes, «out of scope» last."""
    rows: list[tuple[str, int, float]] = []
    for label, item in enumerate(corpus.classes):
        rows += [(text, label, QUESTION) for text in (*item.questions, item.title)]
        rows += [(text, label, PATTERN) for pattern in item.patterns for text in expand(pattern, PATTERN_LIMIT)]
        if isinstance(item, Entry):
            rows += [(text, label, SENTENCE) for text in sentences(item.answer)]
    foreign = len(corpus.entries) + len(corpus.policy)
    rows += [(text, foreign, QUESTION) for text in corpus.out_of_scope]
    return Texts(
        [row[0] for row in rows],
        np.array([row[1] for row in rows], dtype=np.int32),
        np.array([row[2] for row in rows], dtype=np.float32),
    )


def held_mask(corpus: Corpus, learnt: Texts) -> NDArray[np.bool_]:
    """Tell which texts are held-out policy and foreign messages."""
    rules = learnt.labels >= len(corpus.entries)
    return np.array(
        [
            bool(rule) and weight == QUESTION and is_held(text)
            for text, rule, weight in zip(learnt.texts, rules, learnt.weights, strict=True)
        ]
    )
