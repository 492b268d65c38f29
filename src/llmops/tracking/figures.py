"""How figures are written for people: decimal comma, grouped thousands, units.

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


def moment(value: datetime) -> str:
    """Return a date and a time of the local clock."""
    return value.astimezone().strftime("%d.%m.%Y %H:%M")
