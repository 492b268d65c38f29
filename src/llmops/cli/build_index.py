"""`llmops build-index`: processed files → index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmops.cli.output import Output, progress
from llmops.cli.prepare_data import What

HELP = "Построить поисковый индекс из обработанных данных."


def build_index(
    what: Annotated[What, typer.Argument(help="Чей индекс.")] = What.all,
    data: Annotated[
        Path | None, typer.Option(help="Файл final_data.json; без него берётся результат prepare-data.")
    ] = None,
    embedder: Annotated[str | None, typer.Option(help="Модель эмбеддингов.")] = None,
    out: Annotated[Path | None, typer.Option(help="Папка индекса.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Строить, даже если ничего не изменилось.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Отчёт в JSON.")] = False,
) -> None:
    """Run the stage and print its report."""
    from llmops import wiring
    from llmops.settings import load_settings

    del what  # finance is all there is to index
    output, settings = Output(), load_settings(embedder=embedder)
    with progress("Индекс") as bar:
        report = wiring.build_finance(
            settings,
            data or wiring.readable_data(settings),
            out or settings.index_dir / "finance",
            force=force,
            step=lambda name, share: bar.update(bar.task_ids[0], description=name, completed=share),
        )
    wiring.keep_run(settings, report)
    if as_json:
        output.json(report)
    else:
        output.report(report)
