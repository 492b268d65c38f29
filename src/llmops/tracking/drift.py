"""Whether this week's questions differ from an earlier week's, and in what, in plain words.

Compared are the length of the questions, their topics, how well the best entry fits, and the share of refusals, by the
population stability index of their counts. Turns are taken as independent of each other. Knows counts; knows no turn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from llmops.language.numbers import plural
from llmops.schemas import AssistantName, Value
from llmops.store.outbox import Outbox
from llmops.tracking.figures import decimal, percent
from llmops.tracking.measures import LENGTHS, SCORE_STEPS
from llmops.tracking.statistics import ASSISTANTS, HOUR_S

WEEK_H = 7 * 24
LEAST_TURNS = 50
_MODERATE, _STRONG = 0.1, 0.25
_RARE = 10
_CRITICAL_Z = 3.09  # one false alarm in a thousand
_NAMED_TOPICS = 2
_NAMED_FROM = 0.02
_TURNS = ("ход", "хода", "ходов")

Measure = Literal["length", "topics", "score", "refusals"]
Level = Literal["none", "moderate", "strong"]
_METRICS: dict[str, Measure] = {"length": "length", "topic": "topics", "score": "score", "outcome": "refusals"}
_UNCHANGED: dict[Measure, str] = {
    "length": "длина вопросов",
    "topics": "темы",
    "score": "уверенность поиска",
    "refusals": "доля отказов",
}
_Bins = Mapping[str, float]


class Shift(Value):
    """How one measure of this week differs from the reference.

    Args:
        psi: Population stability index, less what chance alone brings to samples of this size; None without a verdict.
        level: None where there are too few turns for a verdict.
        text: One sentence in Russian.
    """

    measure: Measure
    psi: float | None = None
    level: Level | None = None
    text: str


class Drift(Value):
    """This week against the reference.

    Args:
        reference_since: Beginning of the reference week; None when there is none.
        note: Why there is no verdict; empty when there is one.
        shifts: Empty without a verdict.
    """

    since: datetime
    turns: int
    reference_since: datetime | None = None
    reference_turns: int = 0
    note: str = ""
    shifts: tuple[Shift, ...] = ()


def compare(
    outbox: Outbox, *, now: float, assistant: AssistantName | None = None, titles: Mapping[str, str] | None = None
) -> Drift:
    """Compare the last 7 days with the 7 before them, or, if those are too empty, with the earliest that are not.

    Args:
        now: Seconds since 1970, UTC.
        titles: What people call a topic, by its id.
    """
    names = (assistant,) if assistant else ASSISTANTS
    week = int(now // HOUR_S) + 1 - WEEK_H
    hours: dict[int, float] = {}
    for name in names:
        for hour, amount in outbox.hourly("outcome", name, 0).items():
            hours[hour] = hours.get(hour, 0) + amount
    turns = round(sum(amount for hour, amount in hours.items() if hour >= week))
    start, reference_turns = _reference(hours, week)
    drift = Drift(since=_moment(week), turns=turns, reference_turns=reference_turns)
    if turns < LEAST_TURNS or reference_turns < LEAST_TURNS:
        return drift.model_copy(update={"note": _too_few(turns, reference_turns)})
    reference = _bins(outbox, names, start, start + WEEK_H)
    current = _bins(outbox, names, week)
    shifts = tuple(
        _shift(measure, reference.get(metric, {}), current.get(metric, {}), titles or {})
        for metric, measure in _METRICS.items()
    )
    return drift.model_copy(update={"reference_since": _moment(start), "shifts": shifts})


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(max(hour, 0) * HOUR_S, UTC)


def _reference(hours: Mapping[int, float], week: int) -> tuple[int, int]:
    """Return the first hour and the turns of the week to compare with."""
    before = week - WEEK_H
    latest = round(sum(amount for hour, amount in hours.items() if before <= hour < week))
    if latest >= LEAST_TURNS or not hours:
        return before, latest
    first = min(hours)
    within = sum(hours.get(hour, 0) for hour in range(first, first + WEEK_H))
    for start in range(first, before):
        if within >= LEAST_TURNS:
            return start, round(within)
        within += hours.get(start + WEEK_H, 0) - hours.get(start, 0)
    return before, latest


def _too_few(turns: int, reference_turns: int) -> str:
    if turns < LEAST_TURNS:
        what = f"за последние 7 дней {plural(turns, _TURNS)}"
    else:
        what = f"за неделю до этой {plural(reference_turns, _TURNS)}"
    return f"Сравнивать недели рано: {what}, нужно хотя бы {LEAST_TURNS}."


def _bins(
    outbox: Outbox, names: Sequence[str], first_hour: int, last_hour: int = 1 << 40
) -> dict[str, dict[str, float]]:
    """Return the counts of a week by metric and bucket."""
    bins: dict[str, dict[str, float]] = {}
    for metric, bucket, amount in outbox.totals(tuple(_METRICS), names, first_hour, last_hour):
        name = bucket if metric != "outcome" else "refused" if bucket == "refused" else "other"
        counted = bins.setdefault(metric, {})
        counted[name] = counted.get(name, 0) + amount
    return bins


def _shift(measure: Measure, reference: _Bins, current: _Bins, titles: Mapping[str, str]) -> Shift:
    if min(sum(reference.values()), sum(current.values())) < LEAST_TURNS:
        return Shift(measure=measure, text=f"Мало данных: {_UNCHANGED[measure]}.")
    psi, level = judge(reference, current)
    if level == "none":
        return Shift(measure=measure, psi=psi, level=level, text=f"Без заметных изменений: {_UNCHANGED[measure]}.")
    explain: dict[Measure, Callable[[_Bins, _Bins], str]] = {
        "length": _lengths,
        "topics": lambda before, after: _topics(before, after, titles),
        "score": _scores,
        "refusals": _refusals,
    }
    return Shift(measure=measure, psi=psi, level=level, text=explain[measure](reference, current))


def judge(reference: _Bins, current: _Bins) -> tuple[float, Level]:
    """Return the population stability index of two samples, corrected for their size, and what it means.

    PSI = Σ (q - p) ln(q / p) with the usual bounds 0.1 and 0.25 (Siddiqi, «Credit Risk Scorecards», 2006, ch. 10); half
    a turn is added to every bin, so that an empty one does not make it infinite. Without any change PSI is distributed
    as (1/n₁ + 1/n₂) χ² with bins - 1 degrees of freedom (Yurdakul, «Statistical Properties of Population Stability
    Index», 2018): with 60 turns a week and 8 bins it is 0.23 on average and would alarm nearly always. Hence, first,
    bins with fewer than ten turns of both weeks are joined, because for them the distribution does not hold; second,
    an index below the 99.9 % point of that distribution is no change; third, its mean is taken off before the bounds
    are applied.
    """
    before, after = _joined(reference, current)
    n_before, n_after = sum(before), sum(after)
    bins = len(before)
    index = sum((q - p) * math.log(q / p) for p, q in zip(_smoothed(before), _smoothed(after), strict=True))
    noise = 1 / n_before + 1 / n_after
    corrected = round(max(0.0, index - (bins - 1) * noise), 4)
    if bins < 2 or index <= _chi_square(bins - 1) * noise or corrected < _MODERATE:
        return corrected, "none"
    return corrected, "strong" if corrected >= _STRONG else "moderate"


def _joined(reference: _Bins, current: _Bins) -> tuple[list[float], list[float]]:
    """Return the bins of both samples in one order; the rare ones are one bin, with the next larger if need be."""
    names = sorted({*reference, *current})
    pairs = [(max(reference.get(name, 0), 0.0), max(current.get(name, 0), 0.0)) for name in names]
    pairs.sort(key=sum)
    rest = (0.0, 0.0)
    while pairs and (sum(pairs[0]) < _RARE or 0 < sum(rest) < _RARE):
        first = pairs.pop(0)
        rest = (rest[0] + first[0], rest[1] + first[1])
    if sum(rest):
        pairs.append(rest)
    return [before for before, _ in pairs], [after for _, after in pairs]


def _smoothed(bins: Sequence[float]) -> list[float]:
    total = sum(bins) + len(bins) / 2
    return [(amount + 0.5) / total for amount in bins]


def _chi_square(freedom: int) -> float:
    """Return the 99.9 % point of χ² (Wilson and Hilferty, PNAS 17, 1931)."""
    part = 2 / (9 * freedom)
    return freedom * (1 - part + _CRITICAL_Z * math.sqrt(part)) ** 3


def _lengths(reference: _Bins, current: _Bins) -> str:
    limits = [str(limit) for limit in LENGTHS]
    position, before, after = _widest([*limits, "more"], reference, current)
    word = "длиннее" if after > before else "короче"
    return f"Вопросы стали {word}: доля длиннее {limits[position]} знаков {percent(after)} против {percent(before)}."


def _scores(reference: _Bins, current: _Bins) -> str:
    position, above_before, above_after = _widest([str(step) for step in range(SCORE_STEPS)], reference, current)
    word = "хуже" if above_after < above_before else "лучше"
    step = decimal((position + 1) / SCORE_STEPS).removesuffix("0")
    return (
        f"Записи базы подходят {word}: оценка ниже {step} у {percent(1 - above_after)} вопросов"
        f" против {percent(1 - above_before)}."
    )


def _widest(order: Sequence[str], reference: _Bins, current: _Bins) -> tuple[int, float, float]:
    """Return after which bin the shares of the larger ones differ most, and these shares."""
    n_before, n_after = sum(reference.values()), sum(current.values())
    found, above_before, above_after = (0, 0.0, 0.0), 1.0, 1.0
    for position, name in enumerate(order[:-1]):
        above_before -= reference.get(name, 0) / n_before
        above_after -= current.get(name, 0) / n_after
        if abs(above_after - above_before) > abs(found[2] - found[1]):
            found = (position, max(above_before, 0.0), max(above_after, 0.0))
    return found


def _topics(reference: _Bins, current: _Bins, titles: Mapping[str, str]) -> str:
    n_before, n_after = sum(reference.values()), sum(current.values())
    changes = [
        (current.get(name, 0) / n_after, reference.get(name, 0) / n_before, titles.get(name, name))
        for name in sorted({*reference, *current})
    ]
    changes.sort(key=lambda change: change[1] - change[0])
    more = [change for change in changes[:_NAMED_TOPICS] if change[0] - change[1] >= _NAMED_FROM]
    less = [change for change in reversed(changes[-_NAMED_TOPICS:]) if change[1] - change[0] >= _NAMED_FROM]
    named = [
        f"{word}: "
        + ", ".join(f"«{title}» ({percent(after)} против {percent(before)})" for after, before, title in some)
        for word, some in (("чаще", more), ("реже", less))
        if some
    ]
    return f"Спрашивают {'; '.join(named)}." if named else "Темы сместились понемногу во многих областях."


def _refusals(reference: _Bins, current: _Bins) -> str:
    before, after = (bins.get("refused", 0) / sum(bins.values()) for bins in (reference, current))
    word = "больше" if after > before else "меньше"
    return f"Отказов стало {word}: {percent(after)} против {percent(before)}."
