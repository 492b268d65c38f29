"""`llmops monitor`: the recorded turns at a glance, as JSON, redrawn every second, or checked against limits.

Knows options and periods; the figures come from `tracking`, their look from `monitor_view`.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from llmops.cli.output import Output
from llmops.errors import ConfigError
from llmops.language.numbers import plural

if TYPE_CHECKING:
    from rich.console import RenderableType

    from llmops.schemas import AssistantName
    from llmops.settings import Settings
    from llmops.tracking.limits import Limits, Overview

HELP = "Посмотреть, как отвечают ассистенты."
_REDRAW_S = 1.0
_UNITS = {
    "m": (60, ("минуту", "минуты", "минут")),
    "h": (3600, ("час", "часа", "часов")),
    "d": (86400, ("день", "дня", "дней")),
    "w": (7 * 86400, ("неделю", "недели", "недель")),
}
_LATIN = str.maketrans("мчдн", "mhdw")
_LONGEST_S = 100 * 366 * 86400


class Who(StrEnum):
    """Whose turns are shown."""

    finance = "finance"
    companion = "companion"


class Period:
    """From when the turns are shown: so many seconds ago, a fixed moment, or the very beginning.

    Args:
        ago_s: Seconds before now; None for a fixed moment.
        moment: Seconds since 1970, UTC; 0 is the beginning.
    """

    def __init__(self, title: str, *, ago_s: float | None = None, moment: float = 0.0) -> None:
        self.title = title
        self._ago_s, self._moment = ago_s, moment

    def since(self, now: float) -> float:
        """Return the beginning, seconds since 1970."""
        return self._moment if self._ago_s is None else max(0.0, now - self._ago_s)


def parse_period(text: str, now: float) -> Period:
    """Return the period that `--since` names.

    Raises:
        ConfigError: It names none, or one that lies ahead.
    """
    given = text.strip().lower()
    if given in {"all", "всё", "все"}:
        return Period("за всё время")
    found = re.fullmatch(r"(\d{1,9})\s*([mhdwмчдн])", given)
    if found:
        size, forms = _UNITS[found[2].translate(_LATIN)]
        count = int(found[1])
        if 0 < count * size <= _LONGEST_S:
            return Period(f"за {plural(count, forms)}", ago_s=count * size)
        raise _no_period(text)
    try:
        begun = datetime.fromisoformat(given.upper()).astimezone()
        moment = begun.timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise _no_period(text) from error
    if not 0 <= moment <= now:
        raise _no_period(text)
    return Period(f"с {begun:%d.%m.%Y}" + (f" {begun:%H:%M}" if begun.hour or begun.minute else ""), moment=moment)


def _no_period(text: str) -> ConfigError:
    return ConfigError(
        f"--since {text}: такого периода нет.", hint="Например: 30m, 24h, 7d, 2w, all или прошедшая дата 2026-11-01."
    )


def monitor(
    since: Annotated[
        str | None,
        typer.Option(metavar="СРОК", help="30m, 24h, 7d, 2w, all или дата; без него 24h, а с --unanswered 30d."),
    ] = None,
    assistant: Annotated[Who | None, typer.Option(help="Только этот ассистент.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Всё одним документом JSON.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Обновлять раз в секунду; выход - Ctrl-C.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Сверить с пределами; код 1, если что-то не так.")] = False,
    unanswered: Annotated[
        bool, typer.Option("--unanswered", help="Вопросы без ответа по темам: чего не хватает в базе.")
    ] = False,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="ИМЯ=ЧИСЛО", help="Другой предел, например errors=0.1; можно повторять."),
    ] = None,
) -> None:
    """Show, watch, print or check the figures."""
    from llmops.settings import load_settings
    from llmops.tracking.limits import parse_limits

    output, settings = Output(), load_settings()
    period, limits = parse_period(_term(since, unanswered), time.time()), parse_limits(limit or [])

    def look() -> Overview:
        return _look(settings, period, assistant, limits)

    if unanswered:
        _show_unanswered(output, settings, period, assistant, as_json, alone=not (watch or check))
        return
    if watch:
        if as_json or check:
            raise ConfigError("--watch не сочетается с --json и --check.")
        _watch(look, period)
        return
    overview = look()
    _print(overview, period, output, as_json=as_json, check=check)
    if check and overview.breaches:
        raise typer.Exit(1)


def _term(since: str | None, unanswered: bool) -> str:
    """Return the period that was asked for, else the usual one: refusals gather slowly."""
    return since if since is not None else "30d" if unanswered else "24h"


def _show_unanswered(
    output: Output, settings: Settings, period: Period, assistant: Who | None, as_json: bool, *, alone: bool
) -> None:
    from llmops.cli.unanswered_view import show_unanswered

    if not alone:
        raise ConfigError("--unanswered не сочетается с --watch и --check.")
    show_unanswered(output, settings, period.since(time.time()), assistant.value if assistant else None, as_json)


def _look(settings: Settings, period: Period, assistant: Who | None, limits: Limits) -> Overview:
    """Gather the figures as of now."""
    from llmops import wiring
    from llmops.tracking.drift import compare
    from llmops.tracking.interrupted import close_interrupted
    from llmops.tracking.limits import Overview, check
    from llmops.tracking.statistics import gather

    now = time.time()
    name: AssistantName | None = assistant.value if assistant else None
    with wiring.monitor_outbox(settings) as outbox:
        close_interrupted(outbox)
        in_files = len(wiring.fallback(settings).paths())
        statistics = gather(outbox, in_files, since=period.since(now), now=now, assistant=name)
        drift = compare(outbox, now=now, assistant=name, titles=wiring.area_titles(settings))
    return Overview(statistics=statistics, drift=drift, breaches=check(statistics, limits))


def _print(overview: Overview, period: Period, output: Output, *, as_json: bool, check: bool) -> None:
    """Print the figures once, in the form that was asked for."""
    if as_json:
        output.json(overview)
    elif check:
        _report(overview, output)
    else:
        _show(overview, period, output)


def _report(overview: Overview, output: Output) -> None:
    """Print one line per broken limit."""
    if not overview.statistics.turns:
        output.note("Ходов за этот период нет.")
    for breach in overview.breaches:
        output.data(breach.text)
    if not overview.breaches:
        output.data("Всё в норме.")


def _show(overview: Overview, period: Period, output: Output) -> None:
    """Print the view once; in a pipe it is 80 columns of plain text."""
    import io

    from rich.console import Console

    from llmops.cli.monitor_view import WIDTH, view

    terminal = sys.stdout.isatty()
    console = Console(
        file=io.StringIO(),
        width=None if terminal else WIDTH,
        force_terminal=terminal,
        color_system=_colours(),
        highlight=False,
    )
    with console.capture() as captured:
        console.print(view(overview, period.title, min(console.width, WIDTH)))
    output.data("\n".join(line.rstrip() for line in captured.get().rstrip().split("\n")))


def _colours() -> Literal["auto"] | None:
    from llmops.settings import plain_terminal

    return "auto" if sys.stdout.isatty() and not plain_terminal() else None


def _watch(look: Callable[[], Overview], period: Period) -> None:
    """Redraw the view every second until Ctrl-C, the normal way to leave."""
    from rich.console import Console
    from rich.live import Live

    from llmops.cli.monitor_view import WIDTH, view

    console = Console(color_system=_colours(), highlight=False)
    if not sys.stdout.isatty() or console.is_dumb_terminal:
        raise ConfigError("--watch перерисовывает экран, а вывод идёт не в терминал.", hint="Запустите без --watch.")

    def draw() -> RenderableType:
        return view(look(), period.title, min(console.width, WIDTH))

    try:
        with Live(draw(), console=console, auto_refresh=False, screen=True) as live:
            while True:
                live.refresh()
                time.sleep(_REDRAW_S)
                live.update(draw())
    except KeyboardInterrupt:
        return
