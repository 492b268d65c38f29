"""Texts to hashed features: stems, pairs of stems, letter n-grams of words, concepts.

A feature is a bucket number and a weight; the groups are normalised so that long and short texts weigh the same.
Knows no entries and no trained weights.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from llmops.language.lexicon import Lexicon
from llmops.language.stems import STOP_WORDS, stem
from llmops.language.text import words

BUCKETS = 1 << 15
_GRAM_SIZES = (3, 4, 5)
_WEIGHTS = {"stem": 1.0, "pair": 0.7, "gram": 0.6, "concept": 0.8}

Features = tuple[NDArray[np.int32], NDArray[np.float32]]


def bucket(feature: str) -> int:
    """Return the bucket of a feature; the same on every machine."""
    return zlib.crc32(feature.encode()) % BUCKETS


@lru_cache(maxsize=200_000)
def _grams(word: str) -> NDArray[np.int32]:
    padded = f"^{word}$"
    grams = {padded[i : i + size] for size in _GRAM_SIZES for i in range(len(padded) - size + 1)}
    return np.array([bucket("c:" + gram) for gram in sorted(grams)], dtype=np.int32)


@lru_cache(maxsize=200_000)
def _stem_bucket(part: str) -> int:
    return bucket("s:" + part)


@lru_cache(maxsize=400_000)
def _pair_bucket(first: str, second: str) -> int:
    return bucket(f"b:{first}_{second}")


def featurise(text: str, lexicon: Lexicon) -> Features:
    """Return the buckets (n,) and weights (n,) of a text; empty when it has no words."""
    every = words(text)
    content = [word for word in every if word not in STOP_WORDS] or every
    parts = [stem(word) for word in content]
    groups: list[tuple[str, NDArray[np.int32]]] = [
        ("stem", np.array([_stem_bucket(part) for part in parts], dtype=np.int32)),
        (
            "pair",
            np.array([_pair_bucket(a, b) for a, b in pairwise(parts)], dtype=np.int32),
        ),
        ("gram", np.concatenate([_grams(word) for word in content]) if content else np.empty(0, np.int32)),
        (
            "concept",
            np.array([bucket("k:" + name) for name in lexicon.find([stem(word) for word in every])], dtype=np.int32),
        ),
    ]
    buckets, weights = [], []
    for name, group in groups:
        if len(group):
            buckets.append(group)
            weights.append(np.full(len(group), _WEIGHTS[name] / np.sqrt(len(group)), dtype=np.float32))
    if not buckets:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    return np.concatenate(buckets), np.concatenate(weights)


def bag(
    rows: Sequence[Features],
    table: NDArray[np.float32] | NDArray[np.int8],
    scale: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return the weighted sums of table rows, shape (len(rows), dim).

    Args:
        table: Shape (BUCKETS, dim); int8 rows are multiplied by `scale`, shape (BUCKETS,).
    """
    out = np.zeros((len(rows), table.shape[1]), dtype=np.float32)
    for number, (buckets, weights) in enumerate(rows):
        if len(buckets):
            factors = weights if scale is None else weights * scale[buckets]
            out[number] = factors @ table[buckets].astype(np.float32)
    return out
