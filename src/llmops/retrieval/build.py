"""`build-index finance`: a corpus → an index folder, fitted on held-out questions.

Incremental: wordings that the earlier index embedded are not embedded again. Knows no commands.
"""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from llmops.language.lexicon import Lexicon
from llmops.language.patterns import expand
from llmops.language.text import sentences, words
from llmops.language.typos import Spelling
from llmops.retrieval import head
from llmops.retrieval.feature_table import FeatureTable
from llmops.retrieval.fitting import fit_look, fit_scope, operating_point
from llmops.retrieval.index import Repair
from llmops.retrieval.layout import FILES, LAYOUT_VERSION, Fitted, IndexLayout, IndexManifest, sha256
from llmops.retrieval.lexical import LexicalLeg, terms
from llmops.retrieval.signals import LOOK_FEATURES, SCOPE_FEATURES, Legs, Signals, read_signals, scope_features
from llmops.retrieval.static_embedder import StaticEmbedder
from llmops.retrieval.vectors import VectorLeg
from llmops.schemas import Corpus, Entry, PolicyRule, Report, ReportCount

PATTERN_LIMIT = 12
_QUESTION, _PATTERN, _SENTENCE = 1.0, 0.4, 0.3
_HELD_SHARE = 4
_START_LOOK = np.array([1.0, 0.5, 0.5, 2.0, 0.0, 0.0, 0.0, 0.0, 0.5], dtype=np.float32)
_DEFAULT_SCOPE_THRESHOLD = 0.5

