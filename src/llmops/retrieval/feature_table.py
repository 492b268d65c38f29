"""The feature table: trained vectors of hashed features, and how they join with the static embedder's vectors.

A text becomes `bag(features) + embedding @ projection`, shape (dim,): the input of the classifier.
Trained by `llmops.training`, stored as int8 rows with one scale each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from llmops.errors import MissingModelError
from llmops.language.analysis import Analysis
from llmops.retrieval.features import bag, featurise
from llmops.retrieval.static_embedder import StaticEmbedder


class FeatureTable:
    """Vectors of hashed features.

    Args:
        path: A safetensors file with `rows` (BUCKETS, dim) int8, `scale` (BUCKETS,) and `projection`
            (embedder's dim, dim).

    Raises:
        MissingModelError: The file is absent or damaged.
    """

    def __init__(self, path: Path) -> None:
        try:
            arrays = load_file(path)
            self._rows: NDArray[np.int8] = arrays["rows"]
            self._scale = arrays["scale"].astype(np.float32)
            self._projection = arrays["projection"].astype(np.float32)
            self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        except (OSError, SafetensorError, KeyError) as error:
            raise MissingModelError(
                f"Таблица признаков {path} отсутствует или испорчена.", hint="Переустановите пакет llmops."
            ) from error

    @property
    def dim(self) -> int:
        return int(self._rows.shape[1])

    def inputs(self, analyses: Sequence[Analysis], embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the classifier's inputs, shape (n, dim).

        Args:
            embeddings: The static embedder's vectors of the same texts, shape (n, embedder's dim).
        """
        rows = [featurise(analysis) for analysis in analyses]
        return bag(rows, self._rows, self._scale) + embeddings @ self._projection


def load_parts(folder: Path) -> tuple[StaticEmbedder, FeatureTable]:
    """Open the trained parts that ship with the package: `embedder/` and `table.safetensors`."""
    return StaticEmbedder(folder / "static-ru"), FeatureTable(folder / "table.safetensors")


def save_table(path: Path, rows: NDArray[np.float32], projection: NDArray[np.float32]) -> None:
    """Quantise rows to int8 with a scale each and write the file."""
    scale = np.maximum(np.abs(rows).max(axis=1), 1e-6) / 127
    quantised = np.clip(np.round(rows / scale[:, None]), -127, 127).astype(np.int8)
    save_file(
        {"rows": quantised, "scale": scale.astype(np.float16), "projection": projection.astype(np.float16)},
        path,
    )
