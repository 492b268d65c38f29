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
from llmops.language.wording import Voice, render
from llmops.schemas import Corpus, Entry, PolicyRule

PATTERN_LIMIT = 12
SITUATION_LIMIT = 30  # a situation has a quarter of an entry's wordings: its patterns have to say more
QUESTION, PATTERN, SENTENCE = 1.0, 0.4, 0.3
_HELD_SHARE = 4
_VOICE = Voice("female", polite=False)


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
        limit = SITUATION_LIMIT if isinstance(item, Entry) and item.reaction else PATTERN_LIMIT
        rows += [(text, label, PATTERN) for pattern in item.patterns for text in expand(pattern, limit)]
        if isinstance(item, Entry):
            rows += [(text, label, SENTENCE) for text in answer_sentences(item)]
    foreign = len(corpus.entries) + len(corpus.policy)
    rows += [(text, foreign, QUESTION) for text in corpus.out_of_scope]
    return Texts(
        [row[0] for row in rows],
        np.array([row[1] for row in rows], dtype=np.int32),
        np.array([row[2] for row in rows], dtype=np.float32),
    )


def answer_sentences(item: Entry | PolicyRule) -> list[str]:
    """Return the sentences that answer; of a situation, all that anyone may say in it, for that names the matter."""
    if not isinstance(item, Entry) or item.reaction is None:
        return sentences(item.answer)
    lines = (line.text for group in (item.reaction.replies, item.reaction.asks) for line in group if not line.persona)
    return [said for text in lines if (said := render(text, _VOICE))]


def held_mask(corpus: Corpus, learnt: Texts) -> NDArray[np.bool_]:
    """Tell which texts are held-out policy and foreign messages."""
    rules = learnt.labels >= len(corpus.entries)
    return np.array(
        [
            bool(rule) and weight == QUESTION and is_held(text)
            for text, rule, weight in zip(learnt.texts, rules, learnt.weights, strict=True)
        ]
    )
