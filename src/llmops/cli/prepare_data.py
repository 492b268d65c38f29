"""`llmops prepare-data`: source files → processed files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from llmops.cli.output import Output, progress

HELP = "Проверить исходные данные и собрать из них data/processed/final_data.json."


class What(StrEnum):
    """What may be prepared."""

    finance = "finance"
    all = "all"


def prepare_data(
    what: Annotated[What, typer.Argument(help="Чьи данные.")] = What.all,
    source: Annotated[
        Path | None, typer.Option(help="Файл или папка: YAML, CSV, JSONL, XLSX или PY с одним словарём.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Куда записать.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Предупреждения считать провалом (код 1).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Отчёт в JSON.")] = False,
) -> None:
    """Run the stage and print its report."""
    from datetime import date

    from llmops import wiring
    from llmops.data.prepare import prepare
    from llmops.settings import load_settings

    del what  # finance is all there is to prepare
    output, settings = Output(), load_settings()
    with progress("Проверка данных") as bar:
        report = prepare(
            source or wiring.source_dir(),
            out or wiring.processed_path(settings),
            today=date.today(),
            progress=lambda done, total: bar.update(bar.task_ids[0], completed=done / max(total, 1)),
        )
    wiring.keep_run(settings, report)
    if as_json:
        output.json(report)
    else:
        output.report(report)
    if not report.outputs:
        output.note("Есть ошибки: ничего не записано, прежний файл остался.")
        raise typer.Exit(3)
    if strict and any(problem.level == "warning" for problem in report.problems):
        raise typer.Exit(1)
