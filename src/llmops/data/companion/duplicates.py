"""Exact and near duplicates of many short texts within a fixed amount of memory.

Near duplicates by MinHash over character 4-grams (Broder 1997) with banding: sixteen hashes in four bands; whatever
shares a band is compared by all sixteen. Tables have a fixed size, old texts are overwritten: memory does not grow.
Knows folded texts; knows no rows.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[а-яёa-z0-9]+")
_HASHES, _BANDS = 16, 4
_ROWS = _HASHES // _BANDS
_ALIKE = 14  # of sixteen: about 0.85 of all 4-grams are shared
_SLOTS = 1 << 21
_REMEMBERED = 1 << 20
_GRAM = 4
_PRIME = np.uint64(1_099_511_628_211)

Hashes = NDArray[np.uint32]


class Duplicates:
    """Tells of each text whether it, or nearly it, was there before."""

    def __init__(self) -> None:
        chance = np.random.default_rng(1)
        self._factors = chance.integers(1, 1 << 32, _HASHES, dtype=np.uint32) | np.uint32(1)
        self._tables = np.full((_BANDS, _SLOTS), -1, np.int32)
        self._signatures = np.zeros((_REMEMBERED, _HASHES), np.uint8)
        self._exact = np.zeros(_REMEMBERED, np.uint64)
        self._count = 0

    def look(self, texts: Sequence[str]) -> list[str]:
        """Return «повтор», «почти повтор» or nothing for each text, and remember the new ones."""
        if not texts:
            return []
        folded = [" ".join(_WORD.findall(text.lower())) for text in texts]
        exact = np.array([_exact(text) for text in folded], np.uint64)
        hashes = self._minhash(folded)
        signatures = (hashes & np.uint32(0xFF)).astype(np.uint8)  # the high bits of a minimum are nearly always zero
        slots = [self._slots(hashes, band) for band in range(_BANDS)]
        places = (self._count + np.arange(len(texts))) % _REMEMBERED
        verdicts = np.zeros(len(texts), np.int8)
        self._signatures[places], self._exact[places] = signatures, exact
        for band, slot in enumerate(slots):
            earlier = self._earlier(band, slot, places)
            known = np.flatnonzero(earlier >= 0)
            alike = (self._signatures[earlier[known]] == signatures[known]).sum(1) >= _ALIKE
            same = self._exact[earlier[known]] == exact[known]
            verdicts[known] = np.maximum(verdicts[known], np.where(same, 2, alike))
        fresh = np.flatnonzero(verdicts == 0)
        for band, slot in enumerate(slots):
            self._tables[band, slot[fresh[::-1]]] = places[fresh[::-1]]
        self._count += len(texts)
        return [("", "почти повтор", "повтор")[verdict] for verdict in verdicts]

    def _earlier(self, band: int, slot: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the place of the text that holds a slot: of before, else the first one of this batch."""
        earlier: NDArray[np.int32] = self._tables[band, slot].copy()
        _, first, group = np.unique(slot, return_index=True, return_inverse=True)
        leader = first[group]
        inside = (earlier < 0) & (leader < np.arange(len(slot)))
        earlier[inside] = places[leader[inside]]
        return earlier

    def _minhash(self, folded: Sequence[str]) -> Hashes:
        """Return the minima of sixteen hashes over the 4-grams of each text, shape (texts, 16)."""
        padded = [f" {text} ".ljust(_GRAM) for text in folded]
        codes = np.frombuffer("".join(padded).encode("utf-32-le"), np.uint32).astype(np.uint64)
        lengths = np.array([len(text) for text in padded])
        grams = codes.copy()
        for shift in range(1, _GRAM):
            grams = grams * _PRIME + np.append(codes[shift:], np.zeros(shift, np.uint64))
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        # A gram that runs into the next text is replaced by the first gram of its own.
        owner = np.repeat(np.arange(len(padded)), lengths)
        outside = np.arange(len(codes)) - starts[owner] > lengths[owner] - _GRAM
        grams[outside] = grams[starts[owner[outside]]]
        mixed = (grams ^ (grams >> np.uint64(29))) * _PRIME
        short = (mixed >> np.uint64(32)).astype(np.uint32)
        hashes, multiplied = np.empty((len(padded), _HASHES), np.uint32), np.empty_like(short)
        for column, factor in enumerate(self._factors):  # multiply-shift: the high bits of a product order the grams
            np.multiply(short, factor, out=multiplied)
            hashes[:, column] = np.minimum.reduceat(multiplied, starts)
        return hashes

    @staticmethod
    def _slots(hashes: Hashes, band: int) -> NDArray[np.int64]:
        key = np.zeros(len(hashes), np.uint64)
        for row in range(band * _ROWS, (band + 1) * _ROWS):
            key = (key ^ hashes[:, row]) * _PRIME
        return ((key >> np.uint64(20)) % np.uint64(_SLOTS)).astype(np.int64)


def _exact(text: str) -> int:
    raw = text.encode()
    return zlib.crc32(raw) << 32 | zlib.adler32(raw)