Row = NDArray[np.float32]
Step = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything that is learnt from, with the class and the weight of each text; classes ascend."""

    texts: list[str]
    labels: NDArray[np.int32]
    weights: Row

    def only(self, keep: NDArray[np.bool_]) -> Texts:
        """Return the texts where `keep` is true."""
        return Texts([text for text, kept in zip(self.texts, keep, strict=True) if kept], self.labels[keep], self.weights[keep])


def is_held(text: str) -> bool:
    """Tell whether a policy or foreign message is kept from learning, to fit and tell the refusal: one in four."""
    return zlib.crc32(("held:" + text).encode()) % _HELD_SHARE == 0


def learning_texts(corpus: Corpus) -> Texts:
    """Return wordings, expanded patterns, titles and sentences of answers of all classes, «out of scope» last."""
    rows: list[tuple[str, int, float]] = []
    for label, item in enumerate((*corpus.entries, *corpus.policy)):
        rows += [(text, label, _QUESTION) for text in (*item.questions, item.title)]
        rows += [(text, label, _PATTERN) for pattern in item.patterns for text in expand(pattern, PATTERN_LIMIT)]
        if isinstance(item, Entry):
            rows += [(text, label, _SENTENCE) for text in sentences(item.answer)]
    foreign = len(corpus.entries) + len(corpus.policy)
    rows += [(text, foreign, _QUESTION) for text in corpus.out_of_scope]
    return Texts([row[0] for row in rows], np.array([row[1] for row in rows], dtype=np.int32), np.array([row[2] for row in rows], dtype=np.float32))


def held_mask(corpus: Corpus, learnt: Texts) -> NDArray[np.bool_]:
    """Tell which texts are held-out policy and foreign messages."""
    rules = learnt.labels >= len(corpus.entries)
    return np.array([bool(rule) and weight == _QUESTION and is_held(text) for text, rule, weight in zip(learnt.texts, rules, learnt.weights, strict=True)])


@dataclass(frozen=True, slots=True)
class _Probe:
    """A question for fitting or telling quality: the class that is right, -1 for a foreign message."""

    text: str
    label: int


def _probes(corpus: Corpus) -> tuple[list[_Probe], list[_Probe]]:
    """Return the questions to fit on and the questions to tell quality by."""
    place = {entry.id: number for number, entry in enumerate(corpus.entries)}
    fit: list[_Probe] = []
    tell: list[_Probe] = []
    for held in corpus.held_out:
        if held.entry in place:
            for number, text in enumerate(held.questions):
                (fit, tell)[number % 2].append(_Probe(text, place[held.entry]))
    extra = [(rule_number + len(corpus.entries), text) for rule_number, rule in enumerate(corpus.policy) for text in rule.questions if is_held(text)]
    extra += [(-1, text) for text in corpus.out_of_scope if is_held(text)]
    for number, (label, text) in enumerate(extra):
        (fit, tell)[number % 2].append(_Probe(text, label))
    return fit, tell


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


def _documents(learnt: Texts, lexicon: Lexicon, classes: int) -> list[list[str]]:
    gathered: list[list[str]] = [[] for _ in range(classes)]
    for text, label in zip(learnt.texts, learnt.labels, strict=True):
        if label < classes:
            gathered[label] += terms(text, lexicon)
    return gathered


def _legs(corpus: Corpus, learnt: Texts, lexicon: Lexicon, embedder: StaticEmbedder, table: FeatureTable, matrix: Row, vectors: Row) -> Legs:
    classes = len(corpus.entries) + len(corpus.policy)
    direct = (learnt.weights == _QUESTION) & (learnt.labels < classes)
    asked = learnt.only(direct)
    return Legs(
        lexicon=lexicon,
        embedder=embedder,
        table=table,
        head=matrix,
        wordings=LexicalLeg.build([terms(text, lexicon) for text in asked.texts]),
        owners=asked.labels,
        documents=LexicalLeg.build(_documents(learnt, lexicon, classes)),
        vectors=VectorLeg.build(vectors[direct]),
    )


def _fit_and_tell(corpus: Corpus, legs: Legs, repair: Callable[[str], str]) -> Fitted:
    """Fit the second look and the refusal on one half of the held-out questions, tell quality by the other."""
    fit, tell = ([(probe, read_signals(repair(probe.text), legs)) for probe in half] for half in _probes(corpus))
    look = fit_look([(signals.look, _right(signals, probe.label)) for probe, signals in fit if signals and probe.label >= 0], _START_LOOK)
    first_rule = len(corpus.entries)
    rows = [(scope_features(s, head.softmax(s.look @ look), legs, first_rule), p.label) for p, s in fit if s and p.label < first_rule]
    if rows and any(label < 0 for _, label in rows) and any(label >= 0 for _, label in rows):
        scope = fit_scope(np.stack([row for row, _ in rows]), np.array([label >= 0 for _, label in rows]))
        chances = [(_chance(row, scope), label) for row, label in rows]
        threshold, _, _ = operating_point(np.array([c for c, label in chances if label >= 0]), np.array([c for c, label in chances if label < 0]))
    else:
        scope = np.zeros(len(SCOPE_FEATURES) + 1, np.float32)
        scope[0], scope[-1], threshold = 4.0, -1.0, _DEFAULT_SCOPE_THRESHOLD
    return _told(corpus, legs, tell, look, scope, threshold)


def _right(signals: Signals, label: int) -> int:
    places = np.flatnonzero(signals.candidates == label)
    return int(places[0]) if len(places) else -1


def _chance(row: Row, scope: Row) -> float:
    return float(1 / (1 + np.exp(-(np.append(row, 1.0) @ scope))))


def _told(corpus: Corpus, legs: Legs, tell: list[tuple[_Probe, Signals | None]], look: Row, scope: Row, threshold: float) -> Fitted:
    ranks: dict[str, list[int]] = defaultdict(list)
    refused, asked, answered, foreign = 0, 0, 0, 0
    first_rule = len(corpus.entries)
    for probe, signals in tell:
        if probe.label >= first_rule:
            continue
        scores = head.softmax(signals.look @ look) if signals else np.zeros(1, np.float32)
        inside = signals is not None and _chance(scope_features(signals, scores, legs, first_rule), scope) >= threshold
        if probe.label < 0:
            foreign, answered = foreign + 1, answered + inside
            continue
        asked, refused = asked + 1, refused + (not inside)
        place = _right(signals, probe.label) if signals else -1
        ranks[corpus.entries[probe.label].area].append(int((scores > scores[place]).sum()) if place >= 0 else 99)
    every = np.array([rank for area in ranks.values() for rank in area])
    share = (lambda kept: float(np.mean(kept))) if len(every) else (lambda kept: 0.0)  # noqa: ARG005
    return Fitted(
        look=dict(zip(LOOK_FEATURES, map(float, look), strict=True)),
        scope=dict(zip((*SCOPE_FEATURES, "1"), map(float, scope), strict=True)),
        threshold=threshold,
        both_gap=0.35,
        false_refusals=refused / asked if asked else 0.0,
        false_answers=answered / foreign if foreign else 0.0,
        hit_at_1=share(every == 0),
        hit_at_3=share(every < 3),
        mrr=share(1 / (1 + every)) if len(every) else 0.0,
        held_out=len(every),
        by_area={area: (float(np.mean(np.array(r) == 0)), float(np.mean(1 / (1 + np.array(r)))), len(r)) for area, r in sorted(ranks.items())},
    )


def build(corpus: Corpus, folder: Path, embedder: StaticEmbedder, table: FeatureTable, *, force: bool = False, step: Step = lambda name, share: None) -> Report:
    """Build the index of a corpus in `folder`, or leave it when it is already of this corpus and these models.

    Args:
        force: Build even when nothing changed.
        step: Called with the name of the stage and its share done.

    Raises:
        StorageError: The folder cannot be written.
    """
    started = time.perf_counter()
    layout = IndexLayout(folder)
    layout.recover()
    if not force and (fresh := _unchanged(layout, corpus, embedder, table)):
        return _report(fresh, folder, 0, time.perf_counter() - started)
    lexicon = Lexicon((concept.id, concept.expressions) for concept in corpus.concepts)
    learnt = learning_texts(corpus)
    vectors = _embed(learnt.texts, embedder, step)
    step("Признаки", 0.0)
    inputs = table.inputs(learnt.texts, vectors, lexicon)
    classes = len(corpus.entries) + len(corpus.policy)
    spelling = _words_of(corpus, learnt)
    step("Классификатор", 0.0)
    held = held_mask(corpus, learnt)
    matrix = head.fit(inputs[~held], learnt.labels[~held], learnt.weights[~held], classes + 1)
    step("Подбор весов", 0.0)
    fitted = _fit_and_tell(corpus, _legs(corpus, learnt.only(~held), lexicon, embedder, table, matrix, vectors[~held]), Repair(spelling))
    if held.any():
        matrix = head.fit(inputs, learnt.labels, learnt.weights, classes + 1)
    legs = _legs(corpus, learnt, lexicon, embedder, table, matrix, vectors)
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
            entry_hashes={},
        )

    manifest = layout.write(fill)
    return _report(manifest, folder, len(learnt.texts), time.perf_counter() - started)


def _unchanged(layout: IndexLayout, corpus: Corpus, embedder: StaticEmbedder, table: FeatureTable) -> IndexManifest | None:
    try:
        manifest = layout.verify()
    except Exception:  # noqa: BLE001 - whatever is wrong with the old index, a new one mends it
        return None
    same = manifest.data_sha256 == corpus.sha256 and manifest.embedder == embedder.fingerprint and manifest.table_sha256 == table.sha256
    return manifest if same else None


def _write(folder: Path, corpus: Corpus, legs: Legs, spelling: Spelling) -> None:
    answers = [entry.model_dump(mode="json", exclude_defaults=True) | {"questions": [entry.questions[0]]} for entry in corpus.entries]
    rules = [rule.model_dump(mode="json", exclude_defaults=True) | {"questions": [rule.questions[0]]} for rule in corpus.policy]
    for item in (*answers, *rules):
        item.pop("patterns", None)
    texts = {
        "areas": {area.id: area.title for area in corpus.areas},
        "entries": answers,
        "policy": rules,
        "concepts": [concept.model_dump(mode="json") for concept in corpus.concepts],
    }
    _json(folder / "entries.json", texts)
    _json(folder / "vocabulary.json", {"wordings": legs.wordings.vocabulary, "documents": legs.documents.vocabulary, "words": list(spelling.vocabulary)})
    arrays: dict[str, NDArray[np.generic]] = {
        "head": legs.head.astype(np.float16),
        "owners": legs.owners,
        "word_counts": spelling.counts,
        "grams": spelling.grams,
        "gram_starts": spelling.starts,
        "gram_words": spelling.postings,
    }
    for name, leg in (("wordings", legs.wordings), ("documents", legs.documents)):
        arrays |= {f"{name}.{key}": value for key, value in leg.arrays().items()}
    save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, folder / "arrays.safetensors")
    legs.vectors.write(folder / "vectors.faiss")


def _json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _report(manifest: IndexManifest, folder: Path, embedded: int, seconds: float) -> Report:
    fitted = manifest.fitted
    size = sum((folder / name).stat().st_size for name in FILES)
    counts = [
        ("записей", manifest.entries, ""),
        ("формулировок", manifest.wordings, ""),
        ("посчитано векторов", embedded, ""),
        ("размер", size / 1e6, "МБ"),
        ("hit@1 на отложенных", fitted.hit_at_1, ""),
        ("hit@3 на отложенных", fitted.hit_at_3, ""),
        ("MRR на отложенных", fitted.mrr, ""),
        ("отложенных вопросов", fitted.held_out, ""),
        ("ложных отказов", fitted.false_refusals, ""),
        ("ответов на чужое", fitted.false_answers, ""),
    ]
    return Report(
        stage="build-index finance",
        counts=tuple(ReportCount(name=name, value=value, unit=unit) for name, value, unit in counts),
        inputs={"data": manifest.data_sha256},
        outputs=dict(manifest.files),
        seconds=seconds,
    )


__all__ = ["PolicyRule", "build", "held_mask", "is_held", "learning_texts"]


def corpus_hash(corpus: Corpus) -> str:
    """Return a hash of a corpus that was not read from a file."""
    return hashlib.sha256(corpus.model_dump_json(exclude={"sha256"}).encode()).hexdigest()
