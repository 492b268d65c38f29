"""Giving the quantities of a text to the slots of a calculator.

Knows what numbers mean by the words around them; knows no particular calculator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from llmops.assistants.finance.calculator_values import Calculator, Period, Slot, Values
from llmops.language.numbers import Kind, Quantity, read_quantities

_NEGATIVE = re.compile(r"(?:^|\s)-$|минус\s$")
_YEAR_BEFORE = re.compile(r"(?:за|в|с|до|на|от|к)\s+$")
_NOT_NUMBER = re.compile(r"^[- ]?(?:ндфл|фз)|^-(?:й|го|м|му|х|ый|ой)\b")
_LAW_BEFORE = re.compile(r"(?:\bст\.?|стать[яие]|форма|№|\bп\.|пункт|закон\w*)\s*$")
_CODE_BEFORE = re.compile(r"(?:\bкнд|\bкбк|\bинн|\bкод|\bномер|\bснилс|\bтелефон)\s*$")
_SHORTENED = re.compile(r"(?:\bза|получаю|доход\w*|зарплат\w*|купил\w*|продал\w*|плачу)\s+$")
_MONTH_BEFORE = re.compile(
    r"(?:ежемесячно|каждый месяц|в месяц|откладыва\w*|вносить|(?:класть|кладу) по|пополн\w+|докладыва\w*)"
    r"(?: \w+){0,2}\W*(?:по )?$"
)
_YEAR_SUM_BEFORE = re.compile(r"(?:ежегодно|каждый год|в год)(?: \w+)?\W*(?:по )?$")
_KINDS: dict[str, tuple[Kind, ...]] = {
    "money": ("money",),
    "percent": ("percent",),
    "months": ("months",),
    "term": ("months", "days"),
    "days": ("days", "months"),
    "power": ("power",),
    "count": ("count",),
    "tariff": ("money", "percent", "plain"),
}
_LEAST = {"money": Decimal(1000), "power": Decimal(10), "count": Decimal(1)}
_MOST = {"power": Decimal(2000), "count": Decimal(20)}
_LEAST_CUED = {"money": Decimal(100)}
_SPAN, _YEAR_SPAN = (1990, 2100), (2015, 2035)


@dataclass(frozen=True, slots=True)
class Seen:
    """A quantity with the words around it, up to the neighbouring quantities."""

    quantity: Quantity
    before: str
    after: str
    per: str


def look(folded: str) -> tuple[list[Seen], Decimal | None]:
    """Return the quantities with their surroundings, calendar years and numbers of laws left out, and the last year."""
    found, year = [], None
    quantities = read_quantities(folded)
    for number, quantity in enumerate(quantities):
        before = folded[quantities[number - 1].end if number else 0 : quantity.start][-60:]
        after = folded[quantity.end : quantities[number + 1].start if number + 1 < len(quantities) else None][:40]
        calendar = _calendar(quantity, before)
        if calendar is not None:
            year = calendar
        elif not _is_label(quantity, before, after):
            value = -quantity.value if _NEGATIVE.search(before) else quantity.value
            found.append(Seen(replace(quantity, value=value), before, after, _per(quantity, before)))
    sums = [one.quantity.value for one in found if one.quantity.kind == "money" and one.quantity.value >= 1000]
    return [_whole(one, sums) for one in found], year


def _calendar(quantity: Quantity, before: str) -> Decimal | None:
    """Return the year that «2026 год» or «в 2026» stands for."""
    year = quantity.value / 12 if quantity.kind == "months" else quantity.value
    low, high = _SPAN if quantity.kind == "months" or _YEAR_BEFORE.search(before) else _YEAR_SPAN
    fits = quantity.kind in ("months", "plain") and low <= year <= high and year == year.to_integral_value()
    return year if fits else None


def _is_label(quantity: Quantity, before: str, after: str) -> bool:
    """Tell whether a number only names a law or a form: 422-ФЗ, 3-НДФЛ, ст. 219."""
    small = quantity.kind == "plain" and quantity.value < 1000
    return bool(_CODE_BEFORE.search(before) or (small and (_NOT_NUMBER.search(after) or _LAW_BEFORE.search(before))))


def _whole(seen: Seen, sums: list[Decimal]) -> Seen:
    """Return «купил за 700» as 700 000 where the text speaks of thousands, «за 4» as 4 000 000 of millions."""
    quantity = seen.quantity
    if quantity.kind != "plain" or not 0 < quantity.value < 1000 or not sums or not _SHORTENED.search(seen.before):
        return seen
    scale = 1_000_000 if max(sums) >= 1_000_000 and quantity.value < 100 else 1000
    return replace(seen, quantity=replace(quantity, value=quantity.value * scale, kind="money"))


def _per(quantity: Quantity, before: str) -> str:
    if quantity.per or quantity.kind not in ("money", "plain"):
        return quantity.per
    return "month" if _MONTH_BEFORE.search(before) else "year" if _YEAR_SUM_BEFORE.search(before) else ""


def filled(calculator: Calculator, folded: str, seen: list[Seen], year: Decimal | None, *, loose: bool) -> Values:
    """Give quantities to slots: first where words point at a slot, then by kind, then bare numbers in order."""
    numbers: dict[str, Decimal] = {}
    left = list(seen)
    for stage in ("cue", "kind", "plain"):
        for slot in calculator.slots:
            if slot.name not in numbers and not (slot.cued and stage != "cue"):
                _take(slot, left, numbers, stage, loose=loose)
    for slot in calculator.slots:
        if slot.kind == "word" and re.search(slot.before, folded):
            numbers[slot.name] = Decimal(1)
        elif slot.kind == "year" and year is not None:
            numbers[slot.name] = year
    return Values(folded, numbers)


def _take(slot: Slot, left: list[Seen], numbers: dict[str, Decimal], stage: str, *, loose: bool) -> None:
    for seen in left:
        cued = _cued(slot, seen)
        value = accepted(slot, seen, cued=cued, bare=stage == "plain", loose=loose)
        stray = slot.optional and slot.kind == "months" and not cued and value is not None and not within(slot, value)
        if value is None or stray or (stage == "cue" and not cued):
            continue
        numbers[slot.name] = value
        if slot.kind == "money" and not slot.period and seen.per in ("month", "year"):
            numbers["monthly" if seen.per == "month" else "yearly"] = Decimal(1)
        left.remove(seen)
        return


def _cued(slot: Slot, seen: Seen) -> bool:
    return bool(
        (slot.before and re.search(slot.before, seen.before)) or (slot.after and re.search(slot.after, seen.after))
    )


def accepted(slot: Slot, seen: Seen, *, cued: bool, bare: bool, loose: bool) -> Decimal | None:
    """Return the value of a quantity in the slot's unit, None when it cannot be this slot's."""
    quantity = seen.quantity
    if slot.kind in ("word", "year"):
        return None
    if quantity.kind not in _KINDS[slot.kind] and not (
        quantity.kind == "plain" and (cued or bare) and _plausible(slot, quantity.value, cued=cued, loose=loose)
    ):
        return None
    if slot.kind in ("money", "percent"):
        return _by_period(slot.period, quantity.value, seen.per, cued=cued)
    return _by_kind(slot, quantity)


def _plausible(slot: Slot, value: Decimal, *, cued: bool, loose: bool) -> bool:
    """Tell whether a number without a unit may be what the slot wants."""
    if loose:
        return True
    if slot.kind in ("months", "term", "days") or (slot.kind == "percent" and not cued):
        return False
    if cued:
        return abs(value) >= _LEAST_CUED.get(slot.kind, 0)
    return _LEAST.get(slot.kind, 0) <= abs(value) <= _MOST.get(slot.kind, abs(value))


def _by_period(period: Period, value: Decimal, per: str, *, cued: bool) -> Decimal | None:
    """Convert a sum or a rate to the slot's period."""
    if period == "once":
        return None if per == "month" else value
    if period == "monthly":
        return value if per == "month" or (cued and not per) else value / 12 if per == "year" else None
    if period == "rate_day":
        return value if per == "day" or (not per and value <= 10) else value / 365 if per == "year" else None
    times = {
        ("per_month", "year"): Decimal(1) / 12,
        ("per_year", "month"): Decimal(12),
        ("rate_year", "month"): Decimal(12),
        ("rate_year", "day"): Decimal(365),
    }
    return value * times.get((period, per), Decimal(1))


def _by_kind(slot: Slot, quantity: Quantity) -> Decimal:
    """Convert a term to the slot's unit."""
    if slot.kind == "days" and quantity.kind == "months":
        years, months = divmod(quantity.value, 12)
        return years * 365 + months * 30
    if slot.kind == "term" and quantity.kind == "days":
        return quantity.value * 12 / 365
    return quantity.value


def within(slot: Slot, value: Decimal) -> bool:
    """Tell whether a value is inside the slot's limits."""
    return slot.low <= value <= slot.high


def missing(calculator: Calculator, values: Values) -> Slot | None:
    """Return the first slot that still has to be asked for."""
    for slot in calculator.slots:
        replaced = any(name in values for name in slot.unless.split())
        if not slot.optional and slot.name not in values and not replaced:
            return slot
    return None
