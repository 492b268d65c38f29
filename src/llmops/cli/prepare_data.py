"""`llmops prepare-data`: source files → processed files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli.output import Output, progress
from llmops.errors import ConfigError

if TYPE_CHECKING:
    from llmops.schemas import AssistantName

HELP = "Проверить и очистить исходные данные и собрать из них data/processed/phrases.csv и final_data.json."


class What(StrEnum):
    """What may be prepared."""

    companion = "companion"
    finance = "finance"
    all = "all"


def assistants(what: What) -> list[AssistantName]:
    """Return the assistants that a word of the command line means."""
    return ["companion", "finance"] if what is What.all else ["companion" if what is What.companion else "finance"]


def prepare_data(
    what: Annotated[What, typer.Argument(help="Чьи данные.")] = What.all,
    source: Annotated[
        Path | None,
        typer.Option(help="Файл или папка: YAML, CSV, JSONL, XLSX, PY; для собеседника ещё phrases.txt и result.json."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Куда записать.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Предупреждения считать провалом (код 1).")] = False,
    keep_emoji: Annotated[bool, typer.Option("--keep-emoji", help="Не убирать эмодзи и смайлики.")] = False,
    keep_links: Annotated[bool, typer.Option("--keep-links", help="Не убирать ссылки, почту и упоминания.")] = False,
    keep_obscene: Annotated[bool, typer.Option("--keep-obscene", help="Оставить брань.")] = False,
    keep_foreign: Annotated[bool, typer.Option("--keep-foreign", help="Оставить другие языки.")] = False,
    keep_duplicates: Annotated[bool, typer.Option("--keep-duplicates", help="Оставить повторы.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Отчёт в JSON.")] = False,
) -> None:
    """Run the stage and print its report."""
    from llmops import wiring
    from llmops.data.companion.cleaning import Keep
    from llmops.settings import load_settings

    wanted = assistants(what)
    if len(wanted) > 1 and (source or out):
        raise ConfigError(
            "--source и --out относятся к данным одного ассистента.",
            hint="Назовите его: llmops prepare-data companion --source ФАЙЛ",
        )
    output, settings = Output(), load_settings()
    keep = Keep(
        emoji=keep_emoji, links=keep_links, obscene=keep_obscene, foreign=keep_foreign, duplicates=keep_duplicates
    )
    reports = []
    for assistant in wanted:
        with progress("Проверка данных") as bar:
            report = wiring.prepare(
                assistant,
                source or wiring.source_dir(assistant),
                out or wiring.processed_path(settings, assistant),
                keep=keep,
                progress=lambda done, total, bar=bar: bar.update(bar.task_ids[0], completed=done / max(total, 1)),  # type: ignore[misc]
            )
        wiring.keep_run(settings, report)
        reports.append(report)
        if not as_json:
            output.report(report)
    if as_json:
        output.json(*reports)
    if any(not report.outputs for report in reports):
        output.note("Есть ошибки: ничего не записано, прежний файл остался.")
        raise typer.Exit(3)
    if strict and any(problem.level == "warning" for report in reports for problem in report.problems):
        raise typer.Exit(1)
