"""`llmops feedback export`: rated turns → rows that `prepare-data` learns from."""

from __future__ import annotations

import os
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli.monitor import Who, parse_period
from llmops.cli.output import Output
from llmops.errors import StorageError
from llmops.language.numbers import plural

if TYPE_CHECKING:
    from llmops.settings import Settings
    from llmops.tracking.ratings import Ratings

HELP = "Оценки ответов."
EXPORT_HELP = "Выгрузить оценённые ответы: каждая строка - вопрос, ответ и оценка в JSON."
_RATINGS = ("оценка", "оценки", "оценок")


class Rated(StrEnum):
    """Which ratings are wanted."""

    good = "+"
    bad = "-"
    all = "all"


_SIGNS = {Rated.good: 1, Rated.bad: -1, Rated.all: 0}


def export(
    out: Annotated[Path | None, typer.Option(help="Файл; без него - в stdout.")] = None,
    assistant: Annotated[Who, typer.Option(help="Чьи ответы.")] = Who.finance,
    since: Annotated[str, typer.Option(metavar="СРОК", help="За какое время: 24h, 30d, all или дата.")] = "all",
    rating: Annotated[Rated, typer.Option(help="Какие оценки.")] = Rated.all,
) -> None:
    """Write the rows, then say on stderr what they are."""
    from llmops.settings import load_settings

    output, settings = Output(), load_settings()
    ratings = _read(settings, since, assistant.value, _SIGNS[rating])
    lines = [turn.model_dump_json(exclude_none=True) for turn in ratings.turns]
    if out is None:
        for line in lines:
            output.data(line)
    else:
        _write(out, lines)
    filtered = since != "all" or rating is not Rated.all
    for sentence in (*_summary(ratings, out, filtered=filtered), *_in_files(settings)):
        output.note(sentence)


def _read(settings: Settings, since: str, assistant: str, sign: int) -> Ratings:
    import time

    from llmops import wiring
    from llmops.tracking.ratings import rated_turns

    now = time.time()
    moment = parse_period(since, now).since(now)
    with wiring.monitor_outbox(settings) as outbox:
        return rated_turns(outbox, since=moment, assistant=assistant, rating=sign)


def _write(out: Path, lines: list[str]) -> None:
    """Write a file whole: beside its place, then renamed; the texts are people's, so it is the owner's alone."""
    fresh = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(line + "\n" for line in lines)
        fresh.replace(out)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise StorageError(
            f"Не удалось записать {out}: {error.strerror or error}.", hint="Укажите другой файл в --out."
        ) from error


def _summary(ratings: Ratings, out: Path | None, *, filtered: bool) -> list[str]:
    """Return what was exported, what was left out and why, and what to do next."""
    good = sum(turn.rating > 0 for turn in ratings.turns)
    bad = len(ratings.turns) - good
    sentences = [_exported(good, bad)] if ratings.turns else [_nothing(ratings, filtered=filtered)]
    if reasons := _left_out(ratings):
        sentences.append(f"Пропущено: {', '.join(reasons)}.")
    if out is not None and ratings.turns:
        sentences.append(f"Записано в {out}. Если файл лежит в папке с исходными данными, дальше:")
        whose = ratings.turns[0].assistant
        sentences.append(f"  llmops prepare-data {whose} && llmops build-index {whose}")
    return sentences


def _exported(good: int, bad: int) -> str:
    count = plural(good + bad, _RATINGS)
    verb = {"оценка": "Выгружена", "оценки": "Выгружены"}.get(count.split()[-1], "Выгружено")
    goods = plural(good, ("хорошая", "хорошие", "хороших"))
    bads = plural(bad, ("плохая", "плохие", "плохих"))
    return f"{verb} {count}: {goods}, {bads}."


def _nothing(ratings: Ratings, *, filtered: bool) -> str:
    if _left_out(ratings):
        return "Выгружать нечего: тексты оценённых ответов не сохранены."
    what = "Таких оценок нет." if filtered else "Оценок пока нет."
    return f"{what} Чтобы оценить ответ, наберите в диалоге (llmops chat finance): /rate + или /rate - и почему."


def _in_files(settings: Settings) -> list[str]:
    """Say that some ratings may wait beside the database, where they fell when it could not be written."""
    from llmops import wiring

    count = len(wiring.fallback(settings).paths())
    rows = plural(count, ("запись ждёт", "записи ждут", "записей ждут"))
    return [f"Ещё {rows} в файлах вне базы; их перенесёт llmops track export."] if count else []


def _left_out(ratings: Ratings) -> list[str]:
    named = (
        (ratings.private, "из приватных разговоров"),
        (ratings.without_texts, "к ответам, тексты которых не сохранялись"),
        (ratings.without_turns, "к ответам, которых уже нет"),
    )
    return [f"{plural(count, _RATINGS)} {why}" for count, why in named if count]
