"""The lexical leg: BM25 over stems and concepts, stored as plain arrays.

Knows texts as lists of terms; knows no entries.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Let imports of packages that are not loaded yet fail, as if they were not installed."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _without("scipy", "numba"):  # bm25s loads what others have installed, 0.2 s of every start, and we use neither
    import bm25s
    from bm25s.tokenization import Tokenized


class LexicalLeg:
    """BM25 scores of documents.

    Args:
        arrays: `data`, `indices`, `indptr` (a CSC matrix of documents by terms) and `size` (documents).
        vocabulary: Terms in the order of the columns.
    """

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]], vocabulary: Sequence[str]) -> None:
        self._model = bm25s.BM25(method="lucene")
        self._model.nonoccurrence_array = None
        self._model.scores = {
            "data": np.asarray(arrays["data"], dtype=np.float32),
            "indices": np.asarray(arrays["indices"], dtype=np.int32),
            "indptr": np.asarray(arrays["indptr"], dtype=np.int64),
            "num_docs": int(arrays["size"][0]),
        }
        self._number = {term: number for number, term in enumerate(vocabulary)}
        self.size = int(arrays["size"][0])
        counts = np.diff(self._model.scores["indptr"])[: len(vocabulary)]
        self.idf: NDArray[np.float32] = np.log1p(self.size / (counts + 0.5)).astype(np.float32)

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> LexicalLeg:
        """Index documents given as terms."""
        vocabulary: dict[str, int] = {}
        ids = [[vocabulary.setdefault(term, len(vocabulary)) for term in document] for document in documents]
        vocabulary.setdefault("", len(vocabulary))
        model = bm25s.BM25(method="lucene")
        model.index(
            Tokenized(ids=[row or [vocabulary[""]] for row in ids], vocab=dict(vocabulary)),
            show_progress=False,
        )
        arrays = {name: np.asarray(model.scores[name]) for name in ("data", "indices", "indptr")}
        return cls({**arrays, "size": np.array([len(documents)])}, list(vocabulary))

    @property
    def vocabulary(self) -> list[str]:
        return list(self._number)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return what the constructor takes, in compact types."""
        scores = self._model.scores
        return {
            "data": scores["data"].astype(np.float16),
            "indices": scores["indices"],
            "indptr": scores["indptr"],
            "size": np.array([self.size], dtype=np.int64),
        }

    def ids(self, query: Sequence[str]) -> list[int]:
        """Return the numbers of the query's known terms, each once."""
        return list(dict.fromkeys(self._number[term] for term in query if term in self._number))

    def scores(self, query: Sequence[str]) -> NDArray[np.float32]:
        """Return the score of every document, shape (size,)."""
        known = self.ids(query)
        if not known:
            return np.zeros(self.size, dtype=np.float32)
        return np.asarray(self._model.get_scores_from_ids(known), dtype=np.float32)

    def contains(self, document: int, term: int) -> bool:
        """Tell whether a document holds a term, given by its number."""
        scores = self._model.scores
        held = scores["indices"][scores["indptr"][term] : scores["indptr"][term + 1]]
        return bool((held == document).any())
