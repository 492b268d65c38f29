"""`prepare-data companion` on messy dialogues: lines a second on one core and on all, memory, and a peer in the same run.

The peer is a script of ftfy, datasketch and pandas (`benchmarks/peer_cleaning.py`) in an environment that has them.

usage: python -m benchmarks.companion_prepare [--lines 200000] [--large 1000000] [--peer-python PATH] [--json FILE]
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import keep, machine, process_seconds

_PHRASES = Path(__file__).parents[1] / "data" / "processed" / "phrases.csv"


def messy(count: int) -> Iterator[str]:
    """Yield lines of a dialogue: four fifths plain, the others with every kind of dirt; the same at every run."""
    chance = random.Random(1)
    with _PHRASES.open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream) if row["role"] in {"says", "reply", "more"}]
    plain = [text for text in texts if not set(text) & set("{[<$")]
    vocabulary = sorted({word for text in plain for word in text.split()})
    for number in range(count):
        text = " ".join(chance.choice(plain).split()[:6] + chance.choices(vocabulary, k=4))
        yield f"{'АБ'[number % 2]}: {_dirty(text, plain, number, chance.random())}"


def _dirty(text: str, plain: list[str], number: int, kind: float) -> str:
    dirt = (
        (0.05, f"{text}!!!!! 😂😂"),
        (0.08, f"<b>{text}</b> &amp; всё"),
        (0.10, f"{text} https://ya.ru/abc?x={number}"),
        (0.12, text.encode().decode("cp1251", "ignore")),
        (0.13, f"мой телефон +7 912 345-67-{10 + number % 89}"),
        (0.14, f"This is an english line number {number}"),
        (0.15, f"ну ты и мудак {text}"),
        (0.18, plain[number % 500]),
        (0.20, text.replace("о", "ооо")),
    )
    return " ".join(next((said for share, said in dirt if kind < share), text).split())


def _ours(source: Path, out: Path, cores: str) -> tuple[float, float]:
    command = ["taskset", "-c", cores, sys.executable, "-m", "llmops", "prepare-data", "companion"]
    home = str(out.parent)
    flags = ["--source", str(source), "--out", str(out), "--json"]
    seconds, peak = process_seconds([*command, *flags], 1, LLMOPS_HOME=home, LLMOPS_AUTO_EXPORT="0")
    return seconds[0], peak / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--peer-python")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    print(machine())
    rows: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        source, out = Path(name) / "messages.txt", Path(name) / "out.csv"
        source.write_text("\n".join(messy(given.lines)) + "\n", encoding="utf-8")
        for label, cores in (("one core", "0"), ("two cores", "0,1")):
            seconds, peak = _ours(source, out, cores)
            rows[label] = given.lines / seconds
            print(f"ours, {label}: {rows[label]:,.0f} lines/s, peak {peak:.0f} MB")
        if given.peer_python:
            command = ["taskset", "-c", "0", given.peer_python, str(Path(__file__).with_name("peer_cleaning.py"))]
            seconds_, peak_ = process_seconds(["sh", "-c", f"{' '.join(command)} {source} {out} && echo done"], 1)
            rows["peer"] = given.lines / seconds_[0]
            print(f"ftfy + datasketch + pandas, one core: {rows['peer']:,.0f} lines/s, peak {peak_ / 1024:.0f} MB")
            print(f"ratio on one core: {rows['one core'] / rows['peer']:.1f}")
        if given.large:
            source.write_text("\n".join(messy(given.large)) + "\n", encoding="utf-8")
            seconds, peak = _ours(source, out, "0,1")
            rows["large"] = given.large / seconds
            print(f"ours, {given.large:,} lines: {rows['large']:,.0f} lines/s, peak {peak:.0f} MB")
    keep(given.json, dict(rows))


if __name__ == "__main__":
    main()
