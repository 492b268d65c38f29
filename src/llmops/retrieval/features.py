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

from llmops.language.analysis import Analysis

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


@lru_cache(maxsize=4096)
def _concept_bucket(name: str) -> int:
    return bucket("k:" + name)


@lru_cache(maxsize=400_000)
def _pair_bucket(first: str, second: str) -> int:
    return bucket(f"b:{first}_{second}")


def featurise(analysis: Analysis) -> Features:
    """Return the buckets (n,) and weights (n,) of a text; empty when it has no words."""
    parts = analysis.stems
    grams = [_grams(word) for word in analysis.content]
    sizes = {
        "stem": len(parts),
        "pair": max(0, len(parts) - 1),
        "concept": len(analysis.concepts),
        "gram": sum(map(len, grams)),
    }
    singles = [_stem_bucket(part) for part in parts]
    singles += [_pair_bucket(first, second) for first, second in pairwise(parts)]
    singles += [_concept_bucket(name) for name in analysis.concepts]
    buckets = np.concatenate([np.array(singles, dtype=np.int32), *grams])
    weights = np.repeat([_WEIGHTS[name] / max(size, 1) ** 0.5 for name, size in sizes.items()], list(sizes.values()))
    return buckets, weights.astype(np.float32)


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
