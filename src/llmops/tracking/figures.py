"""How figures are written for people: decimal comma, grouped thousands, units, Russian plurals.

Pure functions of numbers; knows nothing of what the numbers mean.
"""

from __future__ import annotations

import math
from datetime import datetime

ABSENT = "-"
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def grouped(value: float, decimals: int = 0) -> str:
    """Return a number with a decimal comma and its thousands apart: «12 345,6»."""
    return f"{value:,.{decimals}f}".replace(",", " ").replace(".", ",")


def percent(share: float | None) -> str:
    """Return a share as per cent; small ones keep a decimal."""
    if share is None:
        return ABSENT
    value = share * 100
    if 0 < value < 0.1:
        return "<0,1 %"
    text = f"{value:.1f}" if value < 10 else f"{value:.0f}"
    return text.removesuffix(".0").replace(".", ",") + " %"


def decimal(value: float | None) -> str:
    """Return a likeness or another small number with two decimals."""
    return ABSENT if value is None else f"{value:.2f}".replace(".", ",")


def milliseconds(value: float | None) -> str:
    """Return a duration of an answer in milliseconds, from a second on in seconds; three digits at most."""
    if value is None:
        return ABSENT
    if value < 999.5:
        return f"{_three_digits(value)} мс"
    return f"{_three_digits(value / 1000)} с"


def _three_digits(value: float) -> str:
    decimals = 2 if value < 0.995 else 1 if value < 9.95 else 0
    text = grouped(value, decimals)
    return text.rstrip("0").removesuffix(",") if decimals else text


def duration(seconds: float) -> str:
    """Return a waiting time in its two largest units: «2 ч 5 мин»."""
    whole = math.floor(seconds)
    for size, name, smaller, smaller_name in (
        (_DAY_S, "д", _HOUR_S, "ч"),
        (_HOUR_S, "ч", _MINUTE_S, "мин"),
    ):
        if whole >= size:
            rest = whole % size // smaller
            return f"{grouped(whole // size)} {name}" + (f" {rest} {smaller_name}" if rest else "")
    return f"{whole // _MINUTE_S} мин" if whole >= _MINUTE_S else f"{whole} с"


def plural(count: int, one: str, few: str, many: str) -> str:
    """Return a count with the right form of its noun: 1 ход, 2 хода, 5 ходов."""
    tens, units = count % 100, count % 10
    if units == 1 and tens != 11:
        form = one
    elif 2 <= units <= 4 and not 12 <= tens <= 14:
        form = few
    else:
        form = many
    return f"{grouped(count)} {form}"


def moment(value: datetime) -> str:
    """Return a date and a time of the local clock."""
    return value.astimezone().strftime("%d.%m.%Y %H:%M")
