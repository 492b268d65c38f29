"""The figures of a period: turns and how they ended, durations, ratings, what waits for export.

Whole hours are read from the outbox's counts; a first hour that the period holds in part is summed from its rows,
which keep what each of them had counted. Knows no texts and no terminal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import get_args

from llmops.schemas import AssistantName, Value
from llmops.store.outbox import Outbox
from llmops.tracking.measures import INTERRUPTED, bucket_ms

HOUR_S = 3600
MOST_BINS = 168
BIN_HOURS = (1, 2, 3, 6, 12, 24, 7 * 24, 28 * 24, 364 * 24)
ASSISTANTS: tuple[str, ...] = get_args(AssistantName)
OUTCOMES = ("answered", "refused", "clarify", "error", INTERRUPTED)
REASONS = ("out_of_scope", "policy", "low_confidence")
_SUMMED = (
    "outcome", "reason", "stopped", "degraded", "total_ms", "retrieve_ms", "first_token_ms", "generate_ms", "tokens",
    "generate_s", "score", "score_sum", "rating",
)  # fmt: skip
_Tally = dict[str, dict[str, float]]


class Quantiles(Value):
    """Milliseconds below which this share of the turns lies, within 2 %; None where nothing was measured."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class Durations(Value):
    """How long the steps of an answer took.

    Args:
        tokens_per_s: Tokens generated per second of generation.
    """

    total: Quantiles = Quantiles()
    retrieve: Quantiles = Quantiles()
    first_token: Quantiles = Quantiles()
    generate: Quantiles = Quantiles()
    tokens_per_s: float | None = None


class Ratings(Value):
    """How many ratings of each kind people gave in the period."""

    good: int = 0
    bad: int = 0


class Backlog(Value):
    """What waits to be carried to MLflow, of all assistants and of any age.

    Args:
        bad: Rows that MLflow did not take and that were set aside.
        in_files: Rows that the database did not take and that lie in files.
        oldest_age_s: Seconds since the oldest waiting row; None when none waits.
    """

    waiting: int = 0
    bad: int = 0
    in_files: int = 0
    oldest_age_s: float | None = None
    last_error: str = ""


class Bin(Value):
    """Turns of one stretch of the timeline."""

    start: datetime
    turns: int


class Statistics(Value):
    """The figures of a period; shares and means are None where there is nothing to divide by.

    Args:
        since: None when the period is everything.
        open: Turns that are being answered now, or whose process died.
        last_turn_hour: The hour of the latest turn, of this period or before it.
        bin_hours: How many hours a bin of the timeline holds.
    """

    since: datetime | None
    until: datetime
    assistant: AssistantName | None = None
    turns: int
    users: int
    conversations: int
    open: int
    outcomes: dict[str, int]
    reasons: dict[str, int]
    errors: int
    error_share: float | None
    refusal_share: float | None
    interrupted_share: float | None
    degraded: int
    stopped: int
    durations_ms: Durations
    top_score: float | None
    ratings: Ratings
    backlog: Backlog
    by_assistant: dict[str, int]
    last_turn_hour: datetime | None
    bin_hours: int
    timeline: tuple[Bin, ...]


def gather(
    outbox: Outbox, fallback_waiting: int, *, since: float, now: float, assistant: AssistantName | None = None
) -> Statistics:
    """Return the figures from a moment on.

    Turns of a later time than `now` are part of the period: a clock that was set back hides nothing.

    Args:
        fallback_waiting: How many rows lie in files because the database did not take them.
        since: Seconds since 1970, UTC; 0 means everything.
        now: Seconds since 1970, UTC.
    """
    names = (assistant,) if assistant else ASSISTANTS
    since = max(since, 0.0)
    first_hour = math.ceil(since / HOUR_S)
    partial = list(outbox.row_counts(since, first_hour * HOUR_S, names))
    own = _tally(count for _, counts in partial for count in counts)
    tally = _tally(outbox.totals(_SUMMED, names, first_hour), own)
    hours = {name: _by_hour(outbox, name, first_hour, partial) for name in names}
    outcomes = {name: round(tally.get("outcome", {}).get(name, 0)) for name in OUTCOMES}
    turns = sum(outcomes.values())
    timeline, bin_hours = _timeline(hours.values(), since, now)
    last = outbox.last_hour("outcome", names)
    return Statistics(
        since=datetime.fromtimestamp(since, UTC) if since else None,
        until=datetime.fromtimestamp(now, UTC),
        assistant=assistant,
        turns=turns,
        users=outbox.distinct("user", names, first_hour, own.get("user", ())),
        conversations=outbox.distinct("conversation", names, first_hour, own.get("conversation", ())),
        open=outbox.open_turns(names),
        outcomes=outcomes,
        reasons={name: round(tally.get("reason", {}).get(name, 0)) for name in REASONS},
        errors=outcomes["error"],
        error_share=_ratio(outcomes["error"], turns),
        refusal_share=_ratio(outcomes["refused"], turns),
        interrupted_share=_ratio(outcomes[INTERRUPTED], turns),
        degraded=round(_sum(tally, "degraded")),
        stopped=round(_sum(tally, "stopped")),
        durations_ms=_durations(tally),
        top_score=_ratio(_sum(tally, "score_sum"), _sum(tally, "score")),
        ratings=Ratings(
            good=round(tally.get("rating", {}).get("+", 0)), bad=round(tally.get("rating", {}).get("-", 0))
        ),
        backlog=_backlog(outbox, fallback_waiting, now),
        by_assistant={name: round(sum(turns_by_hour.values())) for name, turns_by_hour in hours.items()},
        last_turn_hour=None if last is None else datetime.fromtimestamp(last * HOUR_S, UTC),
        bin_hours=bin_hours,
        timeline=timeline,
    )


