"""How the figures of `llmops monitor` look in a terminal: what is wrong first, then tables, drift, export.

Knows the figures and rich; does not know where they come from, nor whether colours are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from llmops.language.numbers import plural
from llmops.tracking.drift import Drift
from llmops.tracking.figures import ABSENT, decimal, duration, grouped, milliseconds, moment, percent
from llmops.tracking.limits import Breach, Overview
from llmops.tracking.statistics import BIN_HOURS, Backlog, Quantiles, Statistics

_ROWS = ("запись", "записи", "записей")
WIDTH = 80
_TWO_COLUMNS = 72
_BARS = "▁▂▃▄▅▆▇█"
_NAMES = {"finance": "финансы", "companion": "собеседник"}
_OUTCOMES = {
    "answered": "ответ дан",
    "refused": "отказ",
    "clarify": "уточнение",
    "error": "ошибка",
    "interrupted": "ответ оборван",
}
_REASONS = {"out_of_scope": "не по теме", "policy": "по правилам", "low_confidence": "нет уверенности"}
_ASK = 'Спросите что-нибудь: llmops chat finance "какой сейчас МРОТ"'


def view(overview: Overview, period: str, width: int = WIDTH) -> RenderableType:
    """Return everything that is shown.

    Args:
        period: What the period is called, as «за 24 часа».
        width: Columns to fill at most.
    """
    statistics = overview.statistics
    parts: list[RenderableType] = [
        _heading(statistics, period, width),
        Text(),
        *_verdict(statistics, overview.breaches),
    ]
    if statistics.turns:
        parts += [*_timeline(statistics, width), Text(), *_tables(statistics, width), Text(), *_drift(overview.drift)]
    else:
        parts.append(_nothing(statistics, period))
    return Group(*parts, *_export(statistics.backlog))


def _heading(statistics: Statistics, period: str, width: int) -> RenderableType:
    who = _NAMES[statistics.assistant] if statistics.assistant else "все ассистенты"
    line = Table.grid(expand=True)
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True)
    line.add_row(Text(f"Ходы {period}: {who}", style="bold"), Text(moment(statistics.until), style="dim"))
    line.width = width
    return line


def _verdict(statistics: Statistics, breaches: Sequence[Breach]) -> Iterator[Text]:
    """Say what is wrong before anything else."""
    for breach in breaches:
        yield _hanging("! ", breach.text, "bold red")
    if not breaches and statistics.turns:
        yield Text("Всё в норме.", style="green")


def _hanging(mark: str, text: str, style: str = "") -> Text:
    return Text(mark + "".join(letter if letter.isprintable() else " " for letter in text), style=style)


def _nothing(statistics: Statistics, period: str) -> Text:
    if statistics.open:
        return Text(f"Законченных ходов {period} нет; сейчас отвечают: {statistics.open}.")
    if statistics.last_turn_hour is None:
        return Text(f"Ходов пока нет.\n{_ASK}")
    last = statistics.last_turn_hour.astimezone()
    return Text(f"Ходов {period} нет, последний был {last:%d.%m.%Y}.\nВсе ходы: llmops monitor --since all")


def _timeline(statistics: Statistics, width: int) -> Iterator[Text]:
    """Draw the turns over time; of one or two bins there is nothing to see."""
    bins = statistics.timeline
    if len(bins) < 3:
        return
    fitting = (
        hours // statistics.bin_hours
        for hours in BIN_HOURS
        if hours % statistics.bin_hours == 0 and len(bins) * statistics.bin_hours <= hours * width
    )
    together = next(fitting, len(bins))
    heights = [sum(one.turns for one in bins[start : start + together]) for start in range(0, len(bins), together)]
    hours = together * statistics.bin_hours
    yield Text()
    yield Text(sparkline(heights), style="cyan")
    yield Text(
        f"с {moment(bins[0].start)}; столбик - {duration(hours * 3600)}, самый высокий - {grouped(max(heights))}", "dim"
    )


def sparkline(values: Sequence[int]) -> str:
    """Return a bar for every value; nothing is the lowest bar, and any value at all is higher."""
    top = max(values, default=0)
    steps = len(_BARS) - 1
    return "".join(_BARS[-(-value * steps // top) if value > 0 else 0] for value in values)


def _tables(statistics: Statistics, width: int) -> Iterator[RenderableType]:
    """Lay the tables out in two columns, or in one where two do not fit."""
    tables = (_outcomes(statistics), _durations(statistics), _people(statistics), _quality(statistics))
    across = 2 if width >= _TWO_COLUMNS else 1
    for start in range(0, len(tables), across):
        if start:
            yield Text()
        row = Table.grid(padding=(0, 3, 0, 0))
        for _ in range(across):
            row.add_column(width=(width - 3) // across)
        row.add_row(*tables[start : start + across])
        yield row


def _block(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a small table: labels on the left, figures on the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, expand=True, padding=(0, 1, 0, 0))
    table.show_header = any(columns)
    table.add_column("", ratio=1, no_wrap=True)
    for name in columns:
        table.add_column(Text(name, style="dim"), justify="right", no_wrap=True)
    for label, *figures in rows:
        table.add_row(Text(label), *(Text(figure) for figure in figures))
    return table


def _outcomes(statistics: Statistics) -> Table:
    rows: list[tuple[str, str, str]] = []
    for name, title in _OUTCOMES.items():
        count = statistics.outcomes[name]
        rows.append((title, grouped(count), percent(count / statistics.turns)))
        if name == "refused":
            rows += [
                (f"  {_REASONS[reason]}", grouped(amount), percent(amount / statistics.turns))
                for reason, amount in statistics.reasons.items()
                if amount
            ]
    return _block("Чем кончилось", ("", ""), rows)


def _durations(statistics: Statistics) -> Table:
    durations = statistics.durations_ms
    named: tuple[tuple[str, Quantiles], ...] = (
        ("весь ответ", durations.total),
        ("поиск", durations.retrieve),
        ("первое слово", durations.first_token),
        ("генерация", durations.generate),
    )
    rows = [
        (
            title,
            milliseconds(times.p50),
            milliseconds(times.p95),
            milliseconds(times.p99) if title == "весь ответ" else "",
        )
        for title, times in named
        if times.p50 is not None
    ]
    if durations.tokens_per_s is not None:
        rows.append(("токенов/с", grouped(durations.tokens_per_s), "", ""))
    return _block("Укладываются за", ("50 %", "95 %", "99 %"), rows)


def _people(statistics: Statistics) -> Table:
    rows = [("ходов", grouped(statistics.turns))]
    if not statistics.assistant:
        rows += [(f"  {_NAMES[name]}", grouped(count)) for name, count in statistics.by_assistant.items() if count]
    rows += [
        ("людей", grouped(statistics.users)),
        ("разговоров", grouped(statistics.conversations)),
        ("отвечают сейчас", grouped(statistics.open)),
    ]
    return _block("Кто спрашивал", ("",), rows)


def _quality(statistics: Statistics) -> Table:
    good, bad = statistics.ratings.good, statistics.ratings.bad
    rows = [
        ("оценки + и -", f"{grouped(good)} и {grouped(bad)}" if good + bad else ABSENT),
        ("оценка лучшей записи", decimal(statistics.top_score)),
        ("упрощённых ответов", grouped(statistics.degraded)),
        ("остановлено человеком", grouped(statistics.stopped)),
    ]
    return _block("Качество", ("",), rows)


def _drift(drift: Drift) -> Iterator[Text]:
    """Tell in words how this week differs."""
    title = "Эта неделя и прошлая"
    if drift.reference_since and (drift.since - drift.reference_since).days > 7:
        title = f"Эта неделя и неделя с {moment(drift.reference_since)[:10]}"
    yield Text(title, style="bold")
    if drift.note:
        yield Text(drift.note)
        return
    changed = [shift for shift in drift.shifts if shift.level in {"moderate", "strong"}]
    for shift in changed:
        strong = shift.level == "strong"
        yield _hanging("! " if strong else "~ ", shift.text, "bold yellow" if strong else "yellow")
    for shift in drift.shifts:
        if shift.level is None:
            yield _hanging("", shift.text)
    if not changed:
        yield Text("Заметных изменений нет.")


def _export(backlog: Backlog) -> Iterator[Text]:
    """Tell what waits for MLflow."""
    yield Text()
    yield Text("Выгрузка в MLflow", style="bold")
    waiting = "очередь пуста"
    if backlog.waiting:
        waiting = f"в очереди {plural(backlog.waiting, _ROWS)}"
        if backlog.oldest_age_s is not None:
            waiting += f", старшая ждёт {duration(backlog.oldest_age_s)}"
    parts = [waiting]
    if backlog.bad:
        parts.append(f"не принято {grouped(backlog.bad)}")
    if backlog.in_files:
        parts.append(f"в файлах вне базы {grouped(backlog.in_files)}")
    yield Text("; ".join(parts).capitalize() + ".")
    if backlog.last_error:
        yield _hanging("Последняя ошибка: ", backlog.last_error)
