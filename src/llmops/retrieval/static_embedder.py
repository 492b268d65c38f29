"""The static embedder at run time: subword ids, the mean of their vectors, no torch.

Reads the folder that sentence-transformers writes for a `StaticEmbedding` and gives the same vectors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from llmops.errors import MissingModelError
from llmops.schemas import EmbedderFingerprint

_GOLDEN = ("Как вернуть налог за квартиру?", "банк лопнул что с вкладом")
_BATCH = 4096


class StaticEmbedder:
    """Mean of subword vectors, unit length.

    Args:
        folder: Holds `tokenizer.json` and `model.safetensors`.

    Raises:
        MissingModelError: The folder is absent or damaged.
    """

    def __init__(self, folder: Path) -> None:
        try:
            raw = (folder / "tokenizer.json").read_text(encoding="utf-8")
            self._tokenizer = Tokenizer.from_str(raw)
            self.rows: NDArray[np.float16] = load_file(folder / "model.safetensors")["embedding.weight"]
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise MissingModelError(
                f"Модель эмбеддингов в {folder} отсутствует или испорчена.",
                hint="Переустановите пакет llmops.",
            ) from error
        self._name = folder.name
        self._revision = hashlib.sha256(raw.encode() + self.rows.tobytes()).hexdigest()[:16]

    @property
    def fingerprint(self) -> EmbedderFingerprint:
        golden = self.embed(_GOLDEN, "query")[:, :8]
        return EmbedderFingerprint(
            name=self._name,
            revision=self._revision,
            dim=int(self.rows.shape[1]),
            golden=tuple(tuple(round(float(x), 4) for x in row) for row in golden),
        )

    def tokens(self, text: str) -> list[int]:
        """Return the subword ids of a text."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        out = np.zeros((len(texts), self.rows.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = self._tokenizer.encode_batch_fast(list(texts[start : start + _BATCH]), add_special_tokens=False)
            lengths = np.array([len(encoding.ids) for encoding in batch])
            full = np.flatnonzero(lengths)
            if len(full):
                ids = np.fromiter(
                    (i for encoding in batch for i in encoding.ids), dtype=np.int64, count=int(lengths.sum())
                )
                offsets = np.concatenate([[0], np.cumsum(lengths[full])[:-1]])
                sums = np.add.reduceat(self.rows[ids].astype(np.float32), offsets, axis=0)
                out[start + full] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        return out
