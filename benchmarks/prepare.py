"""`prepare-data` on large files: lines a second, and peak memory that must not grow with the file.

usage: python -m benchmarks.prepare [--lines 100000,1000000] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import keep, machine, process_seconds

_WORDS = ["вклад", "кредит", "налог", "вычет", "карта", "банк", "счёт", "ставка", "процент", "срок", "платёж", "долг", "пенсия", "пособие", "страховка", "полис", "договор", "доход", "расход", "бюджет", "акция", "облигация", "фонд", "валюта", "рубль", "перевод", "лимит", "комиссия", "справка", "заявление", "возврат", "отказ"]  # fmt: skip


def _write(path: Path, lines: int) -> None:
    chance = random.Random(0)
    with path.open("w", encoding="utf-8") as stream:
        for number in range(lines):
            question = " ".join(chance.choices(_WORDS, k=5)) + f" {number}"
            stream.write(
                json.dumps(
                    {"question": question, "answer": f"Ответ номер {number} о том, что спросили."}, ensure_ascii=False
                )
                + "\n"
            )


def main() -> None:
    """Prepare files of growing size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", default="100000,300000,1000000")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = []
    print(machine())
    for lines in map(int, given.lines.split(",")):
        with tempfile.TemporaryDirectory() as name:
            source = Path(name) / "questions.jsonl"
            _write(source, lines)
            command = [
                sys.executable,
                "-m",
                "llmops",
                "prepare-data",
                "finance",
                "--source",
                str(source),
                "--out",
                str(Path(name) / "out.json"),
                "--json",
            ]
            seconds, peak = process_seconds(command, 1, LLMOPS_HOME=name)
        rows.append({"lines": lines, "seconds": seconds[0], "lines_per_s": lines / seconds[0], "peak_mb": peak / 1024})
        print(" ".join(f"{key}={value:.1f}" for key, value in rows[-1].items()), flush=True)
    keep(given.json, {"rows": rows})


if __name__ == "__main__":
    main()