def _tally(counts: Iterable[tuple[str, str, float]], start: _Tally | None = None) -> _Tally:
    """Sum counts by metric and bucket, on top of others."""
    tally: _Tally = {metric: dict(buckets) for metric, buckets in (start or {}).items()}
    for metric, bucket, amount in counts:
        buckets = tally.setdefault(metric, {})
        buckets[bucket] = buckets.get(bucket, 0) + amount
    return tally


def _by_hour(
    outbox: Outbox, assistant: str, first_hour: int, partial: Iterable[tuple[str, list[tuple[str, str, float]]]]
) -> dict[int, float]:
    """Return an assistant's turns by hour; those of the partial hour stand before the first whole one."""
    hours = outbox.hourly("outcome", assistant, first_hour)
    before = sum(
        amount for name, counts in partial if name == assistant for metric, _, amount in counts if metric == "outcome"
    )
    return {first_hour - 1: before, **hours} if before else hours


def _timeline(hours: Iterable[Mapping[int, float]], since: float, now: float) -> tuple[tuple[Bin, ...], int]:
    """Return the turns by hour, in bins of several hours when there would be too many."""
    last = int(now // HOUR_S)
    turns: dict[int, float] = {}
    for counted in hours:
        for hour, amount in counted.items():
            turns[min(hour, last)] = turns.get(min(hour, last), 0) + amount
    if not turns:
        return (), 1
    first = int(since // HOUR_S) if since else min(turns)
    hours_shown = last - first + 1
    width = next((size for size in BIN_HOURS if hours_shown <= size * MOST_BINS), hours_shown)
    bins = [0.0] * math.ceil(hours_shown / width)
    for hour, amount in turns.items():
        bins[(hour - first) // width] += amount
    return tuple(
        Bin(start=datetime.fromtimestamp((first + index * width) * HOUR_S, UTC), turns=round(amount))
        for index, amount in enumerate(bins)
    ), width


def _durations(tally: _Tally) -> Durations:
    return Durations(
        total=_quantiles(tally, "total_ms"),
        retrieve=_quantiles(tally, "retrieve_ms"),
        first_token=_quantiles(tally, "first_token_ms"),
        generate=_quantiles(tally, "generate_ms"),
        tokens_per_s=_ratio(_sum(tally, "tokens"), _sum(tally, "generate_s")),
    )


def _quantiles(tally: _Tally, metric: str) -> Quantiles:
    buckets = sorted((int(bucket), amount) for bucket, amount in tally.get(metric, {}).items() if amount > 0)
    total = sum(amount for _, amount in buckets)
    if not total:
        return Quantiles()
    return Quantiles(**{f"p{round(share * 100)}": _at(buckets, share * total) for share in (0.5, 0.95, 0.99)})


def _at(buckets: Iterable[tuple[int, float]], rank: float) -> float:
    """Return the middle of the bucket that holds the value of this rank."""
    seen, found = 0.0, 0
    for bucket, amount in buckets:
        seen, found = seen + amount, bucket
        if seen >= rank:
            break
    return round(bucket_ms(str(found)), 3)


def _sum(tally: _Tally, metric: str) -> float:
    return sum(tally.get(metric, {}).values())


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _backlog(outbox: Outbox, fallback_waiting: int, now: float) -> Backlog:
    status = outbox.status()
    return Backlog(
        waiting=status.waiting,
        bad=status.bad,
        in_files=fallback_waiting,
        oldest_age_s=None if status.oldest_waiting is None else max(0.0, now - status.oldest_waiting),
        last_error=status.last_error,
    )
