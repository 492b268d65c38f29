"""The peers of `benchmarks.companion`: prints one line of JSON.

usage: python benchmarks/companion_peers.py nearest|chatterbot PHRASES.csv QUESTIONS.json
"""

from __future__ import annotations

import csv
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

_MODEL = Path(__file__).parents[1] / "src" / "llmops" / "shipped" / "models" / "static-ru"
_MOST = 40  # questions for ChatterBot: it reads the whole base at every one

Answer = Callable[[str], str]


def _says(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [(row["text"], row["situation"]) for row in csv.DictReader(stream) if row["role"] == "says"]


def _nearest(says: list[tuple[str, str]]) -> Answer:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(_MODEL), device="cpu")
    known = np.nan_to_num(model.encode([text for text, _ in says], normalize_embeddings=True))
    return lambda text: says[int((known @ model.encode(text, normalize_embeddings=True)).argmax())][1]


def _chatterbot(says: list[tuple[str, str]]) -> Answer:
    from chatterbot import ChatBot
    from chatterbot.tagging import LowercaseTagger
    from chatterbot.trainers import ListTrainer

    base = Path(tempfile.mkdtemp()) / "bot.db"
    bot = ChatBot(
        "bot",
        database_uri=f"sqlite:///{base}",
        logic_adapters=["chatterbot.logic.BestMatch"],
        tagger=LowercaseTagger,
        read_only=True,
    )
    trainer = ListTrainer(bot, show_training_progress=False)
    for text, situation in says:
        trainer.train([text, situation])
    return lambda text: str(bot.get_response(text))


def main() -> None:
    """Answer the questions and print the figures."""
    name, phrases, asked = sys.argv[1:4]
    questions = json.loads(Path(asked).read_text(encoding="utf-8"))
    if name == "chatterbot":
        questions = questions[:: max(1, len(questions) // _MOST)]
    started = time.perf_counter()
    answer = {"nearest": _nearest, "chatterbot": _chatterbot}[name](_says(Path(phrases)))
    opened = time.perf_counter() - started
    timings, right = [], 0
    for text, situation in questions:
        begun = time.perf_counter()
        right += answer(text) == situation
        timings.append((time.perf_counter() - begun) * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {
        "open_ms": opened * 1000,
        "p50_ms": statistics.median(timings),
        "relevance": right / len(questions),
        "questions": len(questions),
        "peak_mb": peak,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
