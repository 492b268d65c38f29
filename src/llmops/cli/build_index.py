"""`llmops build-index`: processed files → index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmops.cli.output import Output, progress
from llmops.cli.prepare_data import What, assistants
from llmops.errors import ConfigError

HELP = "Построить поисковый индекс из обработанных данных."


def build_index(
    what: Annotated[What, typer.Argument(help="Чей индекс.")] = What.all,
    data: Annotated[
        Path | None, typer.Option(help="Файл final_data.json или phrases.csv; без него берётся результат prepare-data.")
    ] = None,
    embedder: Annotated[str | None, typer.Option(help="Модель эмбеддингов.")] = None,
    out: Annotated[Path | None, typer.Option(help="Папка индекса.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Строить, даже если ничего не изменилось.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Отчёт в JSON.")] = False,
) -> None:
    """Run the stage and print its report."""
    from llmops import wiring
    from llmops.settings import load_settings

    output, settings = Output(), load_settings(embedder=embedder)
    wanted = assistants(what)
    if len(wanted) > 1 and (data or out):
        raise ConfigError(
            "--data и --out относятся к одному индексу.", hint="Назовите его: llmops build-index finance --out ПАПКА"
        )
    reports = []
    for assistant in wanted:
        with progress(f"Индекс {assistant}") as bar:
            report = wiring.build_index(
                settings,
                assistant,
                data or wiring.readable_data(settings, assistant),
                out or settings.index_dir / assistant,
                force=force,
                step=lambda name, share, bar=bar: bar.update(bar.task_ids[0], description=name, completed=share),  # type: ignore[misc]
            )
        wiring.keep_run(settings, report)
        reports.append(report)
        if not as_json:
            output.report(report)
    if as_json:
        output.json(*reports)
