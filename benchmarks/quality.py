"""Quality on the held-out questions that nothing was fitted on, by area; as the index itself was told when built.

usage: python -m benchmarks.quality [--json FILE]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.measure import keep
from llmops import wiring
from llmops.settings import load_settings


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    fitted = wiring.finance_retriever(load_settings()).manifest.fitted
    print("| область | hit@1 | MRR | вопросов |\n|---|---|---|---|")
    for area, (hit, mrr, count) in fitted.by_area.items():
        print(f"| {area} | {hit:.3f} | {mrr:.3f} | {count} |")
    print(f"| **все** | **{fitted.hit_at_1:.3f}** | **{fitted.mrr:.3f}** | {fitted.held_out} |")
    print(
        f"\nhit@3 {fitted.hit_at_3:.3f}; ложных отказов {fitted.false_refusals:.3f}; ответов на чужое {fitted.false_answers:.3f}"
    )
    keep(given.json, fitted.model_dump())


if __name__ == "__main__":
    main()
