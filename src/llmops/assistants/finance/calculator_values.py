"""What a calculator is made of: slots to fill, the values found, and the wording that all answers share.

Knows no particular calculator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from llmops.language.numbers import money_text, number_text, plural

SlotKind = Literal["money", "percent", "months", "term", "days", "power", "count", "tariff", "year", "word"]
Period = Literal["", "once", "monthly", "per_month", "per_year", "rate_year", "rate_day"]

MONTHS = ("месяц", "месяца", "месяцев")
DAYS = ("день", "дня", "дней")
YEARS = ("год", "года", "лет")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Slot:
    """One number, or one choice in words, that a calculator needs.

    Args:
        question: How it is asked for.
        before: What stands in front of the number, a regular expression; for a `word` slot what the text must say.
        after: What stands behind it.
        period: `once` refuses «в месяц», `monthly` wants it, `per_month`, `per_year`, `rate_year` convert to it.
        cued: Filled only where `before` or `after` is said.
        optional: Never asked for.
        unless: Not asked for when the slot of this name is filled.
    """

    name: str
    kind: SlotKind
    question: str = ""
    before: str = ""
    after: str = ""
    period: Period = ""
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(10) ** 13
    cued: bool = False
    optional: bool = False
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Values:
    """What was found: numbers by slot, and the folded text for what is said in words."""

    text: str
    numbers: Mapping[str, Decimal]

    def __getitem__(self, name: str) -> Decimal:
        return self.numbers[name]

    def __contains__(self, name: str) -> bool:
        return name in self.numbers

    def get(self, name: str, default: Decimal | int = 0) -> Decimal:
        return self.numbers.get(name, Decimal(default))

    def whole(self, name: str, default: int = 0) -> int:
        """Return a count or a term as a whole number, at least one."""
        return max(1, int(self.get(name, default).to_integral_value("ROUND_HALF_UP")))

    def says(self, pattern: str) -> bool:
        return re.search(pattern, self.text) is not None


@dataclass(frozen=True, slots=True)
class Calculator:
    """A row of the catalogue.

    Args:
        subject: What the text must be about, a regular expression over folded text.
        unlike: What makes it about something else.
    """

    name: str
    title: str
    example: str
    reference: str
    subject: str
    slots: tuple[Slot, ...]
    answer: Callable[[Values], str]
    unlike: str = r"(?!)"


def term(months: Decimal | int) -> str:
    """Return a term as people say it: 7 месяцев, 3 года, 1 год и 6 месяцев."""
    whole = Decimal(months)
    years, rest = divmod(whole, 12)
    if years == 0:
        return plural(whole, MONTHS)
    return plural(years, YEARS) + (f" и {plural(rest, MONTHS)}" if rest else "")


def percent(value: Decimal) -> str:
    """Return a rate without needless zeros: 18,5 %."""
    return f"{number_text(value.normalize())} %"


def money(value: Decimal) -> str:
    """Return a sum in roubles."""
    return money_text(value)


def factor(value: Decimal) -> str:
    """Return a number of a formula, rounded to six digits behind the comma."""
    return number_text(round(value, 6).normalize()) if abs(value) < 10**15 else number_text(value.to_integral_value())


def share(value: Decimal) -> str:
    """Return a percent as a factor: 18 % is 0,18."""
    return factor(value / _HUNDRED)


def answer(*parts: str) -> str:
    """Join the lines of an answer, leaving empty ones out."""
    return "\n".join(part for part in parts if part)
