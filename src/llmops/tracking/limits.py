"""What is still normal: limits of the figures, and sentences about those that are broken.

Knows the figures; knows no terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field, ValidationError

from llmops.errors import ConfigError
from llmops.schemas import Value
from llmops.tracking.drift import Drift
from llmops.tracking.figures import duration, grouped, milliseconds, percent
from llmops.tracking.statistics import Statistics

LEAST_TURNS = 20
LEAST_RATINGS = 10
_SHARES = ("errors", "refusals", "bad_ratings", "interrupted")


class Limits(Value):
    """The largest values that are normal.

    Args:
        errors: Share of turns, as `refusals` and `interrupted`; judged from 20 turns on.
        p95_ms: Milliseconds of a whole answer.
        bad_ratings: Share of the ratings; judged from 10 ratings on.
        backlog_age_min: Minutes that the oldest row has waited for export.
        bad_rows: Rows that were set aside.
    """

    errors: float = Field(default=0.05, ge=0, le=1)
    refusals: float = Field(default=0.5, ge=0, le=1)
    p95_ms: float = Field(default=5000, ge=0, allow_inf_nan=False)
    bad_ratings: float = Field(default=0.5, ge=0, le=1)
    backlog_age_min: float = Field(default=60, ge=0, allow_inf_nan=False)
    bad_rows: float = Field(default=0, ge=0, allow_inf_nan=False)
    interrupted: float = Field(default=0.1, ge=0, le=1)


class Breach(Value):
    """A figure above its limit."""

    name: str
    value: float
    limit: float
    text: str


class Overview(Value):
    """Everything `llmops monitor --json` prints."""

    statistics: Statistics
    drift: Drift
    breaches: tuple[Breach, ...]


def parse_limits(texts: Sequence[str]) -> Limits:
    """Return the limits with some of them given as «name=value».

    Raises:
        ConfigError: An unknown name or a value that cannot be one.
    """
    given: dict[str, float] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name.strip() not in Limits.model_fields:
            raise _wrong(text, "такого предела нет")
        try:
            given[name.strip()] = float(value.strip().replace(",", "."))
        except ValueError as error:
            raise _wrong(text, "нужно число") from error
        try:
            Limits(**given)
        except ValidationError as error:
            raise _wrong(
                text, "нужна доля от 0 до 1" if name.strip() in _SHARES else "нужно число не меньше нуля"
            ) from error
    return Limits(**given)


def _wrong(text: str, what: str) -> ConfigError:
    known = ", ".join(f"{name}={value:g}" for name, value in Limits().model_dump().items())
    return ConfigError(f"--limit {text}: {what}.", hint=f"Пределы и их обычные значения: {known}.")


def check(statistics: Statistics, limits: Limits) -> tuple[Breach, ...]:
    """Return the figures that are above their limits; those without enough data are not judged."""
    return (*_shares(statistics, limits), *_speed(statistics, limits), *_export(statistics, limits))


def _shares(statistics: Statistics, limits: Limits) -> Iterator[Breach]:
    if statistics.turns >= LEAST_TURNS:
        for name, title, share, limit in (
            ("errors", "Ошибок", statistics.error_share, limits.errors),
            ("refusals", "Отказов", statistics.refusal_share, limits.refusals),
            ("interrupted", "Оборванных ответов", statistics.interrupted_share, limits.interrupted),
        ):
            if share is not None and share > limit:
                text = f"{title} {percent(share)} при пределе {percent(limit)}."
                yield Breach(name=name, value=share, limit=limit, text=text)
    ratings, limit = statistics.ratings, limits.bad_ratings
    total = ratings.good + ratings.bad
    if total >= LEAST_RATINGS and ratings.bad / total > limit:
        share = ratings.bad / total
        text = f"Плохих оценок {percent(share)} ({ratings.bad} из {total}) при пределе {percent(limit)}."
        yield Breach(name="bad_ratings", value=share, limit=limit, text=text)


def _speed(statistics: Statistics, limits: Limits) -> Iterator[Breach]:
    p95, limit = statistics.durations_ms.total.p95, limits.p95_ms
    if p95 is not None and p95 > limit:
        text = f"Ответы медленные: каждый двадцатый дольше {milliseconds(p95)} при пределе {milliseconds(limit)}."
        yield Breach(name="p95_ms", value=p95, limit=limit, text=text)


def _export(statistics: Statistics, limits: Limits) -> Iterator[Breach]:
    backlog = statistics.backlog
    minutes, limit = (backlog.oldest_age_s or 0.0) / 60, limits.backlog_age_min
    if minutes > limit:
        waits, allowed = duration(minutes * 60), duration(limit * 60)
        text = f"Выгрузка в MLflow отстаёт: старшая запись ждёт {waits} при пределе {allowed}."
        yield Breach(name="backlog_age_min", value=minutes, limit=limit, text=text)
    if backlog.bad > limits.bad_rows:
        text = f"Не принятых MLflow записей {grouped(backlog.bad)} при пределе {limits.bad_rows:g}."
        yield Breach(name="bad_rows", value=backlog.bad, limit=limits.bad_rows, text=text)
