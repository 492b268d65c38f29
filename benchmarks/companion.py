"""The companion against a nearest-neighbour script and ChatterBot, on the same phrases and questions, in the same run.

Ours: a reply in the process, a cold one-shot, peak memory, 200 turns in one conversation. Peers run in an environment of
their own (sentence-transformers with the shipped static embedder, since no other model is at hand offline; ChatterBot
with its tagger that needs no download). Relevance: the share of held-out messages that the right situation answers.

usage: python -m benchmarks.companion [--peer-python PATH] [--questions 400] [--json FILE]
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import call_ms, drain, keep, machine, percentile, process_seconds, summary

_REPOSITORY = Path(__file__).parents[1]
_PHRASES = _REPOSITORY / "data" / "processed" / "phrases.csv"
_PEERS = Path(__file__).with_name("companion_peers.py")


def _held_out(limit: int) -> list[tuple[str, str]]:
    """Return messages that nothing has learnt from, with their situations; evenly over the bank."""
    with _PHRASES.open(encoding="utf-8", newline="") as stream:
        rows = [(row["text"], row["situation"]) for row in csv.DictReader(stream) if row["role"] == "held_out"]
    return rows[:: max(1, len(rows) // limit)][:limit]


def _ours(questions: list[tuple[str, str]]) -> dict[str, float]:
    from llmops import wiring
    from llmops.settings import Settings

    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as home:
        dialogue, _ = wiring.companion_dialogue(Settings(home=Path(home)), private=True)
        opened_ms = (time.perf_counter() - started) * 1000
        timings, right = [], 0
        for text, situation in questions:
            dialogue.renew()
            timings.append(call_ms(lambda text=text: dialogue.ask(text, drain)))  # type: ignore[misc]
            reply = dialogue.last[1] if dialogue.last else None
            right += bool(reply and reply.sources and reply.sources[0].id == situation)
        dialogue.renew()
        said, long_ms = [], []
        for number in range(200):
            text = questions[number % len(questions)][0] if number % 3 else "привет"
            long_ms.append(call_ms(lambda text=text: dialogue.ask(text, drain)))  # type: ignore[misc]
            said.append(dialogue.last[1].answer if dialogue.last else "")
    repeats = sum(answer in said[max(0, place - 50) : place] for place, answer in enumerate(said))
    return {
        "open_ms": opened_ms,
        "p50_ms": statistics.median(timings),
        "p95_ms": percentile(timings, 0.95),
        "relevance": right / len(questions),
        "first_50_ms": statistics.median(long_ms[:50]),
        "last_50_ms": statistics.median(long_ms[-50:]),
        "repeats_in_200": repeats,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _peer(python: str, name: str, questions: list[tuple[str, str]]) -> dict[str, float] | None:
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "questions.json"
        asked.write_text(json.dumps(questions, ensure_ascii=False), encoding="utf-8")
        done = subprocess.run(
            [python, str(_PEERS), name, str(_PHRASES), str(asked)], capture_output=True, text=True, check=False
        )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        print(f"{name}: не запустился: {done.stderr.strip().splitlines()[-1:]}")
        return None
    figures: dict[str, float] = json.loads(lines[-1])
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer-python")
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    questions = _held_out(given.questions)
    print(machine())
    rows: dict[str, dict[str, float]] = {"ours": _ours(questions)}
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "llmops", "chat", "companion", "мне сегодня грустно"]
        cold, peak = process_seconds(command, 5, LLMOPS_HOME=home, LLMOPS_AUTO_EXPORT="0")
    print(f"cold one-shot, s: {summary(cold)}, peak {peak / 1024:.0f} MB")
    rows["ours"]["cold_s"] = statistics.median(cold)
    for name in ("nearest", "chatterbot") if given.peer_python else ():
        if figures := _peer(given.peer_python, name, questions):
            rows[name] = figures
    for name, figures in rows.items():
        print(name, " ".join(f"{key}={value:.3g}" for key, value in figures.items()))
    keep(given.json, dict(rows))


if __name__ == "__main__":
    main()
