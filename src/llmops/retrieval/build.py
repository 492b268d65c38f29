"""`build-index`: a corpus → an index folder, fitted on held-out questions.

Knows no commands.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from llmops.errors import LlmopsError
from llmops.language.analysis import analyse
from llmops.language.lexicon import Lexicon
from llmops.language.text import words
from llmops.language.typos import Spelling
from llmops.retrieval import head
from llmops.retrieval.feature_table import FeatureTable
from llmops.retrieval.held_out import fit_and_tell
from llmops.retrieval.index import Repair
from llmops.retrieval.layout import FILES, LAYOUT_VERSION, IndexLayout, IndexManifest, sha256
from llmops.retrieval.learning import QUESTION, Texts, held_mask, learning_texts
from llmops.retrieval.lexical import LexicalLeg
from llmops.retrieval.signals import Legs, Owners
from llmops.retrieval.static_embedder import StaticEmbedder
from llmops.retrieval.vectors import VectorLeg
from llmops.retrieval.writing import write_index
from llmops.schemas import Corpus, Report, ReportCount

Row = NDArray[np.float32]
_EXAMPLES = 4  # wordings of a situation that a prompt may show
Step = Callable[[str, float], None]


def _words_of(corpus: Corpus, learnt: Texts) -> Spelling:
    counts = Counter(word for text in learnt.texts for word in words(text) if not word.isdigit())
    for concept in corpus.concepts:
        counts.update(word for expression in concept.expressions for word in words(expression))
    return Spelling.build(counts)


def _embed(texts: Sequence[str], embedder: StaticEmbedder, step: Step) -> Row:
    parts = []
    for start in range(0, len(texts), 4096):
        parts.append(embedder.embed(texts[start : start + 4096], "passage"))
        step("Векторы вопросов", min(1.0, (start + 4096) / len(texts)))
    return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)


class _Builder:
    """Makes legs from learning texts; what is worked out for a text is worked out once."""

    def __init__(
        self, corpus: Corpus, learnt: Texts, embedder: StaticEmbedder, table: FeatureTable, step: Step
    ) -> None:
        self._learnt, self._embedder, self._table = learnt, embedder, table
        self._classes = len(corpus.classes)
        self._lexicon = Lexicon.of((concept.id, concept.expressions) for concept in corpus.concepts)
        step("Разбор текстов", 0.0)
        analyses = [analyse(text, self._lexicon) for text in learnt.texts]
        self._terms = [analysis.terms for analysis in analyses]
        self._vectors = _embed(learnt.texts, embedder, step)
        step("Признаки", 0.0)
        self._inputs = table.inputs(analyses, self._vectors)

    def legs(self, keep: NDArray[np.bool_], *, start: Row | None = None) -> Legs:
        """Fit the classifier and index the texts where `keep` is true.

        Args:
            start: The weights of an earlier classifier of the same classes, to go on from.
        """
        learnt, rows = self._learnt, np.flatnonzero(keep)
        asked = np.flatnonzero(keep & (learnt.weights == QUESTION) & (learnt.labels < self._classes))
        matrix = head.fit(self._inputs[rows], learnt.labels[rows], learnt.weights[rows], self._classes + 1, start=start)
        return Legs(
            lexicon=self._lexicon,
            embedder=self._embedder,
            table=self._table,
            head=matrix,
            wordings=LexicalLeg.build([self._terms[row] for row in asked]),
            owners=Owners(learnt.labels[asked], self._classes),
            documents=LexicalLeg.build(self._documents(rows)),
            vectors=VectorLeg.build(self._vectors[asked]),
        )

    def _documents(self, rows: NDArray[np.int64]) -> list[list[str]]:
        gathered: list[list[str]] = [[] for _ in range(self._classes)]
        for row in rows:
            if (label := self._learnt.labels[row]) < self._classes:
                gathered[label] += self._terms[row]
        return gathered


def build(
    corpus: Corpus,
    folder: Path,
    embedder: StaticEmbedder,
    table: FeatureTable,
    *,
    force: bool = False,
    step: Step = lambda name, share: None,
) -> Report:
    """Build the index of a corpus in `folder`, or leave it when it is already of this corpus and these models.

    Args:
        force: Build even when nothing changed.
        step: Called with the name of the stage and its share done.

    Raises:
        StorageError: The folder cannot be written.
    """
    started = time.perf_counter()
    layout = IndexLayout(folder)
    if not force and (fresh := _unchanged(layout, corpus, embedder, table)):
        return _report(fresh, folder, 0, time.perf_counter() - started, force=force)
    learnt = learning_texts(corpus)
    builder = _Builder(corpus, learnt, embedder, table, step)
    spelling = _words_of(corpus, learnt)
    held = held_mask(corpus, learnt)
    step("Классификатор и веса", 0.0)
    legs = builder.legs(~held)
    fitted = fit_and_tell(corpus, legs, Repair(spelling, legs.documents.vocabulary))
    if held.any():
        step("Классификатор на всех текстах", 0.0)
        legs = builder.legs(np.ones_like(held), start=legs.head)
    step("Запись", 0.0)

    def fill(fresh: Path) -> IndexManifest:
        _write(fresh, corpus, legs, spelling)
        return IndexManifest(
            layout=LAYOUT_VERSION,
            data_sha256=corpus.sha256,
            entries=len(corpus.entries),
            wordings=len(learnt.texts),
            embedder=embedder.fingerprint,
            table_sha256=table.sha256,
            fitted=fitted,
            files={name: sha256(fresh / name) for name in FILES},
        )

    manifest = write_index(layout, fill)
    return _report(manifest, folder, len(learnt.texts), time.perf_counter() - started, force=force)


def _unchanged(
    layout: IndexLayout, corpus: Corpus, embedder: StaticEmbedder, table: FeatureTable
) -> IndexManifest | None:
    try:
        manifest = layout.verify()
    except LlmopsError:
        return None
    same = (
        manifest.data_sha256 == corpus.sha256
        and manifest.embedder == embedder.fingerprint
        and manifest.table_sha256 == table.sha256
    )
    return manifest if same else None


def _write(folder: Path, corpus: Corpus, legs: Legs, spelling: Spelling) -> None:
    answers = [
        entry.model_dump(mode="json", exclude_defaults=True)
        | {"questions": list(entry.questions[: _EXAMPLES if entry.reaction else 1])}
        for entry in corpus.entries
    ]
    rules = [
        rule.model_dump(mode="json", exclude_defaults=True) | {"questions": [rule.questions[0]]}
        for rule in corpus.policy
    ]
    for item in (*answers, *rules):
        item.pop("patterns", None)
    texts = {
        "areas": {area.id: area.title for area in corpus.areas},
        "entries": answers,
        "policy": rules,
        "concepts": legs.lexicon.concepts,
    }
    _json(folder / "entries.json", texts)
    _json(
        folder / "vocabulary.json",
        {
            "wordings": legs.wordings.vocabulary,
            "documents": legs.documents.vocabulary,
            "words": list(spelling.vocabulary),
        },
    )
    arrays: dict[str, NDArray[np.generic]] = {
        "head": legs.head.astype(np.float16),
        "owners": legs.owners.labels,
        "word_counts": spelling.counts,
        "grams": spelling.grams,
        "gram_starts": spelling.starts,
        "gram_words": spelling.postings,
    }
    for name, leg in (("wordings", legs.wordings), ("documents", legs.documents)):
        arrays |= {f"{name}.{key}": value for key, value in leg.arrays().items()}
    save_file({name: _compact(value) for name, value in arrays.items()}, folder / "arrays.safetensors")
    legs.vectors.write(folder / "vectors.faiss")


def _compact(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return an array of whole numbers in the smallest type that holds them; others as they are."""
    if array.dtype.kind in "iu":
        array = array.astype(np.min_scalar_type(int(array.max(initial=0))))
    return np.ascontiguousarray(array)


