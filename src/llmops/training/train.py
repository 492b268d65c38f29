"""`llmops train`: a corpus → the two trained parts that ship, the static embedder and the feature table.

Held-out questions, and held-out policy and foreign messages, are never seen here.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from llmops.language.analysis import analyse
from llmops.language.lexicon import Lexicon
from llmops.retrieval.feature_table import save_table
from llmops.retrieval.features import featurise
from llmops.retrieval.learning import PATTERN, Texts, answer_sentences, held_mask, learning_texts
from llmops.retrieval.static_embedder import StaticEmbedder
from llmops.schemas import Corpus, Report, ReportCount
from llmops.training import feature_table, static_embedder


def train(corpus: Corpus, out: Path, *, seed: int = 0) -> Report:
    """Train both parts and put them into `out`, replacing what is there."""
    started = time.perf_counter()
    every = learning_texts(corpus)
    kept = np.flatnonzero(~held_mask(corpus, every))
    learnt = Texts([every.texts[row] for row in kept], every.labels[kept], every.weights[kept])
    wordings: dict[str, list[str]] = defaultdict(list)
    for text, label, weight in zip(learnt.texts, learnt.labels, learnt.weights, strict=True):
        if weight >= PATTERN and label < len(corpus.entries) + len(corpus.policy):
            wordings[str(label)].append(text)
    passages = {str(label): [item.title, *answer_sentences(item)] for label, item in enumerate(corpus.classes)}
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        fresh = Path(folder)
        static_embedder.train(wordings, passages, fresh / "static-ru", seed=seed)
        embedder = StaticEmbedder(fresh / "static-ru")
        lexicon = Lexicon.of((concept.id, concept.expressions) for concept in corpus.concepts)
        rows = [featurise(analyse(text, lexicon)) for text in learnt.texts]
        table, projection = feature_table.train(
            rows,
            embedder.embed(learnt.texts, "passage"),
            learnt.labels,
            learnt.weights.astype(np.float32),
            seed=seed,
        )
        save_table(fresh / "table.safetensors", table, projection)
        for name in ("static-ru", "table.safetensors"):
            shutil.rmtree(out / name, ignore_errors=True)
            (fresh / name).replace(out / name)
    seconds = time.perf_counter() - started
    return Report(
        stage="train",
        parameters={"seed": str(seed)},
        counts=(
            ReportCount(name="текстов", key="texts", value=len(learnt.texts)),
            ReportCount(name="записей", key="entries", value=len(corpus.entries)),
        ),
        seconds=seconds,
    )
