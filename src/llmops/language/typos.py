"""Typo repair against a vocabulary: «палучаю пинсию» is «получаю пенсию».

Only words the vocabulary does not know are touched. Candidates come from shared letter trigrams, the choice from an
edit distance in which slips that Russian spelling invites (а/о, е/и, т/д, с/з, dropped double letters) cost less.
Knows no entries: the vocabulary is passed in.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from llmops.language.stems import STOP_WORDS, stem
from llmops.language.text import words

_CHEAP_PAIRS = frozenset(
    frozenset(pair)
    for pair in (
        "ао",
        "еи",
        "ея",
        "ия",
        "тд",
        "сз",
        "бп",
        "вф",
        "гк",
        "жш",
        "шщ",
        "гв",
        "ие",
        "ую",
        "ыи",
        "эе",
        "цс",
        "чщ",
        "йи",
        "юу",
        "яа",
        "оё",
    )
)
_CHEAP, _FULL = 0.45, 1.0
_MIN_LENGTH = 4
_PARTICLES = ("ли", "не", "бы", "же")


def _trigrams(word: str) -> list[int]:
    padded = f"^{word}$"
    return sorted({zlib.crc32(padded[i : i + 3].encode()) for i in range(len(padded) - 2)})


class Spelling:
    """A vocabulary with its letter trigrams, as plain arrays that an index can keep.

    Args:
        vocabulary: Folded word forms.
        counts: How often each form occurs, shape (n,).
        grams: Sorted trigram hashes, shape (g,); the words of gram i stand in
            `postings[starts[i]:starts[i + 1]]`.
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        counts: NDArray[np.int32],
        grams: NDArray[np.uint32],
        starts: NDArray[np.int32],
        postings: NDArray[np.int32],
    ) -> None:
        self.vocabulary, self.counts = vocabulary, counts
        self.grams, self.starts, self.postings = grams, starts, postings

    @classmethod
    def build(cls, frequencies: Mapping[str, int]) -> Spelling:
        """Index the words of a vocabulary by their trigrams."""
        vocabulary = sorted(frequencies)
        pairs = [(gram, number) for number, word in enumerate(vocabulary) for gram in _trigrams(word)]
        keys = np.array([gram for gram, _ in pairs], dtype=np.uint32)
        numbers = np.array([number for _, number in pairs], dtype=np.int32)
        order = np.argsort(keys, kind="stable")
        grams, starts = np.unique(keys[order], return_index=True)
        counts = np.array([frequencies[word] for word in vocabulary], dtype=np.int32)
        return cls(vocabulary, counts, grams, np.append(starts, len(keys)).astype(np.int32), numbers[order])

    def sharing(self, word: str) -> NDArray[np.int64]:
        """Return how many trigrams each word of the vocabulary shares with this one, shape (n,)."""
        wanted = np.array(_trigrams(word), dtype=np.uint32)
        places = np.searchsorted(self.grams, wanted)
        found = [
            self.postings[self.starts[p] : self.starts[p + 1]]
            for p, gram in zip(places, wanted, strict=True)
            if p < len(self.grams) and self.grams[p] == gram
        ]
        return (
            np.bincount(np.concatenate(found), minlength=len(self.vocabulary))
            if found
            else np.zeros(len(self.vocabulary), np.int64)
        )


def _cost(a: str, b: str) -> float:
    if a == b:
        return 0.0
    return _CHEAP if frozenset((a, b)) in _CHEAP_PAIRS else _FULL


def distance(source: str, target: str, limit: float) -> float:
    """Return the weighted Damerau–Levenshtein distance, or infinity once it exceeds the limit."""
    if abs(len(source) - len(target)) > limit / _CHEAP:
        return float("inf")
    before: list[float] = []
    row = [_FULL * j for j in range(len(target) + 1)]
    for i, a in enumerate(source, 1):
        current = [_FULL * i]
        for j, b in enumerate(target, 1):
            gap = _CHEAP if (i > 1 and source[i - 2] == a) or a in "ьъ" else _FULL
            other_gap = _CHEAP if (j > 1 and target[j - 2] == b) or b in "ьъ" else _FULL
            best = min(row[j] + gap, current[j - 1] + other_gap, row[j - 1] + _cost(a, b))
            if i > 1 and j > 1 and a == target[j - 2] and source[i - 2] == b:
                best = min(best, before[j - 2] + 0.7)
            current.append(best)
        if min(current) > limit:
            return float("inf")
        before, row = row, current
    return row[-1]


class Speller:
    """Repairs words that are absent from a vocabulary; of equal candidates the more frequent word wins.

    Args:
        roots: Stems whose every form counts as known.
    """

    def __init__(self, spelling: Spelling, roots: Iterable[str]) -> None:
        self._spelling = spelling
        self._weight = np.log1p(spelling.counts.astype(np.float32))
        self._known = frozenset(spelling.vocabulary)
        self._roots = frozenset(roots)
        self._cache: dict[str, str] = {}

    def knows(self, word: str) -> bool:
        """Tell whether the word, or another form of it, is in the vocabulary."""
        folded = "".join(words(word))
        return folded in self._known or folded in STOP_WORDS or stem(folded) in self._roots

    def repair(self, text: str) -> str:
        """Return the folded words of the text, unknown ones repaired, separated by single spaces."""
        fixed: list[str] = []
        for word in words(text):
            fixed.extend(self._repair_word(word).split())
        return " ".join(self._join(fixed))

    def _join(self, tokens: list[str]) -> list[str]:
        """Join neighbours that are one word («само занятый») when one of them is unknown alone."""
        joined: list[str] = []
        for token in tokens:
            pair = joined[-1] + token if joined else ""
            if pair and len(pair) > 7 and pair in self._known and joined[-1] not in STOP_WORDS and not token.isdigit():
                joined[-1] = pair
            else:
                joined.append(token)
        return joined

    def _repair_word(self, word: str) -> str:
        if len(word) < _MIN_LENGTH or not word.isalpha() or word.isascii() or self.knows(word):
            return word
        cached = self._cache.get(word)
        if cached is None:
            if len(self._cache) > 20000:
                self._cache.clear()
            cached = self._cache[word] = self._nearest(word) or self._split(word) or word
        return cached

    def _split(self, word: str) -> str:
        for particle in _PARTICLES:
            if word.endswith(particle) and word[: -len(particle)] in self._known:
                return f"{word[: -len(particle)]} {particle}"
            if word.startswith(particle) and len(word) > 6 and word[len(particle) :] in self._known:
                return f"{particle} {word[len(particle) :]}"
        for cut in range(4, len(word) - 3):
            if word[:cut] in self._known and word[cut:] in self._known:
                return f"{word[:cut]} {word[cut:]}"
        return ""

    def _nearest(self, word: str) -> str:
        limit = 1.0 if len(word) < 7 else 1.5 if len(word) < 10 else 2.0
        shared = self._spelling.sharing(word)
        if not shared.any():
            return ""
        rank = shared + self._weight * 0.05
        candidates = np.argpartition(-rank, min(40, len(rank) - 1))[:40]
        best, best_cost = "", float("inf")
        for number in candidates:
            target = self._spelling.vocabulary[int(number)]
            cost = distance(word, target, limit)
            if cost <= limit and cost - 0.03 * float(self._weight[number]) < best_cost:
                best, best_cost = target, cost - 0.03 * float(self._weight[number])
        return best
