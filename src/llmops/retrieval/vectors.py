"""The dense leg: nearest wordings by inner product, in FAISS.

Bytes are read and written by Python's own `open`: FAISS cannot open non-ASCII paths everywhere.
"""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from llmops.errors import MissingIndexError
from llmops.retrieval.layout import REBUILD

_EXACT_UP_TO = 100_000


class VectorLeg:
    """Nearest neighbours among unit vectors; exact up to a hundred thousand, in inverted lists beyond."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index
        faiss.omp_set_num_threads(1)

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> VectorLeg:
        """Index unit vectors, shape (n, dim), in 8 bits a number."""
        dim = vectors.shape[1]
        kind = faiss.ScalarQuantizer.QT_8bit
        if len(vectors) <= _EXACT_UP_TO:
            index: faiss.Index = faiss.IndexScalarQuantizer(dim, kind, faiss.METRIC_INNER_PRODUCT)
        else:
            lists = int(4 * len(vectors) ** 0.5)
            index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(dim), dim, lists, kind, faiss.METRIC_INNER_PRODUCT)
            index.cp.max_points_per_centroid = 64
            index.cp.niter = 8
            index.nprobe = 24
        sample = (
            vectors
            if len(vectors) <= 2 * _EXACT_UP_TO
            else vectors[np.random.default_rng(0).permutation(len(vectors))[: 2 * _EXACT_UP_TO]]
        )
        index.train(sample)
        index.add(vectors)
        return cls(index)

    @classmethod
    def read(cls, path: Path) -> VectorLeg:
        """Read an index file.

        Raises:
            MissingIndexError: The bytes are not an index.
        """
        try:
            return cls(faiss.deserialize_index(np.frombuffer(path.read_bytes(), dtype=np.uint8)))
        except (OSError, RuntimeError) as error:
            raise MissingIndexError(f"Файл векторов {path} не читается.", hint=REBUILD) from error

    def write(self, path: Path) -> None:
        """Write the index file."""
        path.write_bytes(faiss.serialize_index(self._index).tobytes())

    @property
    def size(self) -> int:
        return int(self._index.ntotal)

    def nearest(self, vector: NDArray[np.float32], count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the numbers and the cosines of the nearest vectors, best first."""
        scores, numbers = self._index.search(vector.reshape(1, -1), min(count, self.size))
        found = numbers[0] >= 0
        return numbers[0][found], scores[0][found]
