"""Growth from 1 000 to 100 000 synthetic entries: building, memory, size, query time; a table and a plot.

usage: python -m benchmarks.scale [--sizes 1000,10000,100000] [--json FILE] [--plot FILE.svg]
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import call_ms, keep, machine, percentile

_WORDINGS = 3


def _corpus(size: int) -> object:
    """Return entries whose wordings are drawn from the base's own words, so that postings are as uneven as real ones."""
    from llmops import wiring
    from llmops.data.prepare import load
    from llmops.schemas import Corpus, Entry
    from llmops.settings import load_settings

    base = load(wiring.readable_data(load_settings(), "finance"))
    words = [word for entry in base.entries for question in entry.questions for word in question.split()]
    chance = random.Random(0)
    made = []
    for number in range(size):
        topic = chance.sample(words, 6)
        questions = tuple(" ".join([*chance.sample(topic, 4), *chance.sample(words, 2)]) for _ in range(_WORDINGS))
        made.append(
            Entry(
                id=f"e{number}",
                area="synthetic",
                title=" ".join(topic[:4]),
                questions=questions,
                answer=" ".join(chance.sample(words, 25)),
            )
        )
    return Corpus(entries=tuple(made), concepts=base.concepts, sha256=str(size))


def _one(size: int) -> dict[str, float]:
    from llmops import wiring
    from llmops.retrieval.build import build
    from llmops.retrieval.index import HybridRetriever
    from llmops.schemas import Corpus
    from llmops.settings import load_settings

    corpus = Corpus.model_validate(_corpus(size))
    models = wiring.parts(load_settings())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "index"
        started = time.perf_counter()
        report = build(corpus, folder, *models)
        seconds = time.perf_counter() - started
        wordings = next(count.value for count in report.counts if count.name == "формулировок")
        opening = call_ms(lambda: HybridRetriever(folder, *models))
        retriever = HybridRetriever(folder, *models)
        questions = [question for entry in corpus.entries[: min(size, 400)] for question in entry.questions[:1]]
        times = [call_ms(lambda asked=question: retriever.search(asked, 5)) for question in questions]  # type: ignore[misc]
        size_mb = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "entries": size, "wordings": wordings, "build_s": seconds, "wordings_per_s": wordings / seconds, "index_mb": size_mb,
        "open_ms": opening, "query_p50_ms": percentile(times, 0.5), "query_p95_ms": percentile(times, 0.95), "peak_mb": peak / 1024, "corpus_mb": before / 1024,
    }  # fmt: skip


def _plot(rows: list[dict[str, float]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(12, 3.6))
    for axis, (name, title) in zip(
        axes,
        (("build_s", "построение, с"), ("peak_mb", "пик памяти, МБ"), ("query_p95_ms", "запрос p95, мс")),
        strict=True,
    ):
        axis.plot([row["entries"] for row in rows], [row[name] for row in rows], marker="o")
        axis.set(xscale="log", yscale="log", xlabel="записей", title=title)
        axis.grid(visible=True, which="both", alpha=0.3)
    figure.tight_layout()
    figure.savefig(path)


def main() -> None:
    """Measure every size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="1000,3000,10000,30000,100000")
    parser.add_argument("--one", type=int)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_one(given.one)))
        return
    rows = []
    print(machine())
    for size in map(int, given.sizes.split(",")):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.scale", "--one", str(size)], capture_output=True, text=True, check=True
        )
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(" ".join(f"{name}={value:.1f}" for name, value in rows[-1].items()), flush=True)
    keep(given.json, {"rows": rows})
    if given.plot:
        _plot(rows, given.plot)


if __name__ == "__main__":
    main()
