"""Opening an index and searching it.

Knows the files of the index and the fitted weights; knows no conversation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from llmops.errors import MissingIndexError
from llmops.language.layout import repair_layout
from llmops.language.lexicon import Lexicon
from llmops.language.spoken import standard
from llmops.language.text import clean
from llmops.language.typos import Speller, Spelling
from llmops.retrieval.feature_table import FeatureTable
from llmops.retrieval.head import softmax
from llmops.retrieval.layout import REBUILD, Fitted, IndexLayout
from llmops.retrieval.lexical import LexicalLeg
from llmops.retrieval.signals import (
    LOOK_FEATURES,
    SCOPE_FEATURES,
    Legs,
    Owners,
    read_signals,
    scope_chance,
    scope_features,
)
from llmops.retrieval.static_embedder import StaticEmbedder
from llmops.retrieval.vectors import VectorLeg
from llmops.schemas import Entry, Finding, Hit, PolicyRule

_LONGEST = 2000
_LATIN = re.compile(r"[a-z]{2,}")
_CONTEXT_BONUS = 0.4


def look_weights(fitted: Fitted) -> NDArray[np.float32]:
    """Return the second look's weights in the order of its features."""
    return np.array([fitted.look[name] for name in LOOK_FEATURES], dtype=np.float32)


def scope_weights(fitted: Fitted) -> NDArray[np.float32]:
    """Return the in-scope weights in the order of their features, the intercept last."""
    return np.array([fitted.scope[name] for name in (*SCOPE_FEATURES, "1")], dtype=np.float32)


class Repair:
    """Mends a question before it is searched: keyboard layout, spoken spellings, then typos."""

    def __init__(self, spelling: Spelling, roots: Iterable[str]) -> None:
        self._speller = Speller(spelling, roots)
        self._latin = frozenset(word for word in spelling.vocabulary if _LATIN.fullmatch(word))

    def __call__(self, text: str) -> str:
        switched = repair_layout(clean(text)[:_LONGEST], self._speller.knows, self._latin)
        return self._speller.repair(standard(switched))


class HybridRetriever:
    """Searches one index.

    Args:
        folder: The index's folder.
        embedder: Must have the fingerprint that the index was built with.
        table: The feature table that the index was built with.

    Raises:
        MissingIndexError: The index is absent, damaged, or built otherwise.
    """

    def __init__(self, folder: Path, embedder: StaticEmbedder, table: FeatureTable) -> None:
        layout = IndexLayout(folder)
        self.manifest = layout.read_manifest()
        if self.manifest.embedder != embedder.fingerprint or self.manifest.table_sha256 != table.sha256:
            raise MissingIndexError(f"Индекс {folder} построен с другой моделью эмбеддингов.", hint=REBUILD)
        try:
            arrays = load_file(folder / "arrays.safetensors")
            terms: dict[str, list[str]] = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
            texts: dict[str, Any] = json.loads((folder / "entries.json").read_text(encoding="utf-8"))
            self._legs = Legs(
                lexicon=Lexicon(texts["concepts"]),
                embedder=embedder,
                table=table,
                head=arrays["head"].astype(np.float32),
                wordings=LexicalLeg(_part(arrays, "wordings"), terms["wordings"]),
                owners=Owners(arrays["owners"].astype(np.int32), len(texts["entries"]) + len(texts["policy"])),
                documents=LexicalLeg(_part(arrays, "documents"), terms["documents"]),
                vectors=VectorLeg.read(folder / "vectors.faiss"),
            )
            self._entries: list[dict[str, Any]] = texts["entries"]
            self._policy: list[dict[str, Any]] = texts["policy"]
            self._areas: dict[str, str] = texts["areas"]
            spelling = Spelling(
                terms["words"], arrays["word_counts"], arrays["grams"], arrays["gram_starts"], arrays["gram_words"]
            )
            self._repair = Repair(spelling, terms["documents"])
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise MissingIndexError(f"Индекс {folder} испорчен: {error}.", hint=REBUILD) from error
        if layout.read_manifest() != self.manifest:
            raise MissingIndexError(f"Индекс {folder} обновился, пока читался.", hint="Повторите команду.")
        self._look, self._scope = look_weights(self.manifest.fitted), scope_weights(self.manifest.fitted)
        self._place = {entry["id"]: number for number, entry in enumerate(self._entries)}

    def repair(self, text: str) -> str:
        return self._repair(text)

    @property
    def areas(self) -> dict[str, str]:
        return self._areas

    @property
    def titles(self) -> list[tuple[str, str]]:
        return [(entry["area"], entry["title"]) for entry in self._entries]

    def entry(self, identifier: str) -> Entry | None:
        place = self._place.get(identifier)
        return None if place is None else Entry.model_validate(self._entries[place])

    def search(self, question: str, limit: int, context: Sequence[str] = ()) -> Finding:
        repaired = self.repair(question)
        signals = read_signals(repaired, self._legs)
        fitted = self.manifest.fitted
        if signals is None:
            return Finding(hits=(), in_scope=0.0, threshold=fitted.threshold, repaired=repaired)
        logits = signals.look @ self._look
        places = [self._place[identifier] for identifier in context if identifier in self._place]
        logits = logits + _CONTEXT_BONUS * np.isin(signals.candidates, places)
        scores = softmax(logits)
        first_rule = len(self._entries)
        features = scope_features(signals, scores, self._legs, first_rule)
        order = np.argsort(-scores)
        hits = [(int(signals.candidates[i]), float(scores[i])) for i in order]
        top_rule = hits[0] if hits[0][0] >= first_rule else None
        return Finding(
            hits=tuple(
                Hit(entry=Entry.model_validate(self._entries[place]), score=score)
                for place, score in [hit for hit in hits if hit[0] < first_rule][:limit]
            ),
            in_scope=scope_chance(features, self._scope),
            foreign=float(signals.probabilities[self._legs.classes]),
            both_gap=fitted.both_gap,
            threshold=fitted.threshold,
            policy=PolicyRule.model_validate(self._policy[top_rule[0] - first_rule]) if top_rule else None,
            policy_score=top_rule[1] if top_rule else 0.0,
            repaired=repaired,
        )


def _part(arrays: dict[str, NDArray[np.generic]], name: str) -> dict[str, NDArray[np.generic]]:
    return {key: arrays[f"{name}.{key}"] for key in ("data", "indices", "indptr", "size")}
