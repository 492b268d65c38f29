"""The small language model that ships: how soon it is there, how soon it speaks, how fast, at what price in memory.

usage: python -m benchmarks.language_model [--runs 7] [--model FOLDER] [--json FILE]

Every run is a process of its own, with whatever cores the machine has. Measured in the process: the import of the
engine, the opening of the folder, the first answer, then answers to other messages; the prompt is that of a third turn.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import keep, machine, summary

_MODEL = Path(__file__).parents[1] / "src" / "llmops" / "shipped" / "models" / "ru-companion-small"
_LIMITS = {"first_token_ms": 15.0, "load_s": 0.5, "megabytes": 12.0}
_LEAST_TOKENS_S = 500.0

_RUN = """
import json, resource, sys, time
started = time.perf_counter()
from pathlib import Path
from threading import Event, Thread
from llmops.schemas import Message, Sampling
from llmops.backends.openvino import OpenvinoBackend
imported = time.perf_counter()
backend = OpenvinoBackend(Path(sys.argv[1]))
opened = time.perf_counter()
says = ["Опять всё подгорело", "не могу уснуть", "завтра экзамен", "поссорилась с подругой", "весь день дождь", "скучно"]

def talk(place):
    lines = [says[(place + step) % len(says)] for step in range(5)]
    head = Message(role="system", content="Вера, тёплая подруга. Говорит на «ты».")
    return [head, *(Message(role="assistant" if n % 2 else "user", content=text) for n, text in enumerate(lines))]

def answer(place):
    begun, first = time.perf_counter(), None
    for token in backend.generate(talk(place), Sampling(seed=place, max_tokens=64), Event()):
        first = first or time.perf_counter()
    spent = time.perf_counter()
    return (first - begun) * 1000, token.usage.completion_tokens, spent - first, token.usage.prompt_tokens

cold = answer(0)
warm = [answer(place) for place in range(1, 40)]
begun = time.perf_counter()
results = []
threads = [Thread(target=lambda place=place: results.append(answer(place))) for place in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
together = sum(result[1] for result in results) / (time.perf_counter() - begun)
print(json.dumps({
    "import_s": imported - started,
    "load_s": opened - imported,
    "cold_first_token_ms": cold[0],
    "first_token_ms": sorted(result[0] for result in warm)[len(warm) // 2],
    "tokens_s": sum(result[1] - 1 for result in warm) / sum(result[2] for result in warm),
    "together_tokens_s": together,
    "prompt_tokens": warm[0][3],
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""

_NAMES = {
    "import_s": "импорт, с",
    "load_s": "загрузка, с",
    "cold_first_token_ms": "первый токен после загрузки, мс",
    "first_token_ms": "первый токен, мс",
    "tokens_s": "токенов в секунду",
    "together_tokens_s": "то же, восемь разговоров сразу",
    "prompt_tokens": "токенов во введении и репликах",
    "peak_mb": "память, МБ",
}


def main() -> None:
    """Measure, print, compare with the limits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--model", type=Path, default=_MODEL)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    runs = []
    for _ in range(arguments.runs):
        command = [sys.executable, "-c", _RUN, str(arguments.model)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout))
    figures = {key: statistics.median(run[key] for run in runs) for key in _NAMES}
    figures["megabytes"] = sum(path.stat().st_size for path in arguments.model.rglob("*") if path.is_file()) / 1e6
    print(f"{arguments.model.name}, запусков {arguments.runs}; {machine()}")
    for key, name in _NAMES.items():
        print(f"{name:34}{summary([run[key] for run in runs])}")
    print(f"{'папка, МБ':34}{figures['megabytes']:.1f}")
    missed = [key for key, limit in _LIMITS.items() if figures[key] > limit]
    missed += ["tokens_s"] if figures["tokens_s"] < _LEAST_TOKENS_S else []
    print("пределы: " + (f"не выдержаны - {', '.join(missed)}" if missed else "выдержаны"))
    keep(arguments.json, {**figures})
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