def _json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _report(manifest: IndexManifest, folder: Path, embedded: int, seconds: float, *, force: bool) -> Report:
    fitted = manifest.fitted
    size = sum((folder / name).stat().st_size for name in FILES)
    counts = [
        ("записей", "entries", manifest.entries, ""),
        ("формулировок", "wordings", manifest.wordings, ""),
        ("посчитано векторов", "embedded", embedded, ""),
        ("размер", "size_mb", size / 1e6, "МБ"),
        ("hit@1 на отложенных", "hit_at_1", fitted.hit_at_1, ""),
        ("hit@3 на отложенных", "hit_at_3", fitted.hit_at_3, ""),
        ("MRR на отложенных", "mrr", fitted.mrr, ""),
        ("отложенных вопросов", "held_out", fitted.held_out, ""),
        ("ложных отказов", "false_refusals", fitted.false_refusals, ""),
        ("ответов на чужое", "false_answers", fitted.false_answers, ""),
    ]
    return Report(
        stage="build-index",
        parameters={"embedder": manifest.embedder.name, "dim": str(manifest.embedder.dim), "force": str(force).lower()},
        artefacts=(str((folder / "manifest.json").absolute()),),
        counts=tuple(ReportCount(name=name, key=key, value=value, unit=unit) for name, key, value, unit in counts),
        inputs={"data": manifest.data_sha256},
        outputs=dict(manifest.files),
        seconds=seconds,
    )
