"""Talks as windows of tokens: what a training step reads, and what of it is learnt.

The window of a number is always the same, so a run that was broken off goes on where it was. Knows no model.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from llmops.backends.dialogue import DASH, spans
from llmops.schemas import Message

PERSON_WEIGHT = 0.1  # what people write is learnt a little: it teaches words, not answers


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids and how much each counts as a target, both of one length."""

    ids: NDArray[np.int64]
    weights: NDArray[np.float32]


def encode(tokenizer: Tokenizer, messages: Sequence[Message], person_weight: float = PERSON_WEIGHT) -> Window:
    """Return a talk's tokens; answers count fully, what people write little, the introduction and dashes not at all."""
    worth = {True: 1.0, False: person_weight}
    return weigh(
        tokenizer,
        [(text, worth[learnt] if learnt or text.startswith(f"{DASH} ") else 0.0) for text, learnt in spans(messages)],
    )


def weigh(tokenizer: Tokenizer, pieces: Sequence[tuple[str, float]]) -> Window:
    """Return the tokens of pieces that stand together, each with the weight of the piece that it ends in."""
    encoding = tokenizer.encode("".join(text for text, _ in pieces), add_special_tokens=False)
    begins = list(accumulate((len(text) for text, _ in pieces), initial=0))
    weights = [pieces[bisect_right(begins, max(0, end - 1)) - 1][1] for _, end in encoding.offsets]
    return Window(np.asarray(encoding.ids, np.int64), np.asarray(weights, np.float32))


def pack(talk: Callable[[int], Window], number: int, length: int, end: int) -> Window:
    """Return a full window: whole talks with an end mark between them, the last one cut off.

    Args:
        talk: Returns the encoded talk of a number; a window draws from numbers that are its own.
        length: Tokens of the window.
        end: The id of the end mark.
    """
    ids: list[NDArray[np.int64]] = []
    weights: list[NDArray[np.float32]] = []
    total, place = 0, number * length
    while total < length:
        window = talk(place)
        ids += [window.ids, np.asarray([end], np.int64)]
        weights += [window.weights, np.zeros(1, np.float32)]
        total += len(window.ids) + 1
        place += 1
    return Window(np.concatenate(ids)[:length], np.concatenate(weights)[:length])
