"""Answers inside the process: milliseconds of `prepare`, by percentile, and of opening the index.

usage: python -m benchmarks.inprocess [--json FILE]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.measure import call_ms, keep, machine, percentile
from llmops import wiring
from llmops.assistants.finance.assistant import FinanceAssistant
from llmops.schemas import Conversation
from llmops.settings import load_settings

_DATA = Path(__file__).parents[1] / "data" / "processed" / "final_data.json"


def main() -> None:
    """Answer every held-out question and a few thousand wordings once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    settings = load_settings()
    wiring.finance_retriever(settings)
    opening = [call_ms(lambda: wiring.finance_retriever(settings)) for _ in range(7)]
    assistant = FinanceAssistant(wiring.finance_retriever(settings), "static")
    conversation = Conversation(id="bench", assistant="finance")
    document = json.loads(_DATA.read_text(encoding="utf-8"))
    questions = [question for held in document["held_out"] for question in held["questions"]][:2000]
    for question in questions[:50]:
        assistant.prepare(conversation, question)
    times = [call_ms(lambda asked=question: assistant.prepare(conversation, asked)) for question in questions]  # type: ignore[misc]
    figures: dict[str, object] = {
        "questions": len(times),
        "p50_ms": percentile(times, 0.5),
        "p95_ms": percentile(times, 0.95),
        "p99_ms": percentile(times, 0.99),
        "open_ms": percentile(opening, 0.5),
    }
    print(machine())
    for name, value in figures.items():
        print(f"{name:12} {value:.2f}" if isinstance(value, float) else f"{name:12} {value}")
    keep(given.json, figures)


if __name__ == "__main__":
    main()
