"""`llmops train`: trains the small models that ship with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmops.cli.output import Output

HELP = "Обучить модели, которые идут с пакетом (нужно дополнение torch)."


def train(
    data: Annotated[Path | None, typer.Option(help="Файл final_data.json.")] = None,
    out: Annotated[Path | None, typer.Option(help="Папка моделей.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Отчёт в JSON.")] = False,
) -> None:
    """Run the stage and print its report."""
    from llmops import wiring
    from llmops.settings import load_settings

    output, settings = Output(), load_settings()
    report = wiring.train_finance(data or wiring.readable_data(settings), out or settings.home / "models" / "finance")
    wiring.keep_run(settings, report)
    if as_json:
        output.json(report)
    else:
        output.report(report)
