"""The index on disk: which files it has, how they are written whole, and how a damaged one is told.

    manifest.json         versions, hashes of the files, fingerprint, fitted weights, figures of quality
    entries.json          what answers need: entries without wordings, policy rules, concepts
    vocabulary.json       terms of the lexical legs, words for typo repair
    arrays.safetensors    postings, the classifier, owners of wordings, letter trigrams
    vectors.faiss         vectors of wordings

A folder is written beside its place and renamed when complete; a reader sees the old one or the new one.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from llmops.errors import MissingIndexError
from llmops.schemas import EmbedderFingerprint, Value

LAYOUT_VERSION = 1
FILES = ("entries.json", "vocabulary.json", "arrays.safetensors", "vectors.faiss")
REBUILD = "Выполните: llmops build-index --force"


class Fitted(Value):
    """Weights fitted on held-out questions, and what they achieve on others.

    Args:
        look: Weights of the second look, by feature.
        scope: Weights of the in-scope estimate, by feature, with its intercept under "1".
        threshold: Below this in-scope probability the question is refused.
        false_refusals: Share of held-out questions refused at the threshold; `false_answers`: share of foreign
            messages answered.
        both_gap: Two entries closer than this in probability are both shown.
    """

    look: dict[str, float]
    scope: dict[str, float]
    threshold: float
    both_gap: float
    false_refusals: float
    false_answers: float
    hit_at_1: float
    hit_at_3: float
    mrr: float
    held_out: int
    by_area: dict[str, tuple[float, float, int]] = Field(default_factory=dict)


class IndexManifest(Value):
    """What an index says of itself."""

    layout: int
    data_sha256: str
    entries: int
    wordings: int
    embedder: EmbedderFingerprint
    table_sha256: str
    fitted: Fitted
    files: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """A short hash of everything that the index holds."""
        return hashlib.sha256("".join(sorted(self.files.values())).encode()).hexdigest()[:12]


class IndexLayout:
    """A folder that holds one index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def replaced(self) -> Path:
        """Where the old index waits while the new one takes its place."""
        return self.folder.with_name(f".{self.folder.name}.old")

    def read_manifest(self) -> IndexManifest:
        """Read what the index says of itself.

        Raises:
            MissingIndexError: There is none, or it is half-written or of another version.
        """
        path = self.folder / "manifest.json"
        try:
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if document.get("layout") != LAYOUT_VERSION:
                raise MissingIndexError(f"Индекс {self.folder} сделан другой версией программы.", hint=REBUILD)
            manifest = IndexManifest.model_validate(document)
        except FileNotFoundError as error:
            raise MissingIndexError(f"Индекса нет: {self.folder}.", hint="Выполните: llmops build-index") from error
        except (OSError, ValueError, ValidationError, AttributeError) as error:
            raise MissingIndexError(
                f"Индекс {self.folder} испорчен: manifest.json не читается.", hint=REBUILD
            ) from error
        absent = [name for name in FILES if not (self.folder / name).is_file()]
        if absent:
            raise MissingIndexError(f"Индекс {self.folder} неполон: нет {', '.join(absent)}.", hint=REBUILD)
        return manifest

    def verify(self) -> IndexManifest:
        """Compare every file with its hash.

        Raises:
            MissingIndexError: A file is absent or was changed.
        """
        manifest = self.read_manifest()
        for name, digest in manifest.files.items():
            if sha256(self.folder / name) != digest:
                raise MissingIndexError(f"Индекс {self.folder} испорчен: {name} изменён.", hint=REBUILD)
        return manifest


def sha256(path: Path) -> str:
    """Return the hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
